#include <catch2/catch.hpp>
#include <cmath>

#include "tests/engine/signals/signal_bench.h"

namespace quell::signals {
namespace {

Labels Series(const std::string& metric, const std::string& instance,
              const std::string& outcome = "", const std::string& le = "") {
  return Labels{{"__name__", metric},
                {"psp", "acme"},
                {"instance", instance},
                {"outcome", outcome},
                {"le", le}};
}

TEST_CASE("Ratio: keeps how many failed and of how many, over all instances", "[signals]") {
  SignalBench bench;
  for (int i = 0; i <= 1; ++i) {
    for (const char* instance : {"a", "b"}) {
      bench.Sample(Series("pay_total", instance, "ok"), 30 * i, 900.0 * i);
      bench.Sample(Series("pay_total", instance, "declined"), 30 * i, 80.0 * i);
      bench.Sample(Series("pay_total", instance, "error"), 30 * i, 20.0 * i);
    }
    bench.CloseTo(30 * i);
  }
  REQUIRE(bench.Point("pay_total:failure_ratio"));
  const detectors::Point point = bench.Point("pay_total:failure_ratio")->point;
  CHECK(point.k == 40);
  CHECK(point.n == 2000);
  CHECK(point.value == 0.02);
}

TEST_CASE("Ratio: without requests there is no point, not a zero", "[signals]") {
  SignalBench bench;
  for (int i = 0; i <= 3; ++i) bench.Sample(Series("pay_total", "a", "ok"), 30 * i, 7);
  bench.CloseTo(90);
  CHECK(bench.StepsWith("pay_total:failure_ratio").empty());
  REQUIRE(bench.Point("pay_total:volume"));  // zero volume is a point
  CHECK(bench.Point("pay_total:volume")->point.value == 0);
}

TEST_CASE("Ratio: configured selectors and grouping", "[signals]") {
  SignalDef def = RatioOf("my_ratio", "pay_total{outcome=\"error\"}", "pay_total");
  def.by = {"psp", "absent"};
  SignalOptions options;
  options.discover = false;
  SignalBench bench({def}, options);
  for (int i = 0; i <= 1; ++i) {
    bench.Sample(Series("pay_total", "a", "ok"), 30 * i, 90.0 * i);
    bench.Sample(Series("pay_total", "a", "error"), 30 * i, 10.0 * i);
    bench.Sample(Series("other_total", "a", "error"), 30 * i, 10.0 * i);
    bench.CloseTo(30 * i);
  }
  REQUIRE(bench.engine.signals().size() == 1);
  CHECK(bench.engine.signals()[0].labels == Labels{{"alertname", "my_ratio"}, {"psp", "acme"}});
  CHECK(bench.engine.signals()[0].series == 2);
  CHECK(bench.engine.counters().ignored_series == 1);
  CHECK(bench.Point("my_ratio")->point.k == 10);
  CHECK(bench.Point("my_ratio")->point.n == 100);
}

TEST_CASE("Rate: exposure is the time that the samples cover, not the window", "[signals]") {
  SignalBench bench;
  bench.Sample(Series("orders_total", "a"), 0, 0);
  bench.Sample(Series("orders_total", "b"), 5, 0);
  bench.CloseTo(0);
  bench.Sample(Series("orders_total", "a"), 25, 50);
  bench.Sample(Series("orders_total", "b"), 30, 100);
  bench.CloseTo(30);
  REQUIRE(bench.Point("orders_total:volume"));
  const detectors::Point point = bench.Point("orders_total:volume")->point;
  CHECK(point.n == 150);
  CHECK(point.k == 150);
  CHECK(point.exposure_seconds == 25);
  CHECK(point.value == 6);
}

TEST_CASE("Quantile: share above the learned bound, and the interpolated quantile", "[signals]") {
  SignalBench bench;
  const std::vector<std::pair<std::string, double>> buckets = {
      {"0.1", 40}, {"0.25", 80}, {"0.5", 93}, {"1", 99}, {"+Inf", 100}};
  for (int i = 0; i <= 4; ++i) {
    for (const auto& [le, count] : buckets) {
      bench.Sample(Series("call_seconds_bucket", "a", "", le), 30 * i, count * i);
    }
    bench.CloseTo(30 * i);
  }
  // 200 requests teach the bound: 7 % above 0.5 s is nearest to the 8 % looked for.
  const std::string name = "call_seconds:latency";
  CHECK(bench.engine.Bound(bench.Slot(name)) == 0.5);
  CHECK(bench.StepsWith(name) == std::vector<double>{90, 120});
  const auto point = bench.Point(name);
  REQUIRE(point);
  CHECK(point->point.k == 7);
  CHECK(point->point.n == 100);
  CHECK(point->point.value == 0.07);
  CHECK(std::abs(point->shown - (0.5 + 0.5 * 2 / 6)) < 1e-12);
}

TEST_CASE("Quantile: a configured bound is judged from the first window on", "[signals]") {
  SignalBench bench({QuantileOf("lat", "call_seconds_bucket", 0.25)});
  for (int i = 0; i <= 1; ++i) {
    for (const auto& [le, count] :
         std::vector<std::pair<std::string, double>>{{"0.1", 4}, {"0.25", 8}, {"+Inf", 10}}) {
      bench.Sample(Series("call_seconds_bucket", "a", "", le), 30 * i, count * i);
    }
    bench.CloseTo(30 * i);
  }
  REQUIRE(bench.Point("lat"));
  CHECK(bench.Point("lat")->point.k == 2);
  CHECK(bench.Point("lat")->point.n == 10);
  CHECK(bench.Point("lat")->shown == 0.25);  // above the last finite edge: the edge
}

TEST_CASE("Gauge: average, sum and maximum over the group's series", "[signals]") {
  SignalOptions options;
  options.discover = false;
  SignalBench bench(
      {GaugeOf("average", "depth", Aggregate::kAverage), GaugeOf("sum", "depth", Aggregate::kSum),
       GaugeOf("max", "depth", Aggregate::kMax)},
      options);
  bench.Sample(Series("depth", "a"), 10, -2);
  bench.Sample(Series("depth", "b"), 10, -6);
  bench.Sample(Series("depth", "a"), 20, -4);
  bench.Sample(Series("depth", "b"), 20, -8);
  bench.CloseTo(30);
  CHECK(bench.Point("average")->point.value == -5);
  CHECK(bench.Point("average")->point.n == 4);
  CHECK(bench.Point("sum")->point.value == -10);  // both series at their averages
  CHECK(bench.Point("max")->point.value == -2);
  bench.CloseTo(60);
  CHECK_FALSE(bench.Point("average"));  // nothing new is no point
}

TEST_CASE("Signals: equal groups share a group number over metrics", "[signals]") {
  SignalBench bench;
  bench.Sample(Series("pay_total", "a", "ok"), 0, 0);
  bench.Sample(Series("call_seconds_bucket", "a", "", "1"), 0, 0);
  bench.Sample(Labels{{"__name__", "pay_total"}, {"psp", "other"}, {"outcome", "ok"}}, 0, 0);
  const auto group = [&](size_t slot) { return bench.engine.signals()[slot].group; };
  REQUIRE(bench.engine.signals().size() == 5);
  CHECK(group(0) == group(1));
  CHECK(group(0) == group(2));
  CHECK(group(3) == group(4));
  CHECK(group(0) != group(3));
}

TEST_CASE("Signals: a recording rule that took a histogram's name keeps it", "[signals]") {
  SignalBench bench;
  bench.Sample(Labels{{"__name__", "call_seconds:latency"}, {"psp", "acme"}}, 0, 0.2);
  bench.Sample(Series("call_seconds_bucket", "a", "", "1"), 0, 10);
  bench.Sample(Series("call_seconds_bucket", "a", "", "1"), 30, 20);
  bench.CloseTo(30);
  REQUIRE(bench.engine.signals().size() == 1);
  CHECK(bench.engine.Definition(0).kind == detectors::SignalKind::kGauge);
}

}  // namespace
}  // namespace quell::signals
