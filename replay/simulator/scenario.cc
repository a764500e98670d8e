#include "replay/simulator/scenario.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "replay/simulator/calendar.h"

namespace quell::simulator {
namespace {

constexpr DurationMs kApart = 45 * kMinuteMs;
constexpr int kTries = 400;

std::string Numbered(const char* prefix, size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%s-%04zu", prefix, number);
  return text;
}

// All the places an event shows in.
std::vector<Scope> Places(const Event& event) {
  std::vector<Scope> places = {event.scope};
  for (const Effect& effect : event.effects) places.push_back(effect.scope);
  return places;
}

// Does the drawn time of day suit the kind?
bool SuitsHour(const Kind& kind, const Scope& scope, const Season& season, TimeMs start) {
  const double hour = season.LocalHour(std::max(0, scope.region), start);
  if (kind.name == "night_noise") return hour >= 1 && hour < 5;
  if (kind.name == "quiet_evening") return hour >= 17 && hour < 20;
  return !kind.by_day || (hour >= 8 && hour < 22);
}

}  // namespace

bool Scenario::Free(const Event& event) const {
  for (const Event& other : events_) {
    const TimeMs busy = std::min(other.busy_until, kForever);
    if (event.start >= busy + kApart || other.start >= event.busy_until + kApart) continue;
    for (const Scope& a : Places(event)) {
      for (const Scope& b : Places(other)) {
        if (Meets(a, b)) return false;
      }
    }
  }
  // A lane that is launched or leaves takes no other event while it is not there.
  const auto clashes = [](const Event& a, const Event& b) {
    for (const Lifetime& life : a.lifetimes) {
      const bool absent = b.start < life.from + kApart || b.end > life.to - kApart;
      if (absent && b.scope.psp >= 0 && Meets(life.scope, b.scope)) return true;
    }
    return false;
  };
  return std::none_of(events_.begin(), events_.end(), [&](const Event& other) {
    return clashes(event, other) || clashes(other, event);
  });
}

void Scenario::Draw(const Topology& topology, const Season& season, const SimulatorOptions& options,
                    bool incidents, double per_week) {
  const auto table = incidents ? IncidentKinds() : LookalikeKinds();
  std::vector<const Kind*> kinds;
  for (const Kind& kind : table) {
    if (kind.fits(topology)) kinds.push_back(&kind);
  }
  Sampler sampler(options.seed * 0xBF58476D1CE4E5B9ULL + (incidents ? 31 : 37));
  for (size_t i = kinds.size(); i > 1; --i) {
    std::swap(kinds[i - 1], kinds[static_cast<size_t>(sampler.Below(static_cast<int>(i)))]);
  }
  const TimeMs from = options.start + options.quiet_start_ms;
  const TimeMs until = options.start + options.duration_ms;
  if (until - from < kHourMs) return;
  const double weeks = static_cast<double>(until - from) / static_cast<double>(kWeekMs);
  const auto count = static_cast<size_t>(std::llround(per_week * weeks));
  for (size_t n = 0; n < count; ++n) {
    const Kind& kind = *kinds[n % kinds.size()];
    bool placed = false;
    for (int attempt = 0; attempt < kTries && !placed; ++attempt) {
      const Scope scope = kind.place(topology, sampler);
      const double minutes = sampler.Uniform(kind.minutes_min, kind.minutes_max);
      const auto length = static_cast<DurationMs>(minutes * 60) * kSecondMs;
      const DurationMs room = until - from - std::min(length, kDayMs) - 20 * kMinuteMs;
      if (room <= 0) continue;
      const TimeMs start = from + 10 * kMinuteMs +
                           static_cast<DurationMs>(sampler.Uniform() * static_cast<double>(room)) /
                               kSecondMs * kSecondMs;
      if (!SuitsHour(kind, scope, season, start)) continue;
      Event event = MakeEvent(kind, topology, scope, start, start + length, sampler);
      if (event.start < from || !Free(event)) continue;
      events_.push_back(std::move(event));
      placed = true;
    }
    if (!placed) ++not_placed_;
  }
}

Result<Scenario> Scenario::Create(const Topology& topology, const Season& season,
                                  const SimulatorOptions& options) {
  Scenario scenario;
  Sampler sampler(options.seed * 0x94D049BB133111EBULL + 41);
  for (const std::string& text : options.inject) {
    QUELL_ASSIGN(const Injection injection, ParseInjection(text, topology, options.start));
    scenario.events_.push_back(MakeEvent(*injection.kind, topology, injection.scope,
                                         injection.start, injection.end, sampler));
  }
  if (options.calendar) {
    for (Event& event : CalendarEvents(topology, options)) {
      scenario.events_.push_back(std::move(event));
    }
  }
  scenario.Draw(topology, season, options, true, options.incidents_per_week);
  scenario.Draw(topology, season, options, false, options.lookalikes_per_week);
  std::stable_sort(scenario.events_.begin(), scenario.events_.end(),
                   [](const Event& a, const Event& b) { return a.start < b.start; });
  scenario.Label(topology);
  return scenario;
}

void Scenario::Label(const Topology& topology) {
  for (Event& event : events_) {
    for (incidents::Change& change : event.changes) {
      change.id = Numbered("chg", changes_.size() + 1);
      changes_.push_back(change);
    }
    if (!event.incident) continue;
    replay::LabelledIncident incident;
    incident.id = Numbered("inc", incidents_.size() + 1);
    incident.start = event.start;
    incident.end = event.end;
    incident.severity = event.severity;
    incident.kind = event.kind;
    std::vector<Scope> places = {event.scope};
    places.insert(places.end(), event.also.begin(), event.also.end());
    for (const Scope& place : places) {
      Labels labels = topology.ScopeLabels(place);
      const auto& known = incident.affected;
      if (labels.empty() || std::find(known.begin(), known.end(), labels) != known.end()) continue;
      incident.affected.push_back(std::move(labels));
    }
    incidents_.push_back(std::move(incident));
  }
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const auto& a, const auto& b) { return a.start < b.start; });
}

}  // namespace quell::simulator
