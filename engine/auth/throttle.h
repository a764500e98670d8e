// How often a peer may get a password wrong, and how often a log line may be written.
//
// Allowance is a bucket of `burst` that fills by one each `refill_ms`. PeerThrottle keeps one a
// peer, for at most `peers_max` peers: the one that failed longest ago is forgotten first. IPv6
// peers count by /64, IPv4-mapped ones as IPv4. Time is monotonic and given. Thread-compatible.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/time.h"

namespace quell::auth {

class Allowance {
 public:
  Allowance(double burst, DurationMs refill_ms)
      : burst_(burst), refill_ms_(refill_ms), left_(burst) {}
  bool Take(DurationMs now);                              // false: used up
  [[nodiscard]] DurationMs WaitMs(DurationMs now) const;  // until one may be taken; 0 = at once
  [[nodiscard]] DurationMs used_at() const { return at_; }

 private:
  [[nodiscard]] double Left(DurationMs now) const;

  double burst_;
  DurationMs refill_ms_;
  double left_;
  DurationMs at_ = 0;  // of the last Take that succeeded
};

struct ThrottleOptions {
  double burst = 10;                     // wrong passwords at once
  DurationMs refill_ms = 6 * kSecondMs;  // and ten a minute from then on
  size_t peers_max = 4096;
};

class PeerThrottle {
 public:
  explicit PeerThrottle(ThrottleOptions options) : options_(options) {}
  // How long `peer` has to wait before it may try; 0 = at once.
  [[nodiscard]] DurationMs WaitMs(std::string_view peer, DurationMs now) const;
  void CountFailure(std::string_view peer, DurationMs now);
  [[nodiscard]] size_t size() const { return peers_.size(); }

 private:
  ThrottleOptions options_;
  std::unordered_map<std::string, Allowance> peers_;
};

// What is counted as one peer: "192.0.2.7", or the first 64 bits of an IPv6 address.
std::string PeerKey(std::string_view address);

}  // namespace quell::auth
