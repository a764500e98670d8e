#include "engine/auth/throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace quell::auth {

double Allowance::Left(DurationMs now) const {
  const double filled = static_cast<double>(now - at_) / static_cast<double>(refill_ms_);
  return std::min(burst_, left_ + std::max(0.0, filled));
}

DurationMs Allowance::WaitMs(DurationMs now) const {
  const double missing = 1 - Left(now);
  if (missing <= 0) return 0;
  return static_cast<DurationMs>(std::ceil(missing * static_cast<double>(refill_ms_)));
}

bool Allowance::Take(DurationMs now) {
  const double left = Left(now);
  if (left < 1) return false;
  left_ = left - 1;
  at_ = now;
  return true;
}

DurationMs PeerThrottle::WaitMs(std::string_view peer, DurationMs now) const {
  const auto found = peers_.find(PeerKey(peer));
  return found == peers_.end() ? 0 : found->second.WaitMs(now);
}

void PeerThrottle::CountFailure(std::string_view peer, DurationMs now) {
  const std::string key = PeerKey(peer);
  auto found = peers_.find(key);
  if (found == peers_.end()) {
    if (peers_.size() >= options_.peers_max) {
      peers_.erase(std::min_element(peers_.begin(), peers_.end(), [](const auto& a, const auto& b) {
        return a.second.used_at() < b.second.used_at();
      }));
    }
    found = peers_.emplace(key, Allowance(options_.burst, options_.refill_ms)).first;
  }
  found->second.Take(now);
}

std::string PeerKey(std::string_view address) {
  std::string text(address);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    inet_ntop(AF_INET, bytes.data() + kMapped.size(), out.data(), out.size());
    return out.data();
  }
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
  return std::string(out.data()) + "/64";
}

}  // namespace quell::auth
