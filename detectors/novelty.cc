#include "detectors/novelty.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {

double NewValue::Observe(double value) {
  if (known_.empty()) {
    known_.push_back(value);
    lowest_ = highest_ = value;
    return 0;
  }
  lowest_ = std::min(lowest_, value);
  highest_ = std::max(highest_, value);
  const double range = highest_ - lowest_;
  if (!(range > 0) || !std::isfinite(range)) return 0;
  const auto above = std::lower_bound(known_.begin(), known_.end(), value);
  double distance = range;
  if (above != known_.end()) distance = *above - value;
  if (above != known_.begin()) distance = std::min(distance, value - *(above - 1));
  if (distance * kFinest < range) return 0;
  known_.insert(above, value);
  if (known_.size() > 2 * kFinest) Thin(range / kFinest);
  return distance / range;
}

// Values that were told apart while the range was smaller.
void NewValue::Thin(double apart) {
  size_t kept = 1;
  for (const double value : known_) {
    if (value - known_[kept - 1] >= apart) known_[kept++] = value;
  }
  known_.resize(kept);
}

double Stay::Observe(bool above) {
  if (above != above_) {
    Side& left = sides_[above_ ? 1 : 0];
    ++left.stays;
    left.longest = std::max(left.longest, length_);
    length_ = 0;
    above_ = above;
  }
  ++length_;
  const Side& side = sides_[above ? 1 : 0];
  if (side.stays < kKnownMin) return 0;
  return std::max(0.0, (length_ - side.longest) / length_);
}

double RareSize::Observe(double size) {
  ++observed_;
  int exponent = 0;
  const double mantissa = std::frexp(std::min(size, 1.0), &exponent);  // in [0.5, 1)
  const int octave = exponent + kOctaves - 2;                          // of 1: the last
  if (!(size > 0) || octave < 0) return 0;
  const int kind = octave * kOctave + static_cast<int>((mantissa - 0.5) * 2 * kOctave);
  const auto half = latest_.begin() + std::max(0, kind - kOctave);
  const std::uint64_t before = *std::max_element(half, latest_.end());
  latest_[static_cast<size_t>(kind)] = observed_;
  return std::sqrt(size * static_cast<double>(observed_ - std::max<std::uint64_t>(before, 1)));
}

}  // namespace quell::detectors
