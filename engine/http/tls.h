// TlsContext: the server's certificate and the authority of its clients' ones, replaceable while
// the server runs: handshakes that start after a reload use the new files.
//
// TLS 1.2 and later, no renegotiation, no session resumption (a resumed session would outlive a
// changed authority). A reload that fails leaves the old files in force. Thread-safe.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>

#include "core/result.h"
#include "core/time.h"
#include "engine/http/counters.h"
#include "engine/http/options.h"

namespace quell::http {

class TlsContext {
 public:
  static Result<std::unique_ptr<TlsContext>> Load(const TlsOptions& options,
                                                  FrontCounters& counters);
  // Reads the files again.
  Status Reload();
  // Reload() if a file has changed; looks at most once a second.
  void ReloadIfChanged(DurationMs now_ms);
  // A session for an accepted descriptor; null when OpenSSL has no memory.
  SSL* NewSession(int fd);

 private:
  TlsContext(const TlsOptions& options, FrontCounters& counters)
      : options_(options), counters_(counters) {}

  const TlsOptions options_;
  FrontCounters& counters_;
  std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;  // under mutex_, as the next two
  std::string stamp_;                 // of the files: what ReloadIfChanged compares
  DurationMs next_look_ms_ = 0;
};

}  // namespace quell::http
