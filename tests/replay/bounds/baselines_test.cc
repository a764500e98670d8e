#include "replay/bounds/baselines.h"

#include <catch2/catch.hpp>

#include "tests/replay/bounds/made_traces.h"

namespace quell::replay {
namespace {

using detectors::SignalKind;

constexpr size_t kHour = 120, kWeek = 168 * kHour;

Labels Named(const char* alertname, const char* psp) {
  return Labels{{"alertname", alertname}, {"psp", psp}};
}

TEST_CASE("a static rule fires when five minutes of failures have passed, and ends with them") {
  Traces traces = MakeTraces(1000);
  AddSignal(traces, SignalKind::kRatio, Named("failures", "acme"), 100, 0.01, [](size_t step) {
    if (step >= 200 && step < 209) return 0.5;  // too short by one point
    return step >= 500 && step < 550 ? 0.06 : 0.049;
  });
  const auto firings = StaticRuleFirings(traces);
  REQUIRE(firings.size() == 1);
  CHECK(firings[0].onset == traces.End(500));
  CHECK(firings[0].start == traces.End(510));
  CHECK(firings[0].end == traces.End(550));
}

TEST_CASE("a static rule holds a latency against its week and a volume against the hour before") {
  Traces traces = MakeTraces(kWeek);
  AddSignal(traces, SignalKind::kQuantile, Named("latency", "acme"), 100, 0.05, [](size_t step) {
    return step >= 15000 && step < 15100 ? 0.9 : step >= 10000 && step < 10100 ? 0.7 : 0.4;
  });
  AddSignal(traces, SignalKind::kRate, Named("volume", "acme"), 30, 10,
            [](size_t step) { return step >= 8000 ? 4.9 : 10; });
  const auto firings = StaticRuleFirings(traces);
  REQUIRE(firings.size() == 2);
  CHECK(firings[0].start == traces.End(8010));        // the volume
  CHECK(firings[0].end == traces.End(8000 + kHour));  // the hour before is as low by now
  CHECK(firings[1].start == traces.End(15010));
}

TEST_CASE("the robust z-score knows the hour of the week, and wants three points in a row") {
  Traces traces = MakeTraces(kWeek + 24 * kHour);
  Random random(7);
  // Ten times as many every night: known from the week before.
  AddSignal(traces, SignalKind::kRate, Named("volume", "acme"), 30, 10, [&](size_t step) {
    const size_t hour = step / kHour % 24;
    double value = hour < 5 ? 100 : 10;
    if (step == kWeek + 600 || step == kWeek + 601) value *= 3;   // two points
    if (step >= kWeek + 900 && step < kWeek + 910) value *= 0.3;  // a drop
    return value * (1 + 0.02 * (random.Uniform() - 0.5));
  });
  // Fewer failures are no reason to wake anybody.
  AddSignal(traces, SignalKind::kRatio, Named("failures", "acme"), 1000, 0.1,
            [](size_t step) { return step > kWeek + 700 ? 0 : 0.1; });
  const auto firings = RobustZFirings(traces, 4);
  REQUIRE(firings.size() == 1);
  CHECK(firings[0].start == traces.End(kWeek + 902));
  CHECK(firings[0].end == traces.End(kWeek + 910));
}

ReplayAlert Firing(const Labels& labels, TimeMs start, TimeMs end) {
  ReplayAlert alert;
  alert.labels = labels;
  alert.start = start;
  alert.end = end;
  return alert;
}

TEST_CASE("firings of one alertname and service are one page while any of them lasts") {
  const TimeMs t = kTraceStart;
  const Labels acme = Named("failures", "acme");
  const Labels globex = Named("failures", "globex");
  const Labels slow = Named("latency", "acme");
  ReplayResult like;
  like.first = t;
  like.last = t + kHourMs;
  const auto result = GroupByService(
      {Firing(acme, t, t + 5 * kMinuteMs), Firing(globex, t + kMinuteMs, t + 9 * kMinuteMs),
       Firing(slow, t + kMinuteMs, t + kMinuteMs + 20 * kSecondMs),
       Firing(acme, t + 8 * kMinuteMs, t + 8 * kMinuteMs + 1), Firing(acme, t + 20 * kMinuteMs, 0)},
      like);
  REQUIRE(result.pages.size() == 2);  // the latency was gone before its group's wait was over
  CHECK(result.pages[0].start == t + 30 * kSecondMs);
  CHECK(result.pages[0].end == t + 9 * kMinuteMs);
  CHECK(result.pages[0].members.size() == 3);
  CHECK(result.pages[1].end == like.last);
}

}  // namespace
}  // namespace quell::replay
