// Every row of the table of odd input in engine/signals/signal_engine.h.
#include <catch2/catch.hpp>
#include <limits>

#include "ingest/sample.h"
#include "tests/engine/signals/signal_bench.h"

namespace quell::signals {
namespace {

const Labels kOrders{{"__name__", "orders_total"}, {"service", "shop"}, {"instance", "a"}};
const std::string kVolume = "orders_total:volume";

// Samples every 30 s from `from` to `to`, rising by `rate` a second from `value` at `from`.
void Steady(SignalBench& bench, const Labels& labels, double from, double to, double value,
            double rate = 1) {
  for (double at = from; at <= to; at += 30) {
    bench.Sample(labels, at, value + rate * (at - from));
    bench.CloseTo(at);
  }
}

TEST_CASE("Signals: the first sample of a young target gives no increase", "[signals]") {
  SignalBench bench;
  bench.Sample(kOrders, 0, 1e9);
  bench.CloseTo(0);
  CHECK_FALSE(bench.Point(kVolume));
  bench.Sample(kOrders, 30, 1e9 + 60);
  bench.CloseTo(30);
  REQUIRE(bench.Point(kVolume));
  CHECK(bench.Point(kVolume)->point.n == 60);
  CHECK(bench.Point(kVolume)->point.exposure_seconds == 30);
  CHECK(bench.Point(kVolume)->point.value == 2);
}

TEST_CASE("Signals: a counter born between two scrapes of a known target counts from zero",
          "[signals]") {
  const auto payments = [](const std::string& outcome, const std::string& instance) {
    return Labels{{"__name__", "payments_total"},
                  {"psp", "acme"},
                  {"instance", instance},
                  {"outcome", outcome}};
  };
  const std::string ratio = "payments_total:failure_ratio";
  SignalBench bench;
  Steady(bench, payments("ok", "a"), 0, 120, 0);
  bench.Sample(payments("ok", "a"), 150, 150);
  bench.Sample(payments("error", "a"), 150, 4);  // born: instance a has reported for 150 s
  bench.Sample(payments("error", "b"), 150, 9);  // instance b is new: it may have counted for days
  bench.CloseTo(150);
  REQUIRE(bench.Point(ratio));
  CHECK(bench.Point(ratio)->point.k == 4);
  CHECK(bench.Point(ratio)->point.n == 34);
}

TEST_CASE("Signals: after a reset the new value is the increase", "[signals]") {
  const Labels ok{{"__name__", "payments_total"}, {"instance", "a"}, {"outcome", "ok"}};
  const std::string ratio = "payments_total:failure_ratio";
  SignalBench bench;
  Steady(bench, ok, 0, 60, 1000);
  bench.Sample(ok, 90, 12);
  bench.CloseTo(90);
  REQUIRE(bench.Point(ratio));
  CHECK(bench.Point(ratio)->point.n == 12);
  CHECK(bench.engine.counters().resets == 1);
  bench.Sample(ok, 120, 0);  // to exactly zero
  bench.CloseTo(120);
  CHECK_FALSE(bench.Point(ratio));
  CHECK(bench.engine.counters().resets == 2);
}

TEST_CASE("Signals: a volume has no point for the step of a restart", "[signals]") {
  SignalBench bench;
  Steady(bench, kOrders, 0, 60, 1000);
  bench.Sample(kOrders, 90, 12);
  bench.CloseTo(90);
  CHECK_FALSE(bench.Point(kVolume));
  bench.Sample(kOrders, 120, 42);
  bench.CloseTo(120);
  REQUIRE(bench.Point(kVolume));
  CHECK(bench.Point(kVolume)->point.n == 30);
}

TEST_CASE("Signals: no increase across a gap above the lookback", "[signals]") {
  SignalBench bench;
  Steady(bench, kOrders, 0, 60, 0);
  SECTION("five minutes are bridged") {
    bench.Sample(kOrders, 360, 360);
    bench.CloseTo(360);
    REQUIRE(bench.Point(kVolume));
    CHECK(bench.Point(kVolume)->point.n == 300);
    CHECK(bench.Point(kVolume)->point.exposure_seconds == 300);
    CHECK(bench.engine.counters().gaps == 0);
  }
  SECTION("more is not") {
    bench.Sample(kOrders, 361, 361);
    bench.CloseTo(390);
    CHECK_FALSE(bench.Point(kVolume));
    CHECK(bench.engine.counters().gaps == 1);
    bench.Sample(kOrders, 391, 391);
    bench.CloseTo(420);
    REQUIRE(bench.Point(kVolume));
    CHECK(bench.Point(kVolume)->point.n == 30);
  }
}

TEST_CASE("Signals: three intervals are bridged where they are more than the lookback",
          "[signals]") {
  SignalBench bench;
  for (const double at : {0.0, 600.0, 1200.0}) bench.Sample(kOrders, at, at);
  bench.CloseTo(1200);
  bench.Sample(kOrders, 3000, 3000);
  bench.CloseTo(3000);
  CHECK(bench.engine.counters().gaps == 0);
  bench.Sample(kOrders, 4801, 4801);
  CHECK(bench.engine.counters().gaps == 1);
}

TEST_CASE("Signals: duplicates and out-of-order samples change nothing but their counters",
          "[signals]") {
  SignalBench bench;
  Steady(bench, kOrders, 0, 60, 0);
  bench.Sample(kOrders, 90, 90);
  bench.Sample(kOrders, 90, 90);
  bench.Sample(kOrders, 90, 90);
  bench.Sample(kOrders, 90, 1000);
  bench.Sample(kOrders, 75, 500);
  bench.CloseTo(90);
  CHECK(bench.Point(kVolume)->point.n == 30);
  CHECK(bench.engine.counters().duplicates == 2);
  CHECK(bench.engine.counters().duplicate_times == 1);
  CHECK(bench.engine.counters().out_of_order == 1);
  CHECK(bench.engine.counters().resets == 0);
}

TEST_CASE("Signals: what is later than an hour, or a level than five minutes, is dropped",
          "[signals]") {
  const Labels depth{{"__name__", "queue_depth"}, {"service", "shop"}};
  SignalBench bench;
  Steady(bench, kOrders, 0, 7200, 0);
  const Labels drained{{"__name__", "orders_total"}, {"service", "shop"}, {"instance", "b"}};
  bench.Sample(drained, 7200 - 3601, 10);
  CHECK(bench.engine.counters().too_old == 1);
  bench.Sample(drained, 7200 - 3600, 20);
  bench.Sample(depth, 7200 - 301, 5);
  CHECK(bench.engine.counters().too_old == 2);
  bench.Sample(depth, 7200 - 300, 6);
  CHECK(bench.engine.counters().too_old == 2);
  CHECK(bench.engine.counters().late == 2);
  bench.CloseTo(7230);
  REQUIRE(bench.Point("queue_depth"));
  CHECK(bench.Point("queue_depth")->point.value == 6);
}

TEST_CASE("Signals: a late sample goes to the oldest open step and is counted", "[signals]") {
  SignalBench bench;
  Steady(bench, kOrders, 0, 60, 0);
  bench.CloseTo(120);  // 90 never came in time
  CHECK_FALSE(bench.Point(kVolume));
  bench.Sample(kOrders, 90, 90);
  CHECK(bench.engine.counters().late == 1);
  bench.Sample(kOrders, 150, 150);
  bench.CloseTo(150);
  REQUIRE(bench.Point(kVolume));
  CHECK(bench.Point(kVolume)->point.n == 90);
  CHECK(bench.Point(kVolume)->point.exposure_seconds == 90);
}

TEST_CASE("Signals: a staleness marker leaves the last value to be counted from", "[signals]") {
  SignalBench bench;
  Steady(bench, kOrders, 0, 60, 0);
  bench.Sample(kOrders, 75, ingest::StaleMarker());
  bench.CloseTo(90);
  CHECK_FALSE(bench.Point(kVolume));
  CHECK(bench.engine.counters().stale_markers == 1);
  CHECK(bench.engine.counters().not_finite == 0);
  bench.Sample(kOrders, 120, 120);
  bench.CloseTo(120);
  REQUIRE(bench.Point(kVolume));
  CHECK(bench.Point(kVolume)->point.n == 60);
}

TEST_CASE("Signals: NaN, infinity and negative counters are dropped and counted", "[signals]") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  SignalBench bench;
  Steady(bench, kOrders, 0, 60, 0);
  bench.Sample(kOrders, 70, std::numeric_limits<double>::quiet_NaN());
  bench.Sample(kOrders, 71, kInfinity);
  bench.Sample(kOrders, 72, -kInfinity);
  bench.Sample(kOrders, 73, -1);
  bench.Sample(kOrders, 90, 90);
  bench.CloseTo(90);
  CHECK(bench.engine.counters().not_finite == 4);
  CHECK(bench.Point(kVolume)->point.n == 30);

