// FrontOptions: the bounds and deadlines of the HTTP front, with their defaults.
#pragma once

#include <cstdint>
#include <string>

#include "core/time.h"
#include "engine/http/request_head.h"

namespace quell::http {

struct TlsOptions {
  std::string cert_file;       // PEM, the chain from the server's certificate on; "" = no TLS
  std::string key_file;        // PEM
  std::string client_ca_file;  // PEM; "" = clients need no certificate
  [[nodiscard]] bool on() const { return !cert_file.empty(); }
  bool operator==(const TlsOptions&) const = default;
};

struct FrontOptions {
  std::string host = "127.0.0.1";    // "" = every address
  int port = 0;                      // 0 = a free one
  size_t workers = 0;                // threads that run handlers; 0 = max(2, cores)
  size_t connections_max = 1024;     // above: the longest idle one closes, or the new one gets 503
  size_t event_listeners_max = 100;  // connections that listen to events; above: 503
  HeadLimits head;
  DurationMs head_timeout_ms = 10 * kSecondMs;   // from accept or the head's first byte to its end
  DurationMs body_timeout_ms = 30 * kSecondMs;   // the whole body
  DurationMs idle_timeout_ms = 5 * kMinuteMs;    // between two requests
  DurationMs write_timeout_ms = 30 * kSecondMs;  // the whole answer
  DurationMs stop_timeout_ms = 5 * kSecondMs;    // Stop() waits this long for what is under way
  size_t inflight_requests_max = 256;            // complete requests that wait or are with a worker
  size_t inflight_bytes_max = 256U << 20U;  // declared bodies, chunks so far and unsent answers
  std::uint64_t jitter_seed = 1;            // of Retry-After
  TlsOptions tls;
  bool operator==(const FrontOptions&) const = default;
};

}  // namespace quell::http
