// Transport: one non-blocking connection, plain or TLS, with the same few verbs for both.
//
// Owns descriptor and session. Single-threaded: it belongs to the front's loop.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>

namespace quell::http {

enum class IoVerdict : std::uint8_t { kDone, kAgain, kClosed, kFailed };

struct IoResult {
  IoVerdict verdict = IoVerdict::kDone;
  size_t bytes = 0;  // kDone only; less than asked for is not the end
};

class Transport {
 public:
  // `ssl` may be null (plain). Takes both over.
  Transport(int fd, SSL* ssl);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  IoVerdict Handshake();  // kDone at once without TLS
  IoResult Read(char* data, size_t size);
  IoResult Write(const char* data, size_t size);
  void EndWriting();  // the peer sees the end of the stream; reading goes on

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool tls() const { return ssl_ != nullptr; }
  [[nodiscard]] std::string ClientSubject() const;  // CN of a verified certificate; "" = none

 private:
  IoVerdict Judge(int result);

  int fd_;
  SSL* ssl_;
};

}  // namespace quell::http