  const Labels gauge{{"__name__", "balance"}, {"service", "shop"}};
  bench.Sample(gauge, 100, -5);
  bench.CloseTo(120);
  REQUIRE(bench.Point("balance"));
  CHECK(bench.Point("balance")->point.value == -5);
}

TEST_CASE("Signals: while part of its targets is gone a volume waits for an hour", "[signals]") {
  const Labels other{{"__name__", "orders_total"}, {"service", "shop"}, {"instance", "b"}};
  SignalBench bench;
  for (double at = 0; at <= 4500; at += 30) {
    bench.Sample(kOrders, at, at);
    if (at <= 600) bench.Sample(other, at, at);
    bench.CloseTo(at);
  }
  std::vector<double> expected;
  for (double at = 30; at <= 600; at += 30) expected.push_back(at);
  for (double at = 4200; at <= 4500; at += 30) expected.push_back(at);  // 600 s + 1 h
  CHECK(bench.StepsWith(kVolume) == expected);
  CHECK(bench.Point(kVolume)->point.value == 1);
}

TEST_CASE("Signals: a rolling restart does not stop a volume", "[signals]") {
  const Labels next{{"__name__", "orders_total"}, {"service", "shop"}, {"instance", "b"}};
  SignalBench bench;
  for (double at = 0; at <= 1200; at += 30) {
    if (at <= 600) bench.Sample(kOrders, at, at);
    if (at >= 570) bench.Sample(next, at, at - 570);
    bench.CloseTo(at);
  }
  CHECK(bench.StepsWith(kVolume).size() == 40);
}

TEST_CASE("Signals: a ratio goes on with the series that are there", "[signals]") {
  const auto payments = [](const std::string& instance, const std::string& outcome) {
    return Labels{{"__name__", "payments_total"},
                  {"psp", "acme"},
                  {"instance", instance},
                  {"outcome", outcome}};
  };
  SignalBench bench;
  for (double at = 0; at <= 300; at += 30) {
    bench.Sample(payments("a", "ok"), at, at);
    if (at <= 120) bench.Sample(payments("b", "ok"), at, at);
    bench.CloseTo(at);
  }
  CHECK(bench.StepsWith("payments_total:failure_ratio").size() == 10);
  CHECK(bench.Point("payments_total:failure_ratio")->point.n == 30);
}

TEST_CASE("Signals: above the bounds new signals and series are refused and counted", "[signals]") {
  SignalOptions options;
  options.signals_max = 2;
  options.series_max = 4;
  SignalBench bench({}, options);
  for (int i = 0; i < 6; ++i) {
    bench.Sample(Labels{{"__name__", "orders_total"}, {"service", std::to_string(i)}}, 0, 1);
  }
  CHECK(bench.engine.signals().size() == 2);
  CHECK(bench.engine.counters().refused_signals == 2);
  CHECK(bench.engine.counters().refused_series == 2);
}

}  // namespace
}  // namespace quell::signals
