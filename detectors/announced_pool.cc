#include "detectors/announced_pool.h"

#include <algorithm>
#include <cmath>

#include "detectors/season_clock.h"

namespace quell::detectors {
namespace {

constexpr DurationMs kApartMs = 2 * kHourMs;    // without a point: the occasion is over
constexpr DurationMs kLaneMsMin = 3 * kHourMs;  // three lanes for an hour say something
constexpr double kLaneVariance = 0.05;          // of a point: what caps a lane's weight
constexpr double kOrdinary = 0.02 * 0.02;       // variance of what nobody announced
constexpr double kOddVariances = 9;
constexpr double kPriorOccasions = 2;
constexpr double kOccasionsMax = 8;

size_t CellOf(Announced what, std::int64_t local) {
  if (what == Announced::kPromotion) return 0;
  return 1 + static_cast<size_t>(FloorMod(local, kDayMs) / (kDayMs / 6));
}

bool Told(Announced what) { return what == Announced::kPromotion || what == Announced::kHoliday; }

}  // namespace

void AnnouncedPool::Cell::CloseIfOver(std::int64_t local) {
  if (lane_ms == 0 || local <= last + kApartMs) return;
  if (lane_ms >= kLaneMsMin && usual > 1) {
    const double log = std::log((seen + 0.5) / (usual + 0.5));
    if (occasions >= kOccasionsMax) {
      scatter *= (kOccasionsMax - 1) / kOccasionsMax;
      occasions = kOccasionsMax - 1;
    }
    occasions += 1;
    const double before = log - mean;
    mean += before / occasions;
    scatter += before * (log - mean);
  }
  seen = usual = 0;
  lane_ms = 0;
}

AnnouncedPool::Cell AnnouncedPool::AsOf(Announced what, std::int64_t local) const {
  Cell cell = cells_[CellOf(what, local)];
  cell.CloseIfOver(local);
  return cell;
}

void AnnouncedPool::Note(Announced what, std::int64_t local, double seen, double usual,
                         DurationMs interval_ms) {
  if (!Told(what)) return;
  Cell& cell = cells_[CellOf(what, local)];
  cell.CloseIfOver(local);
  const double weight = 1 / (1 + usual * kLaneVariance);
  // One lane that stops or goes wild says no more than any other.
  const double bounded = std::clamp(seen, std::max(0.0, usual / 4 - 2), 4 * usual + 4);
  cell.seen += weight * bounded;
  cell.usual += weight * usual;
  cell.last = cell.lane_ms > 0 ? std::max(cell.last, local) : local;
  cell.lane_ms += interval_ms;
}

AnnouncedPool::Expected AnnouncedPool::At(Announced what, std::int64_t local,
                                          const AnnouncedPool* wider) const {
  Expected out;
  if (!Told(what)) return out;
  if (wider != nullptr) out = wider->At(what, local, nullptr);
  const Cell cell = AsOf(what, local);
  const double n = cell.occasions;
  if (n < 1) return out;
  const double own = cell.mean - out.factor.log;
  const double square = own * own;
  const double known = n * n * std::max(0.0, square - kOddVariances * kOrdinary / n);
  out.earlier = std::max(out.earlier, static_cast<int>(n));
  if (known <= 0) return out;
  const double share = known / (known + kPriorOccasions * square + cell.scatter);
  out.factor.log += share * own;
  out.factor.variance += share * (1 - share) * square;
  return out;
}

bool AnnouncedPool::Sane() const {
  return std::all_of(cells_.begin(), cells_.end(), [](const Cell& cell) {
    return std::fabs(cell.mean) < 100 && cell.scatter >= 0 && cell.scatter < 1e6 &&
           cell.occasions >= 0 && cell.occasions <= kOccasionsMax && cell.seen >= 0 &&
           cell.usual >= 0 && std::isfinite(cell.seen + cell.usual) && cell.lane_ms >= 0;
  });
}

}  // namespace quell::detectors
