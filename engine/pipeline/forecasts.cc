#include "engine/pipeline/forecasts.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace quell::pipeline {
namespace {

// A signal whose last cell is older than this is not forecast: nobody knows where it stands.
constexpr DurationMs kFreshMs = 3 * detectors::kForecastCellMs;

bool IsFinite(const detectors::ForecastPoint& point) {
  return std::isfinite(point.median) && std::isfinite(point.low) && std::isfinite(point.high);
}

}  // namespace

void Forecasts::Take(detectors::Slot slot, TimeMs step_end, double value,
                     const detectors::DetectorBank& bank) {
  auto entry = entries_.find(slot);
  if (entry == entries_.end()) {
    if (entries_.size() >= kSignalsMax) {
      ++refused_;
      return;
    }
    entry = entries_.emplace(slot, Entry{}).first;
  }
  Entry& e = entry->second;
  const auto season = [&](TimeMs at) { return bank.Expect(slot, at).expected; };
  if (!e.forecaster.Observe(step_end, value, season)) return;
  e.known = e.forecaster.Known();
  if (e.known) e.outlook = e.forecaster.Look(season);
}

std::vector<ForecastReading> Forecasts::Read(const signals::SignalEngine& signals,
                                             TimeMs now) const {
  std::vector<ForecastReading> out;
  for (const auto& [slot, entry] : entries_) {
    const signals::SignalDef& def = signals.Definition(slot);
    if (!def.limit.has_value()) continue;
    ForecastReading reading;
    reading.slot = slot;
    reading.known = entry.known && now - entry.forecaster.AsOf() <= kFreshMs;
    if (reading.known) {
      reading.as_of = entry.forecaster.AsOf();
      reading.until = entry.forecaster.Until(entry.outlook, *def.limit, !def.limit_below);
    }
    out.push_back(reading);
  }
  return out;
}

void Forecasts::Save(ByteWriter& out) const {
  out.Put(refused_);
  out.Put(static_cast<std::uint64_t>(entries_.size()));
  for (const auto& [slot, entry] : entries_) {
    out.Put(slot);
    out.PutArray(std::span(&entry.forecaster.state(), 1));
    out.Put(entry.known);
    out.PutArray(std::span<const detectors::ForecastPoint>(entry.outlook));
  }
}

bool Forecasts::Load(ByteReader& in, const signals::SignalEngine& signals) {
  refused_ = in.Get<std::uint64_t>();
  const size_t count = in.GetCount(sizeof(detectors::Forecaster::State));
  if (count > kSignalsMax) return false;
  for (size_t i = 0; i < count && in.ok(); ++i) {
    const auto slot = in.Get<detectors::Slot>();
    const auto state = in.GetArray<detectors::Forecaster::State>();
    const bool known = in.Get<std::uint8_t>() != 0;
    const auto outlook = in.GetArray<detectors::ForecastPoint>();
    Entry entry;
    entry.known = known;
    if (slot >= signals.signals().size() || state.size() != 1 ||
        outlook.size() != entry.outlook.size() || !entry.forecaster.Restore(state[0]) ||
        !std::all_of(outlook.begin(), outlook.end(), IsFinite) || (known && state[0].latest < 0)) {
      return false;
    }
    std::copy(outlook.begin(), outlook.end(), entry.outlook.begin());
    const bool limited = signals.Definition(slot).limit.has_value();
    if (limited && !entries_.emplace(slot, entry).second) return false;
  }
  return in.ok();
}

}  // namespace quell::pipeline
