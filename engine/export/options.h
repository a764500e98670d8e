// What is exported of signals, and where to; set under `export` in the configuration.
#pragma once

#include <string>

#include "core/time.h"

namespace quell::exports {

struct RemoteWriteOptions {
  std::string url;           // "" = nothing is written out
  std::string bearer_token;  // "" = none; secret
  std::string ca_file;       // PEM; "" = the system's store
  DurationMs interval_ms = 30 * kSecondMs;
};

// What is kept of signals' points for plots; set under `server` in the configuration.
struct HistoryOptions {
  DurationMs span_ms = 2 * kHourMs;  // 0 = nothing is kept
  size_t bytes_max = 64U << 20U;     // 24 bytes a point; the oldest go first
  bool operator==(const HistoryOptions&) const = default;
};

struct Options {
  bool enabled = true;         // GET /metrics/signals
  size_t signals_max = 10000;  // five series each
  RemoteWriteOptions remote_write;

  // Whether another configuration asks for the same, whatever its secrets.
  [[nodiscard]] bool SameButSecrets(const Options& other) const {
    const RemoteWriteOptions& a = remote_write;
    const RemoteWriteOptions& b = other.remote_write;
    return enabled == other.enabled && signals_max == other.signals_max && a.url == b.url &&
           a.ca_file == b.ca_file && a.interval_ms == b.interval_ms;
  }
};

}  // namespace quell::exports
