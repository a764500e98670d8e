#include "detectors/normal_tail.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace quell::detectors {
namespace {

constexpr int kPerUnit = 64;
constexpr int kTableEnd = 8;

using Table = std::array<double, kPerUnit * kTableEnd + 2>;

Table MakeTable() {
  Table table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const double z = static_cast<double>(i) / kPerUnit;
    table[i] = -std::log(std::erfc(z / std::sqrt(2.0)));
  }
  return table;
}

const Table kTable = MakeTable();

double Asymptotic(double z) {
  const double inverse = 1 / (z * z);
  const double series = 1 - inverse * (1 - inverse * (3 - inverse * 15));
  return 0.5 * z * z + std::log(z) + 0.5 * std::log(M_PI / 2) - std::log(series);
}

}  // namespace

double Surprise(double z) {
  const double size = std::min(std::fabs(z), kMaxZ);
  if (size >= kTableEnd) return Asymptotic(size);
  const double place = size * kPerUnit;
  const auto at = static_cast<size_t>(place);
  return kTable[at] + (place - static_cast<double>(at)) * (kTable[at + 1] - kTable[at]);
}

double ZOfSurprise(double y) {
  double z = std::sqrt(2 * y);
  if (y < 1) z = y * 1.2533;  // slope of the surprise at 0 is sqrt(2 / pi)
  for (int i = 0; i < 30; ++i) {
    const double slope = std::max(0.79, z);
    const double next = std::clamp(z - (Surprise(z) - y) / slope, 0.0, kMaxZ);
    if (std::fabs(next - z) < 1e-10) return next;
    z = next;
  }
  return z;
}

}  // namespace quell::detectors
