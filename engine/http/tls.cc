#include "engine/http/tls.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include "core/log.h"

namespace quell::http {
namespace {

Error Refused(const std::string& key, const std::string& file) {
  char text[256] = "unknown reason";
  const unsigned long code = ERR_get_error();
  if (code != 0) ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return MakeError(ErrorCode::kInvalidArgument,
                   "tls." + key + ": cannot use \"" + file + "\": " + text);
}

Result<std::shared_ptr<SSL_CTX>> Build(const TlsOptions& options) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* raw = context.get();
  if (raw == nullptr) return MakeError(ErrorCode::kIo, "OpenSSL has no context to give");
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                               SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(raw, options.cert_file.c_str()) != 1) {
    return Refused("cert_file", options.cert_file);
  }
  if (SSL_CTX_use_PrivateKey_file(raw, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(raw) != 1) {
    return Refused("key_file", options.key_file);
  }
  if (!options.client_ca_file.empty()) {
    const char* file = options.client_ca_file.c_str();
    if (SSL_CTX_load_verify_locations(raw, file, nullptr) != 1) {
      return Refused("client_ca_file", options.client_ca_file);
    }
    SSL_CTX_set_client_CA_list(raw, SSL_load_client_CA_file(file));
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

// Changes whenever one of the files does.
std::string StampOf(const TlsOptions& options) {
  std::string out;
  for (const std::string* file : {&options.cert_file, &options.key_file, &options.client_ca_file}) {
    struct stat info {};
    if (file->empty() || ::stat(file->c_str(), &info) != 0) {
      out += "-;";
      continue;
    }
    out += std::to_string(info.st_mtim.tv_sec) + '.' + std::to_string(info.st_mtim.tv_nsec) + '/' +
           std::to_string(info.st_ino) + '/' + std::to_string(info.st_size) + ';';
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::Load(const TlsOptions& options,
                                                     FrontCounters& counters) {
  std::unique_ptr<TlsContext> tls(new TlsContext(options, counters));
  tls->stamp_ = StampOf(options);
  QUELL_ASSIGN(tls->context_, Build(options));
  return tls;
}

Status TlsContext::Reload() {
  const std::lock_guard lock(mutex_);
  // Before reading: a change in between is seen by the next look.
  stamp_ = StampOf(options_);
  Result<std::shared_ptr<SSL_CTX>> built = Build(options_);
  if (!built.ok()) {
    ++counters_.tls_reload_failures;
    return built.error();
  }
  context_ = *std::move(built);
  ++counters_.tls_reloads;
  return Ok{};
}

void TlsContext::ReloadIfChanged(DurationMs now_ms) {
  {
    const std::lock_guard lock(mutex_);
    if (now_ms < next_look_ms_) return;
    next_look_ms_ = now_ms + kSecondMs;
    if (StampOf(options_) == stamp_) return;
  }
  const Status reloaded = Reload();
  if (!reloaded.ok()) {
    Log(LogLevel::kError, "certificates not reloaded; the old ones stay",
        {{"error", reloaded.error().message}});
    return;
  }
  Log(LogLevel::kInfo, "certificates reloaded", {{"file", options_.cert_file}});
}

SSL* TlsContext::NewSession(int fd) {
  const std::lock_guard lock(mutex_);
  SSL* ssl = SSL_new(context_.get());
  if (ssl != nullptr && SSL_set_fd(ssl, fd) != 1) {
    SSL_free(ssl);
    return nullptr;
  }
  return ssl;
}

}  // namespace quell::http
