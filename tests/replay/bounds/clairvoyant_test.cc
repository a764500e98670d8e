#include "replay/bounds/clairvoyant.h"

#include <catch2/catch.hpp>

#include "tests/replay/bounds/made_traces.h"

namespace quell::replay {
namespace {

using detectors::SignalKind;

constexpr size_t kSteps = 12 * 2880, kFrom = 30000, kTo = 30120;  // an hour of twelve days

KnownChange Known(const Traces& traces, bool ramp = false) {
  KnownChange known;
  known.incident.id = "one";
  known.incident.start = traces.End(kFrom) - traces.step_ms;
  known.incident.end = traces.End(kTo - 1);
  known.incident.affected = {Labels{{"psp", "acme"}}};
  if (ramp) known.rise_ms = known.incident.end - known.incident.start;
  return known;
}

CalmStretch Calm(const Traces& traces) { return {traces.End(2880), traces.End(kSteps)}; }

// How many points of a change of 2 % to `failing` it takes to be sure, n requests each.
double PointsToSee(double failing, double n, bool ramp = false, size_t seeds = 9) {
  std::vector<double> taken;
  for (size_t seed = 1; seed <= seeds; ++seed) {
    Traces traces = MakeTraces(kSteps);
    Random random(seed);
    const auto p = [&](size_t step) {
      if (step < kFrom || step >= kTo) return 0.02;
      const double part = static_cast<double>(step - kFrom) / (kTo - kFrom);
      return 0.02 + (failing - 0.02) * (ramp ? part : 1);
    };
    AddSignal(traces, SignalKind::kRatio, Labels{{"alertname", "f"}, {"psp", "acme"}}, n, 0.02,
              Share(random, n, p));
    const std::vector<KnownChange> changes{Known(traces, ramp)};
    const auto sightings = ClairvoyantSightings(traces, changes, Calm(traces), 1);
    REQUIRE(sightings.size() == 1);
    REQUIRE(sightings[0].signals == 1);
    if (!sightings[0].seen) return 1e9;
    taken.push_back(static_cast<double>(sightings[0].at - changes[0].incident.start) /
                    static_cast<double>(traces.step_ms));
  }
  std::sort(taken.begin(), taken.end());
  return taken[taken.size() / 2];
}

TEST_CASE("a total failure is seen in its first point") { CHECK(PointsToSee(0.9, 50) == 1); }

TEST_CASE("a small step takes its threshold over what a point tells, as theory has it") {
  // 2 % to 5 % of 200: 200 (0.05 ln(0.05/0.02) + 0.95 ln(0.95/0.98)) = 3.26 nats a point; a false
  // alarm a week of 20160 points: 9.9 nats, and the last point overshoots.
  const double points = PointsToSee(0.05, 200);
  CHECK(points >= 3);
  CHECK(points <= 6);
  // A quarter of the requests tells a quarter as much.
  const double fewer = PointsToSee(0.05, 50);
  CHECK(fewer >= 2.5 * points);
  CHECK(fewer <= 6 * points);
}

TEST_CASE("a ramp is seen later than a step to the same height, and before half of it is over") {
  const double step = PointsToSee(0.2, 200);
  const double ramp = PointsToSee(0.2, 200, true);
  CHECK(step <= 2);
  CHECK(ramp >= 5);
  CHECK(ramp <= 30);
}

TEST_CASE("two signals tell more than one") {
  const auto taken = [](int signals) {
    Traces traces = MakeTraces(kSteps);
    Random random(5);
    for (int i = 0; i < signals; ++i) {
      AddSignal(
          traces, SignalKind::kRatio, Labels{{"alertname", std::to_string(i)}, {"psp", "acme"}}, 50,
          0.02,
          Share(random, 50, [](size_t step) { return step >= kFrom && step < kTo ? 0.05 : 0.02; }));
    }
    const std::vector<KnownChange> changes{Known(traces)};
    const auto sightings = ClairvoyantSightings(traces, changes, Calm(traces), 1);
    REQUIRE(sightings[0].seen);
    CHECK(sightings[0].signals == static_cast<size_t>(signals));
    return sightings[0].at - changes[0].incident.start;
  };
  CHECK(2 * taken(6) < taken(1));
}

TEST_CASE("an incident that moves nothing has no signals, and is not seen") {
  Traces traces = MakeTraces(kSteps);
  Random random(3);
  AddSignal(traces, SignalKind::kRatio, Labels{{"alertname", "f"}, {"psp", "acme"}}, 100, 0.02,
            Share(random, 100, [](size_t) { return 0.02; }));
  // What moves elsewhere is none of its signals.
  AddSignal(traces, SignalKind::kRatio, Labels{{"alertname", "f"}, {"psp", "globex"}}, 100, 0.02,
            Share(random, 100, [](size_t step) { return step >= kFrom ? 0.5 : 0.02; }));
  const std::vector<KnownChange> changes{Known(traces)};
  const auto sightings = ClairvoyantSightings(traces, changes, Calm(traces), 1);
  CHECK(sightings[0].signals == 0);
  CHECK_FALSE(sightings[0].seen);
}

TEST_CASE("what looks the same but is no incident raises the threshold, a budget lowers it") {
  Traces traces = MakeTraces(kSteps);
  Random random(3);
  AddSignal(traces, SignalKind::kRatio, Labels{{"alertname", "f"}, {"psp", "acme"}}, 100, 0.02,
            Share(random, 100, [](size_t step) {
              const bool blip = step % 2880 >= 100 && step % 2880 < 104;  // every day
              return blip || (step >= kFrom && step < kTo) ? 0.3 : 0.02;
            }));
  const std::vector<KnownChange> changes{Known(traces)};
  const auto strict = ClairvoyantSightings(traces, changes, Calm(traces), 1);
  const auto loose = ClairvoyantSightings(traces, changes, Calm(traces), 10);
  REQUIRE(strict[0].seen);
  const TimeMs start = changes[0].incident.start;
  CHECK(strict[0].at - start > 4 * traces.step_ms);  // it must not fire for four such points
  CHECK(loose[0].at - start == traces.step_ms);
}

}  // namespace
}  // namespace quell::replay
