// Loop: new connections.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "engine/http/answer.h"
#include "engine/http/loop.h"

namespace quell::http {
namespace {

constexpr int kAcceptsATurn = 64;
constexpr DurationMs kAcceptPauseMs = 250;  // when descriptors have run out

std::string IpOf(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof(text));
  } else if (address.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text,
              sizeof(text));
  }
  // A client of IPv4 on a socket of both.
  const std::string ip = text;
  return ip.rfind("::ffff:", 0) == 0 ? ip.substr(7) : ip;
}

}  // namespace

void Loop::Accept() {
  if (tls_ != nullptr) tls_->ReloadIfChanged(now_ms_);
  for (int i = 0; i < kAcceptsATurn; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    const int fd = ::accept4(listen_fd_, reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (errno == EINTR || errno == ECONNABORTED) continue;
      // No descriptor or memory left: the queue would report itself without end. Look again later.
      ++counters_.accept_failures;
      epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, listen_fd_, nullptr);
      accepting_ = false;
      next_sweep_ms_ = std::min(next_sweep_ms_, now_ms_ + kAcceptPauseMs);
      return;
    }
    if (connections_.size() >= options_.connections_max && !MakeRoom()) {
      ++counters_.connections_refused;
      if (tls_ == nullptr) {
        const std::string answer = PlainAnswer(
            503, {{"Retry-After", std::to_string(RetryAfterSeconds("", random_))}}, kProblemType,
            ProblemJson(503, StatusCodeName(503), "too many connections"), true, false);
        [[maybe_unused]] const ssize_t sent =
            ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
      ::close(fd);
      continue;
    }
    Adopt(fd, IpOf(address));
  }
}

// Closes the connection that has been idle longest: whoever holds many without using them loses
// them first, and senders open theirs again.
bool Loop::MakeRoom() {
  Connection* oldest = nullptr;
  for (const auto& [id, c] : connections_) {
    if (!c->Idle()) continue;
    if (oldest == nullptr || c->idle_since_ms < oldest->idle_since_ms ||
        (c->idle_since_ms == oldest->idle_since_ms && c->id < oldest->id)) {
      oldest = c.get();
    }
  }
  if (oldest == nullptr) return false;
  ++counters_.connections_evicted;
  Close(*oldest);
  return true;
}

void Loop::Adopt(int fd, const std::string& peer_ip) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  SSL* ssl = nullptr;
  if (tls_ != nullptr) {
    ssl = tls_->NewSession(fd);
    if (ssl == nullptr) {
      ++counters_.tls_handshakes_failed;
      ::close(fd);
      return;
    }
  }
  const std::uint64_t id = next_id_++;
  auto made = std::make_unique<Connection>(id, fd, ssl, options_.head);
  Connection& c = *made;
  c.peer_ip = peer_ip;
  c.idle_since_ms = now_ms_;
  c.phase = ssl == nullptr ? Phase::kHead : Phase::kHandshake;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = id;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
    ++counters_.accept_failures;
    return;
  }
  connections_.emplace(id, std::move(made));
  ++counters_.connections_total;
  ++counters_.connections_open;
  // Who connects must say something soon; only who has said something may be idle for long.
  SetDeadline(c, options_.head_timeout_ms);
}

}  // namespace quell::http
