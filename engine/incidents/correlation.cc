#include "engine/incidents/correlation.h"

#include <algorithm>
#include <cmath>

namespace quell::incidents {
namespace {

constexpr int kLagMax = 2;
constexpr int kPointsMin = 16;
constexpr double kCoefficientMin = 0.6;
constexpr double kFisherMin = 3;
constexpr double kClip = 3;
constexpr double kRawClip = 50;  // a residual of 1e6 must not drown the rounding

// |r| where b's newest point is `shift` points younger than a's newest; 0 if not significant.
double Significant(std::span<const float> a, std::span<const float> b, int shift, double clip) {
  const int size_a = static_cast<int>(a.size());
  const int size_b = static_cast<int>(b.size());
  // Align: a[i] with b[i + offset].
  const int offset = size_b - size_a - shift;
  const int begin = std::max(0, -offset);
  const int end = std::min(size_a, size_b - offset);
  const int count = end - begin;
  if (count < kPointsMin) return 0;
  double sum_a = 0, sum_b = 0;
  const auto at = [clip](std::span<const float> z, int i) {
    return std::clamp(static_cast<double>(z[static_cast<size_t>(i)]), -clip, clip);
  };
  for (int i = begin; i < end; ++i) {
    sum_a += at(a, i);
    sum_b += at(b, i + offset);
  }
  const double mean_a = sum_a / count;
  const double mean_b = sum_b / count;
  double aa = 0, bb = 0, ab = 0;
  for (int i = begin; i < end; ++i) {
    const double da = at(a, i) - mean_a;
    const double db = at(b, i + offset) - mean_b;
    aa += da * da;
    bb += db * db;
    ab += da * db;
  }
  if (!(aa > 1e-9) || !(bb > 1e-9)) return 0;
  const double r = std::min(std::abs(ab) / std::sqrt(aa * bb), 0.999999);
  const bool significant =
      r > kCoefficientMin && std::atanh(r) * std::sqrt(static_cast<double>(count - 3)) > kFisherMin;
  return significant ? r : 0;
}

}  // namespace

Correlation Correlate(std::span<const float> a, std::span<const float> b, int shift,
                      bool want_jump) {
  Correlation out;
  if (a.size() < kPointsMin || b.size() < kPointsMin) return out;
  shift = std::clamp(shift, -1000, 1000);
  for (int lag = -kLagMax; lag <= kLagMax; ++lag) {
    out.strong = std::max(out.strong, Significant(a, b, shift + lag, kClip));
    if (want_jump) out.jump = std::max(out.jump, Significant(a, b, shift + lag, kRawClip));
  }
  return out;
}

}  // namespace quell::incidents
