#include "engine/http/loop.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "engine/http/answer.h"

namespace quell::http {
namespace {

constexpr int kListenBacklog = 1024;
constexpr int kEventsMax = 256;
constexpr DurationMs kTickMs = 250;  // longest wait while there are connections
constexpr size_t kScratchBytes = 128U << 10U;
constexpr std::uint64_t kListenId = 0;
constexpr std::uint64_t kWakeId = 1;

int OpenListener(const FrontOptions& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(options.port);
  if (getaddrinfo(options.host.empty() ? nullptr : options.host.c_str(), port.c_str(), &hints,
                  &found) != 0) {
    return -1;
  }
  int fd = -1;
  for (const addrinfo* at = found; at != nullptr && fd < 0; at = at->ai_next) {
    fd = ::socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    const int yes = 1;
    const int no = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (at->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    if (::bind(fd, at->ai_addr, at->ai_addrlen) != 0 || ::listen(fd, kListenBacklog) != 0) {
      ::close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(found);
  return fd;
}

int PortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

bool Watch(int epoll_fd, int fd, std::uint64_t id, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Loop::Loop(const FrontOptions& options, Gate& gate, Clock& clock, TlsContext* tls,
           FrontCounters& counters)
    : options_(options),
      gate_(gate),
      clock_(clock),
      tls_(tls),
      counters_(counters),
      random_(options.jitter_seed) {
  scratch_.resize(kScratchBytes);
}

Loop::~Loop() {
  connections_.clear();
  for (const int fd : {listen_fd_, epoll_fd_, wake_fd_}) {
    if (fd >= 0) ::close(fd);
  }
}

Status Loop::Listen() {
  listen_fd_ = OpenListener(options_);
  if (listen_fd_ < 0) {
    return MakeError(ErrorCode::kUnavailable, "cannot listen on " + options_.host + ':' +
                                                  std::to_string(options_.port) +
                                                  ": in use, or not an address of this machine");
  }
  port_ = PortOf(listen_fd_);
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  accepting_ = Watch(epoll_fd_, listen_fd_, kListenId, EPOLLIN);
  if (epoll_fd_ < 0 || wake_fd_ < 0 || !accepting_ ||
      !Watch(epoll_fd_, wake_fd_, kWakeId, EPOLLIN)) {
    return MakeError(ErrorCode::kIo, "epoll: no descriptor left");
  }
  return Ok{};
}

void Loop::Wake() {
  const std::uint64_t one = 1;
  // A full counter means that a wake-up is due anyway.
  [[maybe_unused]] const ssize_t written = ::write(wake_fd_, &one, sizeof(one));
}

void Loop::RequestStop() {
  stop_requested_ = true;
  Wake();
}

int Loop::WaitMs() {
  if (!ready_.empty()) return 0;
  if (connections_.empty() && accepting_) return -1;
  const DurationMs next =
      streams_.empty() ? next_sweep_ms_ : std::min(next_sweep_ms_, next_tell_ms_);
  return static_cast<int>(std::clamp<DurationMs>(next - now_ms_, 1, kTickMs));
}

void Loop::Run(WorkerPool& workers) {
  workers_ = &workers;
  std::array<epoll_event, kEventsMax> events{};
  now_ms_ = clock_.MonotonicMs();
  while (!stopping_ || (!connections_.empty() && now_ms_ < stop_deadline_ms_)) {
    const int count = epoll_wait(epoll_fd_, events.data(), kEventsMax, WaitMs());
    now_ms_ = clock_.MonotonicMs();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      const std::uint64_t id = event.data.u64;  // a copy: the kernel packs the struct
      if (id == kListenId) {
        Accept();
        continue;
      }
      if (id == kWakeId) {
        std::uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t got = ::read(wake_fd_, &ignored, sizeof(ignored));
        continue;
      }
      const auto found = connections_.find(id);
      if (found == connections_.end()) continue;
      Connection& c = *found->second;
      c.readable = c.readable || (event.events & ~EPOLLOUT) != 0;
      c.writable = c.writable || (event.events & EPOLLOUT) != 0;
      c.hung_up = c.hung_up || (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
      Advance(c.id);
    }
    TakeFinished();
    for (size_t turns = ready_.size(); turns > 0; --turns) {
      const std::uint64_t id = ready_.front();
      ready_.pop_front();
      Advance(id);
    }
    if (now_ms_ >= next_sweep_ms_) Sweep();
    if (!streams_.empty() && (now_ms_ >= next_tell_ms_ || board_->revision() != seen_revision_)) {
      TellListeners();
    }
    if (stop_requested_ && !stopping_) BeginStop();
  }
  connections_.clear();
  streams_.clear();
  counters_.connections_open = 0;
  counters_.streams = 0;
  counters_.bytes_in_flight = 0;
}

void Loop::TakeFinished() {
  for (const std::unique_ptr<Task>& task : workers_->TakeFinished()) Finish(*task);
}

void Loop::Finish(Task& task) {
  --counters_.requests_in_flight;
  const auto found = connections_.find(task.connection);
  if (found == connections_.end()) return;  // closed by Stop
  Connection& c = *found->second;
  if (task.kind == Task::Kind::kJudge) {
    c.head = std::move(task.head);
    Apply(c, task.verdict);
  } else {
    Answer(c, std::move(task.answer), task.close);
  }
  Advance(task.connection);
}

void Loop::SetDeadline(Connection& c, DurationMs timeout_ms) {
  c.deadline_ms = timeout_ms == 0 ? 0 : now_ms_ + timeout_ms;
  if (stopping_ && timeout_ms > 0) c.deadline_ms = std::min(c.deadline_ms, stop_deadline_ms_);
  if (timeout_ms > 0) next_sweep_ms_ = std::min(next_sweep_ms_, c.deadline_ms);
}

// Deadlines move with every request; looking again when the earliest one may have passed is
// cheaper than an ordered structure that moves with them.
void Loop::Sweep() {
  next_sweep_ms_ = now_ms_ + kTickMs * 40;
  std::vector<std::uint64_t> late;
  for (const auto& [id, c] : connections_) {
    if (c->deadline_ms == 0) continue;
    if (c->deadline_ms <= now_ms_) {
      late.push_back(id);
    } else {
      next_sweep_ms_ = std::min(next_sweep_ms_, c->deadline_ms);
    }
  }
  for (const std::uint64_t id : late) TimeOut(*connections_.at(id));
  if (!accepting_ && !stopping_) accepting_ = Watch(epoll_fd_, listen_fd_, kListenId, EPOLLIN);
}

void Loop::TimeOut(Connection& c) {
  const auto count = [&](Timeout timeout) { ++counters_.timeouts[static_cast<size_t>(timeout)]; };
  if (!c.out.empty()) {
    count(Timeout::kWrite);
    return Close(c);
  }
  const bool head = c.phase == Phase::kHead && !c.in.empty();
  if (head || c.phase == Phase::kBody || c.phase == Phase::kSkip) {
    count(head ? Timeout::kHead : Timeout::kBody);
    const std::uint64_t id = c.id;
    const ErrorAnswer answer =
        ErrorOn(head ? "" : std::string_view(c.head.path), 408, StatusCodeName(408),
                head ? "the head took too long" : "the body took too long");
    c.unread = true;
    Answer(c, PlainAnswer(408, {}, answer.content_type, answer.body, true, false), true);
    return Advance(id);
  }
  if (c.phase == Phase::kHandshake) {
    count(Timeout::kHandshake);
  } else if (c.phase == Phase::kHead) {
    count(Timeout::kIdle);
  }
  Close(c);
}

void Loop::BeginStop() {
  stopping_ = true;
  stop_deadline_ms_ = now_ms_ + options_.stop_timeout_ms;
  ::close(listen_fd_);
  listen_fd_ = -1;
  accepting_ = false;
  std::vector<std::uint64_t> unused;
  for (const auto& [id, c] : connections_) {
    if ((c->phase == Phase::kHead && c->out.empty()) || c->phase == Phase::kHandshake ||
        c->phase == Phase::kLinger || c->phase == Phase::kStreaming) {
      unused.push_back(id);
    } else if (c->deadline_ms > 0) {
      c->deadline_ms = std::min(c->deadline_ms, stop_deadline_ms_);
    }
  }
  for (const std::uint64_t id : unused) Close(*connections_.at(id));
  next_sweep_ms_ = std::min(next_sweep_ms_, stop_deadline_ms_);
}

void Loop::Close(Connection& c) {
  if (c.phase == Phase::kStreaming) EndStream(c);
  Release(c);
  --counters_.connections_open;
  connections_.erase(c.id);  // closing the descriptor takes it out of the epoll set
}

}  // namespace quell::http
