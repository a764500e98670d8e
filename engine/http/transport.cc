#include "engine/http/transport.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace quell::http {
namespace {

IoVerdict JudgeErrno() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return IoVerdict::kAgain;
  return errno == ECONNRESET || errno == EPIPE ? IoVerdict::kClosed : IoVerdict::kFailed;
}

}  // namespace

Transport::Transport(int fd, SSL* ssl) : fd_(fd), ssl_(ssl) {}

Transport::~Transport() {
  if (ssl_ != nullptr) SSL_free(ssl_);
  ::close(fd_);
}

IoVerdict Transport::Judge(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return IoVerdict::kAgain;
    case SSL_ERROR_ZERO_RETURN:
      return IoVerdict::kClosed;
    default:
      return IoVerdict::kFailed;
  }
}

IoVerdict Transport::Handshake() {
  if (ssl_ == nullptr) return IoVerdict::kDone;
  ERR_clear_error();
  const int result = SSL_accept(ssl_);
  return result == 1 ? IoVerdict::kDone : Judge(result);
}

IoResult Transport::Read(char* data, size_t size) {
  if (ssl_ == nullptr) {
    const ssize_t got = ::recv(fd_, data, size, 0);
    if (got > 0) return {IoVerdict::kDone, static_cast<size_t>(got)};
    return {got == 0 ? IoVerdict::kClosed : JudgeErrno(), 0};
  }
  ERR_clear_error();
  const int got = SSL_read(ssl_, data, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  if (got > 0) return {IoVerdict::kDone, static_cast<size_t>(got)};
  return {Judge(got), 0};
}

IoResult Transport::Write(const char* data, size_t size) {
  if (ssl_ == nullptr) {
    const ssize_t sent = ::send(fd_, data, size, MSG_NOSIGNAL);
    if (sent >= 0) return {IoVerdict::kDone, static_cast<size_t>(sent)};
    return {JudgeErrno(), 0};
  }
  ERR_clear_error();
  const int sent = SSL_write(ssl_, data, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  if (sent > 0) return {IoVerdict::kDone, static_cast<size_t>(sent)};
  return {Judge(sent), 0};
}

void Transport::EndWriting() {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(ssl_);  // sends close_notify; the peer's is not waited for
  }
  ::shutdown(fd_, SHUT_WR);
}

std::string Transport::ClientSubject() const {
  if (ssl_ == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return {};
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return {};
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  return out;
}

}  // namespace quell::http
