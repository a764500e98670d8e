// A slot's input without what the baseline knows of day and week.
#include <cmath>

#include "core/check.h"
#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

constexpr double kLeastShare = 0.02;  // of a value, or of odds

// Mean of the cells that were visited.
double MeanOf(const SeasonCell* cells, int count) {
  double sum = 0;
  int visited = 0;
  for (int i = 0; i < count; ++i) {
    if (!cells[i].Visited()) continue;
    sum += cells[i].Mean();
    ++visited;
  }
  return visited > 0 ? sum / visited : 0;
}

std::optional<double> LinkOf(const SlotState& s, const SignalSpec& spec, const Point& point) {
  // Half an event keeps the logarithms finite.
  switch (spec.kind) {
    case SignalKind::kRatio:
    case SignalKind::kQuantile:
      if (!(point.n > 0)) return std::nullopt;
      return std::log((point.k + 0.5) / (std::max(0.0, point.n - point.k) + 0.5));
    case SignalKind::kRate:
      return std::log((point.k + 0.5) / ExposureOf(point, spec.interval_ms));
    case SignalKind::kGauge:
      return GaugeLink(s, point.value);
  }
  return std::nullopt;
}

}  // namespace

std::optional<DetectorBank::Deseasoned> DetectorBank::WithoutSeason(const Point& point,
                                                                    TimeMs at) const {
  const Slot slot = point.slot;
  QUELL_CHECK(slot < size());
  const SlotState& s = state_->slots[slot];
  if (s.started == 0) return std::nullopt;
  const SignalSpec& spec = state_->specs[slot];
  const std::optional<double> link = LinkOf(s, spec, point);
  if (!link || !std::isfinite(*link)) return std::nullopt;
  const BaselineView view = state_->View(slot);
  const double season = Predict(view, at).season - view.state.base;
  const double usual = MeanOf(view.cells, kDayCells) + MeanOf(view.cells + kDayCells, kWeekCells);
  Deseasoned out{*link - (season - usual), kLeastShare};
  if (spec.kind == SignalKind::kGauge && s.logarithmic == 0) {
    out.least = kGaugeFloorShare * std::fabs(point.value) + 1e-12;
  }
  return out;
}

}  // namespace quell::detectors
