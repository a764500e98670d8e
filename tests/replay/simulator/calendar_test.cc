#include "replay/simulator/calendar.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/replay/simulator/collector.h"
#include "tests/support/sanitized.h"

namespace quell::simulator {
namespace {

constexpr TimeMs kJuly = kDefaultStartMs + 30 * kDayMs;  // Wednesday, 2026-07-01

SimulatorOptions Summer() {
  SimulatorOptions options = QuietOptions();
  options.start = kDefaultStartMs;
  options.duration_ms = 92 * kDayMs;
  options.regions = 2;
  options.calendar = true;
  return options;
}

// The dates, local, of a kind's days in a region.
std::vector<std::string> DatesOf(const SimulatorOptions& options, const char* kind, int region) {
  const auto topology = Topology::Create(options);
  REQUIRE(topology.ok());
  std::vector<std::string> out;
  for (const Event& event : CalendarEvents(*topology, options)) {
    if (event.kind != kind || event.scope.region != region) continue;
    CHECK_FALSE(event.incident);
    const DurationMs offset =
        topology->regions[static_cast<size_t>(region)].utc_offset_minutes * kMinuteMs;
    out.push_back(FormatRfc3339(event.start + offset).substr(5, 8));
  }
  return out;
}

}  // namespace

TEST_CASE("Calendar: paydays fall on working days, holidays on their dates", "[simulator]") {
  const SimulatorOptions options = Summer();
  using Dates = std::vector<std::string>;
  // July 25 is a Saturday.
  CHECK(DatesOf(options, "payday", 0) ==
        Dates{"06-25T00", "06-30T00", "07-24T00", "07-31T00", "08-25T00", "08-31T00"});
  CHECK(DatesOf(options, "members_evening", 1) == Dates{"06-04T17", "07-02T17", "08-06T17"});
  CHECK(DatesOf(options, "national_holiday", 0) == Dates{"06-04T00", "07-14T00", "08-20T00"});
  CHECK(DatesOf(options, "national_holiday", 1) == Dates{"06-19T00", "07-03T00", "08-12T00"});
}

TEST_CASE("Calendar: a payday lifts all volumes of its region, announced is what people announce",
          QUELL_COUNTS "[simulator]") {
  SimulatorOptions options = Summer();
  options.start = kJuly + 22 * kDayMs;  // the day before and the payday
  options.duration_ms = 2 * kDayMs;
  options.regions = 1;
  options.services = 1;
  options.noise = 0;
  const auto noon = [&](const Collector& run, DurationMs day) {
    const TimeMs at = options.start + day + 10 * kHourMs;
    return run.Increase("payments_total", at, at + kHourMs);
  };
  const Collector paid = Simulate(options);
  options.calendar = false;
  const Collector unpaid = Simulate(options);
  CHECK(noon(paid, 0) == Approx(noon(unpaid, 0)).epsilon(0.02));
  CHECK(noon(paid, kDayMs) > 1.2 * noon(unpaid, kDayMs));

  options = Summer();
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  const auto& changes = (*simulator)->changes();
  CHECK(changes.size() == 2 * (3 + 3));
  CHECK(std::none_of(changes.begin(), changes.end(),
                     [](const auto& change) { return change.note.find("pay") == 0; }));
}

}  // namespace quell::simulator
