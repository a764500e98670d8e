// The detectors' own examination: `detectors_test "[evaluate]"` prints false alarms and delays.
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "detectors/bank.h"
#include "simulated_signal.h"

namespace quell::detectors {
namespace {

struct Scenario {
  std::string name;
  SimulatedShape shape;
  double factor = 1;
  Direction direction = Direction::kUp;
};

struct Tally {
  int false_alarms = 0;
  int incidents = 0;
  int found = 0;
  double delay_minutes = 0;
  std::array<long, 5> below{};  // points with p < 1e-2 .. 1e-6 outside incidents
  long points = 0;
};

struct Alarm {
  bool open = false;
  int bad = 0;
  int calm = 0;
};

constexpr TimeMs kStart = 1'754'265'600'000;  // a Monday
constexpr DurationMs kIncidentMs = 20 * kMinuteMs;
constexpr int kSeriesEach = 8;

std::vector<Scenario> Scenarios() {
  std::vector<Scenario> all;
  for (const double peak : {6.0, 20.0, 200.0, 2000.0}) {
    SimulatedShape shape;
    shape.peak_per_minute = peak;
    const std::string at = std::to_string(static_cast<int>(peak));
    all.push_back({"ratio@" + at + " 1.5->15%", shape, 10});
    all.push_back({"ratio@" + at + " 1.5->6%", shape, 4});
    shape.kind = SignalKind::kQuantile;
    shape.base = 0.05;
    all.push_back({"slow@" + at + " 5->20%", shape, 4});
    shape.kind = SignalKind::kRate;
    shape.noise_sd = 0.08;
    all.push_back({"rate@" + at + " -40%", shape, 0.6, Direction::kDown});
    all.push_back({"rate@" + at + " -95%", shape, 0.05, Direction::kDown});
  }
  SimulatedShape gauge;
  gauge.kind = SignalKind::kGauge;
  gauge.base = 0.25;
  gauge.noise_sd = 0.1;
  all.push_back({"gauge x2", gauge, 2});
  all.push_back({"gauge x1.5", gauge, 1.5});
  return all;
}

bool InIncident(TimeMs at, size_t series, TimeMs& start) {
  const TimeMs offset = static_cast<TimeMs>(series * 7 % 101) * kHourMs + 17 * kMinuteMs;
  const TimeMs since = at - kStart - 7 * kDayMs - offset;
  if (since < 0) return false;
  // Every 4 days and 5 hours, so that all hours of the day have their turn.
  const DurationMs period = 4 * kDayMs + 5 * kHourMs;
  start = at - since % period;
  return since % period < kIncidentMs;
}

void Run(bool incidents, double budget, int days) {
  const std::vector<Scenario> scenarios = Scenarios();
  auto bank = DetectorBank::Create({});
  REQUIRE(bank.ok());
  std::vector<SimulatedSignal> signals;
  for (size_t i = 0; i < scenarios.size() * kSeriesEach; ++i) {
    const Scenario& scenario = scenarios[i / kSeriesEach];
    signals.emplace_back(scenario.shape, 100 + i);
    SignalSpec spec;
    spec.kind = scenario.shape.kind;
    spec.policy.direction = scenario.direction;
    spec.interval_ms = scenario.shape.interval_ms;
    spec.group = static_cast<std::uint32_t>(i % kSeriesEach);
    bank->AddSignal(spec);
  }
  std::vector<Tally> tallies(scenarios.size());
  std::vector<Alarm> alarms(signals.size());
  std::vector<TimeMs> found(signals.size(), 0);
  std::vector<Point> points(signals.size());
  std::vector<Verdict> verdicts(signals.size());
  for (TimeMs at = kStart + 30'000; at < kStart + days * kDayMs; at += 30'000) {
    for (size_t i = 0; i < signals.size(); ++i) {
      TimeMs start = 0;
      const bool inside = incidents && InIncident(at, i, start);
      points[i] =
          signals[i].Next(static_cast<Slot>(i), at, inside ? scenarios[i / kSeriesEach].factor : 1);
    }
    bank->Observe(at, points, verdicts);
    for (const AdoptedShift& shift : bank->Adopted()) alarms[shift.slot] = {};
    for (size_t i = 0; i < signals.size(); ++i) {
      Tally& tally = tallies[i / kSeriesEach];
      Alarm& alarm = alarms[i];
      TimeMs start = 0;
      const bool inside = incidents && InIncident(at, i, start);
      const bool near =
          inside || (incidents && start > 0 && at - start < kIncidentMs + 30 * kMinuteMs);
      if (inside && at == start) ++tally.incidents;
      const double p = verdicts[i].tail_probability;
      if (!near && verdicts[i].reason != VerdictReason::kInsufficientEvidence) {
        ++tally.points;
        for (int e = 0; e < 5; ++e) tally.below[e] += p < std::pow(10.0, -2 - e) ? 1 : 0;
      }
      const bool bad = verdicts[i].reason == VerdictReason::kAnomalous && p < budget;
      alarm.bad = bad ? alarm.bad + 1 : 0;
      alarm.calm = p > 1e-3 ? alarm.calm + 1 : 0;
      if (!alarm.open && (alarm.bad >= 2 || (bad && p < budget * budget))) {
        alarm.open = true;
        bank->SetFrozen(static_cast<Slot>(i), true);
        if (inside && found[i] != start) {
          ++tally.found;
          tally.delay_minutes += static_cast<double>(at - start) / kMinuteMs;
          found[i] = start;
        } else if (!near) {
          ++tally.false_alarms;
        }
      } else if (alarm.open && alarm.calm >= 6) {
        alarm.open = false;
        bank->SetFrozen(static_cast<Slot>(i), false);
      }
    }
  }
  const double weeks = days / 7.0 * kSeriesEach;
  for (size_t i = 0; i < scenarios.size(); ++i) {
    const Tally& t = tallies[i];
    std::printf(
        "%-20s FP/wk %6.3f  det %3d/%3d delay %5.1f  p<1e-2:%.4f 1e-3:%.5f 1e-4:%.6f 1e-5:%.7f "
        "1e-6:%.7f\n",
        scenarios[i].name.c_str(), t.false_alarms / weeks, t.found, t.incidents,
        t.found > 0 ? t.delay_minutes / t.found : 0.0, double(t.below[0]) / t.points,
        double(t.below[1]) / t.points, double(t.below[2]) / t.points, double(t.below[3]) / t.points,
        double(t.below[4]) / t.points);
  }
}

}  // namespace

TEST_CASE("Evaluation: null series", "[.][evaluate]") { Run(false, 1e-6, 28); }
TEST_CASE("Evaluation: incidents", "[.][evaluate]") { Run(true, 1e-6, 28); }
TEST_CASE("Evaluation: incidents, small budget", "[.][evaluate]") { Run(true, 1e-8, 28); }

}  // namespace quell::detectors
