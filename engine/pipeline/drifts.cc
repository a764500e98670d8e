#include "engine/pipeline/drifts.h"

#include <cmath>

namespace quell::pipeline {

void Drifts::Observe(const detectors::Point& point, TimeMs step_end, bool alerting,
                     const detectors::DetectorBank& bank) {
  const detectors::Slot slot = point.slot;
  if (slot >= kSignalsMax) {
    ++counters_.refused;
    return;
  }
  if (slot >= cells_.size()) {
    cells_.resize(slot + 1);
    meters_.resize(slot + 1);
  }
  Cell& cell = cells_[slot];
  const auto number = static_cast<std::int32_t>((step_end - 1) / kCellMs);
  if (number != cell.number) {
    if (cell.points > 0) Close(slot, bank);
    cell = {};
    cell.number = number;
  }
  cell.k += point.k;
  cell.n += point.n;
  cell.exposure += point.exposure_seconds;
  cell.value += point.value;
  if (cell.points < 0xFFFF) ++cell.points;
  if (alerting) cell.alerting = 1;
}

void Drifts::Close(detectors::Slot slot, const detectors::DetectorBank& bank) {
  const Cell& cell = cells_[slot];
  if (cell.alerting != 0) return;
  const detectors::Point sum{slot, cell.value / cell.points, cell.k, cell.n, cell.exposure};
  const TimeMs end = (TimeMs{cell.number} + 1) * kCellMs;
  const auto value = bank.WithoutSeason(sum, end - kCellMs / 2);
  if (!value || !meters_[slot].Observe(end, value->value, value->least)) return;
  const auto verdict = meters_[slot].Latest();
  if (!verdict) return;
  ++counters_.verdicts;
  if (verdict->p < 0.05) ++counters_.below_5_percent;
  if (verdict->p < 0.01) ++counters_.below_1_percent;
  const detectors::DriftAdvice advice = detectors::AdviceOf(*verdict);
  if (advice == detectors::DriftAdvice::kWatch) ++counters_.watch;
  if (advice == detectors::DriftAdvice::kRetrain) ++counters_.retrain;
}

std::vector<DriftReading> Drifts::Read(TimeMs now) const {
  std::vector<DriftReading> out;
  for (std::uint32_t slot = 0; slot < meters_.size(); ++slot) {
    const auto verdict = meters_[slot].Latest();
    if (verdict && now - verdict->day < 2 * kDayMs) out.push_back({slot, *verdict});
  }
  return out;
}

void Drifts::Save(ByteWriter& out) const {
  for (const std::uint64_t value :
       {counters_.verdicts, counters_.watch, counters_.retrain, counters_.below_5_percent,
        counters_.below_1_percent, counters_.refused}) {
    out.Put(value);
  }
  out.PutArray(cells_);
  std::vector<detectors::DriftMeter::State> states;
  states.reserve(meters_.size());
  for (const detectors::DriftMeter& meter : meters_) states.push_back(meter.state());
  out.PutArray(states);
}

bool Drifts::Load(ByteReader& in, size_t signals) {
  for (std::uint64_t* value :
       {&counters_.verdicts, &counters_.watch, &counters_.retrain, &counters_.below_5_percent,
        &counters_.below_1_percent, &counters_.refused}) {
    *value = in.Get<std::uint64_t>();
  }
  cells_ = in.GetArray<Cell>();
  const auto states = in.GetArray<detectors::DriftMeter::State>();
  if (states.size() != cells_.size() || states.size() > signals || states.size() > kSignalsMax) {
    return false;
  }
  meters_.resize(states.size());
  for (size_t slot = 0; slot < states.size(); ++slot) {
    if (!meters_[slot].Restore(states[slot])) return false;
  }
  return in.ok();
}

}  // namespace quell::pipeline
