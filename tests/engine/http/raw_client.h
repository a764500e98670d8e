// A client that sends exactly the bytes it is told to, over a real socket.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace quell::http {

// One answer as it came.
struct RawAnswer {
  int status = 0;  // 0 = none: the connection ended or nothing came in time
  std::string head;
  std::string body;
  [[nodiscard]] bool Has(std::string_view text) const {
    return head.find(text) != std::string::npos;
  }
};

class RawClient {
 public:
  explicit RawClient(int port, int receive_buffer = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  // False when the server has ended the connection.
  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  void EndSending() const { ::shutdown(fd_, SHUT_WR); }

  // The next answer; `head_only` for HEAD.
  RawAnswer Receive(bool head_only = false) {
    RawAnswer out;
    size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return out;
    }
    out.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    out.status = std::atoi(out.head.c_str() + 9);
    const size_t at = out.head.find("Content-Length: ");
    const size_t length =
        at == std::string::npos || head_only ? 0 : std::strtoul(&out.head[at + 16], nullptr, 10);
    while (buffer_.size() < length) {
      if (!Fill()) return {};
    }
    out.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return out;
  }
  RawAnswer Ask(std::string_view bytes) {
    Send(bytes);
    return Receive();
  }
  // So many bytes of what comes; fewer when the connection ends.
  std::string Take(size_t bytes) {
    while (buffer_.size() < bytes && Fill()) {
    }
    std::string out = buffer_.substr(0, bytes);
    buffer_.erase(0, out.size());
    return out;
  }
  void TakeWhatIsThere() {
    do {
      buffer_.clear();
    } while (HasBytes() && Fill());
  }
  // The server has ended its side, and nothing of an answer was left.
  bool Ended() {
    while (Fill()) {
    }
    return ended_ && buffer_.empty();
  }
  // Whether something can be read at once.
  [[nodiscard]] bool HasBytes() const {
    pollfd poll{fd_, POLLIN, 0};
    return !buffer_.empty() || ::poll(&poll, 1, 0) > 0;
  }

 private:
  bool Fill() {
    constexpr int kPatienceMs = 20000;
    pollfd poll{fd_, POLLIN, 0};
    if (::poll(&poll, 1, kPatienceMs) <= 0) return false;
    char bytes[16384];
    const ssize_t got = ::recv(fd_, bytes, sizeof(bytes), 0);
    if (got > 0) buffer_.append(bytes, static_cast<size_t>(got));
    ended_ = got <= 0;
    return got > 0;
  }

  int fd_ = -1;
  bool connected_ = false;
  bool ended_ = false;
  std::string buffer_;
};

}  // namespace quell::http
