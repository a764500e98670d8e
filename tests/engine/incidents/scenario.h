// Scenario: a text file of alerts and changes at relative times, run through the engine.
//
//   start 2026-08-22T10:00:00Z
//   step 30s
//   until 1h
//   signals payments:failure_ratio ratio ratio "failure ratio" psp=acme,globex region=eu,us
//   calls checkout gateway
//   change 5m..20m maintenance psp=acme "database upgrade"
//   at 10m fire payments:failure_ratio psp=acme region=eu,us onset=-30s seen=0.38 expected=0.014
//   at 20m clear payments:failure_ratio psp=acme
//   at 12m scrape-outage 3m
//
// `fire` fires every signal of that name whose labels have one of the values; keys that are not
// labels of the signal are fields: onset seen expected low high k n tail severity sign z. `clear`
// clears what fires. "*" stands for every signal name. Lines with # are comments. Everything
// after the line "expect" is the expected output (see Run).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/incidents/incident_engine.h"

namespace quell::incidents {

class FixedPopulation final : public Population {
 public:
  explicit FixedPopulation(std::vector<Labels> labels) : labels_(std::move(labels)) {}
  [[nodiscard]] std::span<const Labels> SignalLabels() const override { return labels_; }

 private:
  std::vector<Labels> labels_;
};

struct Scenario {
  TimeMs start = 0;
  DurationMs step = 30 * kSecondMs;
  DurationMs until = kHourMs;
  std::vector<Labels> population;
  std::vector<Change> changes;
  TopologyOptions topology;
  std::map<TimeMs, std::vector<Alert>> fired;  // ends_at == 0
  std::map<TimeMs, std::vector<Alert>> cleared;
  std::vector<std::pair<TimeMs, TimeMs>> outages;
  std::string input;     // the file up to and including "expect"
  std::string expected;  // what follows
};

// Throws std::runtime_error naming the line (tests only).
Scenario ReadScenario(const std::string& path);

// The engine's input at each step of the scenario.
IncidentEngine::StepInput InputAt(const Scenario& scenario, TimeMs now);

// Runs it, saving and loading the engine every `reload_every` steps (0: never).
std::vector<IncidentEvent> Run(const Scenario& scenario, size_t reload_every);

// Events for people: "10m30s page #1 critical {psp="acme"}", the summary, a line a member.
std::string ToText(const Scenario& scenario, const std::vector<IncidentEvent>& events);
// Every field of every event.
std::string ToBytes(const std::vector<IncidentEvent>& events);

}  // namespace quell::incidents
