#include "bench/load_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace quell::bench {
namespace {

constexpr size_t kAnswerBytesMax = 1U << 20U;
constexpr timeval kTimeout = {60, 0};  // of one read or write

Error Away(const char* what) {
  return MakeError(ErrorCode::kUnavailable, std::string(what) + ": " + std::strerror(errno));
}

// The value of a header, by lower-case name; "" where it is absent.
std::string Header(std::string_view head, std::string_view name) {
  std::string lower(head);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const size_t at = lower.find("\r\n" + std::string(name) + ":");
  if (at == std::string::npos) return "";
  const size_t begin = lower.find_first_not_of(' ', at + 3 + name.size());
  return lower.substr(begin, lower.find("\r\n", begin) - begin);
}

}  // namespace

void LoadConnection::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  buffer_.clear();
}

Status LoadConnection::Connect() {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return Away("socket");
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  if (inet_pton(AF_INET, host_.c_str(), &address.sin_addr) != 1) {
    return MakeError(ErrorCode::kInvalidArgument, "'" + host_ + "' is not an IPv4 address");
  }
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Away("connect");
  }
  return Ok{};
}

Status LoadConnection::Send(std::string_view request) {
  while (!request.empty()) {
    const ssize_t n = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (n <= 0) return Away("send");
    request.remove_prefix(static_cast<size_t>(n));
  }
  return Ok{};
}

Status LoadConnection::Fill() {
  char bytes[4096];
  const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
  if (n < 0) return Away("receive");
  if (n == 0) return MakeError(ErrorCode::kUnavailable, "receive: the peer closed the connection");
  buffer_.append(bytes, static_cast<size_t>(n));
  if (buffer_.size() > kAnswerBytesMax) {
    return MakeError(ErrorCode::kCorrupt, "the answer is larger than 1 MiB");
  }
  return Ok{};
}

// Chunked coding from `at` in the buffer on; leaves the buffer empty.
Result<std::string> LoadConnection::ReadChunks(size_t at) {
  std::string body;
  for (;;) {
    size_t line_end = 0;
    while ((line_end = buffer_.find("\r\n", at)) == std::string::npos) QUELL_TRY(Fill());
    size_t length = 0;
    std::from_chars(buffer_.data() + at, buffer_.data() + line_end, length, 16);
    while (buffer_.size() < line_end + 2 + length + 2) QUELL_TRY(Fill());
    body.append(buffer_, line_end + 2, length);
    at = line_end + 2 + length + 2;
    if (length == 0) break;
  }
  buffer_.clear();
  return body;
}

Result<LoadConnection::Answer> LoadConnection::Receive() {
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) QUELL_TRY(Fill());
  const std::string head = buffer_.substr(0, end + 2);
  Answer answer;
  if (head.size() < 12 || head.rfind("HTTP/1.", 0) != 0 ||
      std::from_chars(head.data() + 9, head.data() + 12, answer.status).ec != std::errc()) {
    return MakeError(ErrorCode::kCorrupt, "the answer is not HTTP: " + head.substr(0, 40));
  }
  const size_t begin = end + 4;
  const std::string length = Header(head, "content-length");
  if (Header(head, "transfer-encoding") == "chunked") {
    QUELL_ASSIGN(answer.body, ReadChunks(begin));
  } else if (!length.empty()) {
    size_t bytes = 0;
    std::from_chars(length.data(), length.data() + length.size(), bytes);
    while (buffer_.size() < begin + bytes) QUELL_TRY(Fill());
    answer.body = buffer_.substr(begin, bytes);
    buffer_.erase(0, begin + bytes);
  } else {
    buffer_.erase(0, begin);
  }
  if (Header(head, "connection") == "close") Close();
  return answer;
}

Result<LoadConnection::Answer> LoadConnection::Post(std::string_view request) {
  if (fd_ < 0) {
    const Status connected = Connect();
    if (!connected.ok()) {
      Close();
      return connected.error();
    }
  }
  const Status sent = Send(request);
  if (!sent.ok()) {
    Close();
    return sent.error();
  }
  auto answer = Receive();
  if (!answer.ok()) Close();
  return answer;
}

}  // namespace quell::bench
