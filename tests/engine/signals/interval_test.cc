#include <catch2/catch.hpp>

#include "tests/engine/signals/signal_bench.h"

namespace quell::signals {
namespace {

const Labels kOrders{{"__name__", "orders_total"}, {"service", "shop"}};
const std::string kVolume = "orders_total:volume";

TEST_CASE("Interval: a 60 s scrape on a 30 s grid closes every second step", "[signals]") {
  SignalBench bench;
  for (double at = 10; at <= 1210; at += 60) {
    bench.Sample(kOrders, at, at);
    bench.CloseTo(at);
  }
  bench.CloseTo(1230);
  CHECK(bench.engine.Interval(bench.Slot(kVolume)) == 60000);
  const std::vector<double> steps = bench.StepsWith(kVolume);
  REQUIRE(steps.size() >= 18);
  for (size_t i = 2; i < steps.size(); ++i) CHECK(steps[i] - steps[i - 1] == 60);
  bench.CloseTo(1260);
  CHECK(bench.StepsWith(kVolume).size() == 20);
}

TEST_CASE("Interval: jitter does not make a 30 s scrape a 60 s one", "[signals]") {
  SignalBench bench;
  const double jitter[] = {0, 2.4, -2.1, 0.3, 1.9, -2.5};
  for (int i = 0; i <= 60; ++i) {
    const double at = 10 + 30 * i + jitter[i % 6];
    bench.Sample(kOrders, at, at);
    bench.CloseTo(30.0 * i);
  }
  CHECK(bench.StepsWith(kVolume).size() == 59);
  for (const double seconds : bench.StepsWith(kVolume)) CHECK(seconds >= 60);
}

TEST_CASE("Interval: hourly data closes every hour and is no gap", "[signals]") {
  SignalBench bench;
  for (int hour = 0; hour <= 48; ++hour) {
    const double at = 3600.0 * hour;
    bench.Sample(kOrders, at, 500 * hour);
    bench.CloseTo(at);
  }
  const std::vector<double> steps = bench.StepsWith(kVolume);
  REQUIRE(steps.size() == 48);
  CHECK(steps.front() == 3600);
  CHECK(steps.back() == 48 * 3600.0);
  CHECK(bench.Point(kVolume)->point.n == 500);
  CHECK(bench.Point(kVolume)->point.exposure_seconds == 3600);
  CHECK(bench.engine.counters().gaps == 0);
}

TEST_CASE("Interval: a shorter spacing is believed at once, a longer one after 64 in a row",
          "[signals]") {
  SignalBench bench;
  bench.Sample(kOrders, 0, 0);
  bench.Sample(kOrders, 60, 60);
  const std::uint32_t slot = bench.Slot(kVolume);
  CHECK(bench.engine.Interval(slot) == 60000);
  bench.Sample(kOrders, 90, 90);
  CHECK(bench.engine.Interval(slot) == 30000);
  for (int i = 1; i <= 63; ++i) bench.Sample(kOrders, 90 + 60 * i, 90 + 60 * i);
  CHECK(bench.engine.Interval(slot) == 30000);
  bench.Sample(kOrders, 90 + 60 * 64, 90 + 60 * 64);
  CHECK(bench.engine.Interval(slot) == 60000);
}

TEST_CASE("Interval: states follow the learned interval", "[signals]") {
  SignalBench bench;
  for (double at = 0; at <= 300; at += 30) {
    bench.Sample(kOrders, at, at);
    bench.CloseTo(at);
  }
  const std::uint32_t slot = bench.Slot(kVolume);
  const auto state = [&](double seconds) {
    return bench.engine.State(slot, kStart + static_cast<TimeMs>(seconds * 1000));
  };
  CHECK(state(330) == SignalState::kLive);
  CHECK(state(360) == SignalState::kLive);
  CHECK(state(361) == SignalState::kLate);
  CHECK(state(600) == SignalState::kLate);
  CHECK(state(601) == SignalState::kDead);
  bench.Sample(kOrders, 330, 300);  // reports, and counts nothing
  bench.CloseTo(330);
  CHECK(state(330) == SignalState::kZero);
  CHECK(SignalStateName(state(330)) == "zero");
}

}  // namespace
}  // namespace quell::signals
