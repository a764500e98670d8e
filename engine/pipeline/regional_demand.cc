#include "engine/pipeline/regional_demand.h"

#include <algorithm>
#include <cmath>

#include "engine/signals/label_words.h"

namespace quell::pipeline {
namespace {

constexpr std::array<DurationMs, RegionalDemand::kWindows> kSpans = {6 * kMinuteMs, 30 * kMinuteMs};
constexpr double kEventsMax = 20;  // of one volume, a point
constexpr double kEventsMin = 50;  // that a factor rests on
constexpr std::uint32_t kVolumesMin = 5;
constexpr double kFactorMin = 0.3;
constexpr double kNewShare = 0.5;  // of a factor's logarithm: more is an event of its own

}  // namespace

std::uint32_t RegionalDemand::PlaceOf(const Labels& labels) {
  Labels place;
  for (const Label& label : labels) {
    if (signals::IsPlaceLabel(label.name)) place.Set(label.name, label.value);
  }
  if (place == Labels{}) return 0;
  const auto next = static_cast<std::uint32_t>(numbers_.size() + 1);
  return numbers_.try_emplace(std::move(place), next).first->second;
}

void RegionalDemand::BeginStep(std::uint32_t place, TimeMs step_end, std::int64_t local) {
  if (place >= places_.size()) places_.resize(place + 1);
  Place& p = places_[place];
  const std::int64_t day = local / kDayMs;
  const bool fresh = p.day != day;
  for (size_t i = 0; i < kWindows; ++i) {
    const double passed = static_cast<double>(step_end - p.last) / static_cast<double>(kSpans[i]);
    const double keep = fresh ? 0 : std::exp(-passed);
    p.seen[i] *= keep;
    p.usual[i] *= keep;
  }
  p.day = day;
  p.last = step_end;
  p.volumes = 0;
}

void RegionalDemand::Note(std::uint32_t place, double seen, double usual) {
  if (!(usual > 0)) return;
  Place& p = places_[place];
  const double weight = std::min(1.0, kEventsMax / usual);
  for (size_t i = 0; i < kWindows; ++i) {
    p.seen[i] += weight * seen;
    p.usual[i] += weight * usual;
  }
  ++p.volumes;
}

std::optional<std::array<double, RegionalDemand::kWindows>> RegionalDemand::FactorsOf(
    std::uint32_t place) const {
  if (place == 0 || place >= places_.size()) return std::nullopt;
  const Place& p = places_[place];
  if (p.volumes < kVolumesMin) return std::nullopt;
  std::array<double, kWindows> out{};
  for (size_t i = 0; i < kWindows; ++i) {
    if (p.usual[i] < kEventsMin) return std::nullopt;
    out[i] = p.seen[i] / p.usual[i];
    if (out[i] < kFactorMin || out[i] > 1 / kFactorMin) return std::nullopt;
  }
  const double now = std::log(out[0]);
  const double lately = std::log(out[1]);
  if (std::fabs(now - lately) > kNewShare * std::fabs(now)) return std::nullopt;
  return out;
}

}  // namespace quell::pipeline
