#include "replay/simulator/scenario.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/replay/simulator/collector.h"

namespace quell::simulator {
namespace {

SimulatorOptions BusyOptions() {
  SimulatorOptions options;
  options.duration_ms = 6 * kWeekMs;
  options.incidents_per_week = 12;
  options.lookalikes_per_week = 12;
  return options;
}

}  // namespace

TEST_CASE("Scenario: nothing drawn happens in the quiet start or after the end", "[simulator]") {
  const SimulatorOptions options = BusyOptions();
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  REQUIRE_FALSE((*simulator)->scenario().events().empty());
  for (const Event& event : (*simulator)->scenario().events()) {
    CAPTURE(event.kind);
    CHECK(event.start >= options.start + options.quiet_start_ms);
    CHECK(event.start < options.start + options.duration_ms);
    if (event.incident) CHECK(event.end <= options.start + options.duration_ms);
  }
}

TEST_CASE("Scenario: kinds take turns, and look-alikes are no incidents", "[simulator]") {
  const auto simulator = Simulator::Create(BusyOptions());
  REQUIRE(simulator.ok());
  std::map<std::string, int> seen;
  for (const LabelledIncident& incident : (*simulator)->incidents()) {
    const Kind* kind = FindKind(incident.kind);
    REQUIRE(kind != nullptr);
    CHECK(IsIncident(*kind));
    CHECK_FALSE(incident.affected.empty());
    CHECK(incident.start < incident.end);
    ++seen[incident.kind];
  }
  CHECK(seen.size() == IncidentKinds().size());
  std::set<std::string> lookalikes;
  for (const Event& event : (*simulator)->scenario().events()) {
    if (!event.incident) lookalikes.insert(event.kind);
  }
  CHECK(lookalikes.size() >= LookalikeKinds().size() - 2);
}

TEST_CASE("Scenario: events whose places meet are 45 minutes apart", "[simulator]") {
  const auto simulator = Simulator::Create(BusyOptions());
  REQUIRE(simulator.ok());
  const auto& events = (*simulator)->scenario().events();
  int overlapping = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    for (size_t j = i + 1; j < events.size(); ++j) {
      const bool near = events[j].start < events[i].end + 45 * kMinuteMs;
      if (!events[i].incident || !events[j].incident || !near) continue;
      ++overlapping;
      CAPTURE(events[i].kind, events[j].kind);
      CHECK_FALSE(Meets(events[i].scope, events[j].scope));
    }
  }
  INFO("unrelated incidents at the same time: " << overlapping);
}

TEST_CASE("Scenario: affected labels exist on series, and deploys precede what they break",
          "[simulator]") {
  SimulatorOptions options = BusyOptions();
  options.dialect = "gateway";
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  const SeriesTable& table = (*simulator)->table();
  for (const LabelledIncident& incident : (*simulator)->incidents()) {
    for (const Labels& match : incident.affected) {
      bool found = false;
      for (std::uint32_t series = 0; series < table.size() && !found; ++series) {
        found = std::all_of(match.begin(), match.end(), [&](const Label& label) {
          return table.at(series).Get(label.name) == label.value;
        });
      }
      CAPTURE(incident.kind, match.ToString());
      CHECK(found);
    }
    if (incident.kind != "service_error_rate") continue;
    const auto& changes = (*simulator)->changes();
    CHECK(std::any_of(changes.begin(), changes.end(), [&](const incidents::Change& change) {
      return change.kind == incidents::ChangeKind::kDeploy && change.start < incident.start &&
             change.start > incident.start - 6 * kMinuteMs;
    }));
  }
}

TEST_CASE("Scenario: an injected incident is labelled, an injected look-alike is not",
          "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.inject = {"psp_outage,psp=acme;region=eu,+1h,20m", "promotion,region=us,+2h,1h"};
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  REQUIRE((*simulator)->incidents().size() == 1);
  CHECK((*simulator)->incidents()[0].affected[0] == Labels{{"psp", "acme"}, {"region", "eu"}});
  REQUIRE((*simulator)->changes().size() == 1);
  CHECK((*simulator)->changes()[0].kind == incidents::ChangeKind::kPromotion);
}

}  // namespace quell::simulator
