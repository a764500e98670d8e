// Native histograms through the SignalEngine: the same rules as counters, the same points as the
// classic histogram that they stand for.
#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "core/random.h"
#include "engine/signals/series_filter.h"
#include "tests/engine/signals/signal_bench.h"

namespace quell::signals {
namespace {

using ingest::HistogramSample;
using ingest::SeriesType;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const Labels kCalls{{"__name__", "call_seconds"}, {"psp", "acme"}, {"instance", "a"}};
const std::string kLatency = "call_seconds:latency";

HistogramSample Sample(std::vector<ingest::HistogramBucket> buckets) {
  HistogramSample out;
  out.buckets = std::move(buckets);
  for (const auto& bucket : out.buckets) out.count += bucket.count;
  return out;
}

// A bench whose latency is judged from the first window on: slow is above 1.
SignalBench Judged() { return SignalBench({QuantileOf(kLatency, "call_seconds_bucket", 1)}); }

void CheckPoint(const SignalBench& bench, const std::string& name, double k, double n) {
  const auto point = bench.Point(name);
  REQUIRE(point);
  CHECK(point->point.k == k);
  CHECK(point->point.n == n);
}

Labels Bucket(const std::string& le, const std::string& instance = "a") {
  return {{"__name__", "call_seconds_bucket"}, {"psp", "acme"}, {"instance", instance}, {"le", le}};
}

}  // namespace

TEST_CASE("Native signals: growth between two samples is the window", "[signals]") {
  SignalBench bench = Judged();
  bench.Histogram(kCalls, 0, Sample({{1, 1000}, {2, 1000}}));
  bench.CloseTo(0);
  CHECK_FALSE(bench.Point(kLatency));  // what came before is not known
  bench.Histogram(kCalls, 30, Sample({{1, 1090}, {2, 1010}}));
  bench.CloseTo(30);
  CheckPoint(bench, kLatency, 10, 100);
  CHECK(bench.Point(kLatency)->point.value == 0.1);
  CHECK(bench.Point(kLatency)->shown == 1.5);
  CHECK(bench.Point(kLatency)->point.exposure_seconds == 30);
  CHECK(bench.engine.counters().histograms == 2);
  CHECK(bench.engine.counters().samples == 2);
}

TEST_CASE("Native signals: resets, gauges, gaps and staleness", "[signals]") {
  SignalBench bench = Judged();
  bench.Histogram(kCalls, 0, Sample({{1, 1000}, {2, 1000}}));
  bench.Histogram(kCalls, 30, Sample({{1, 8}, {2, 2}}));  // restarted
  bench.CloseTo(30);
  CheckPoint(bench, kLatency, 2, 10);
  CHECK(bench.engine.counters().resets == 1);

  HistogramSample gauge = Sample({{1, 30}, {2, 10}});
  gauge.gauge = true;
  bench.Histogram(kCalls, 60, gauge);
  bench.CloseTo(60);
  CheckPoint(bench, kLatency, 10, 40);
  CHECK(bench.engine.counters().resets == 1);

  HistogramSample stale;
  stale.stale = true;
  bench.Histogram(kCalls, 90, stale);
  bench.CloseTo(90);
  CHECK_FALSE(bench.Point(kLatency));
  CHECK(bench.engine.counters().stale_markers == 1);
  bench.Histogram(kCalls, 120, Sample({{1, 31}, {2, 10}}));  // goes on from before the marker
  bench.CloseTo(120);
  CheckPoint(bench, kLatency, 0, 1);

  bench.Histogram(kCalls, 120 + 301, Sample({{1, 9000}, {2, 9000}}));
  bench.CloseTo(450);
  CHECK_FALSE(bench.Point(kLatency));
  CHECK(bench.engine.counters().gaps == 1);
}

TEST_CASE("Native signals: times that do not rise", "[signals]") {
  SignalBench bench = Judged();
  bench.Histogram(kCalls, 0, Sample({{1, 10}}));
  bench.Histogram(kCalls, 30, Sample({{1, 20}}));
  bench.Histogram(kCalls, 30, Sample({{1, 20}}));
  bench.Histogram(kCalls, 30, Sample({{1, 10}, {2, 10}}));
  bench.Histogram(kCalls, 29, Sample({{1, 30}}));
  CHECK(bench.engine.counters().duplicates == 1);
  CHECK(bench.engine.counters().duplicate_times == 1);
  CHECK(bench.engine.counters().out_of_order == 1);
  bench.CloseTo(60);
  bench.Histogram(kCalls, 50, Sample({{1, 25}}));  // its step has closed
  CHECK(bench.engine.counters().late == 1);
  bench.CloseTo(90);
  CheckPoint(bench, kLatency, 0, 5);
}

TEST_CASE("Native signals: a histogram born on a known target counts from zero", "[signals]") {
  SignalBench bench = Judged();
  for (int at = 0; at <= 120; at += 30) bench.Histogram(kCalls, at, Sample({{1, 10}}));
  Labels other = kCalls;
  other.Set("route", "new");
  bench.Histogram(other, 150, Sample({{1, 3}, {2, 4}}));
  bench.CloseTo(150);
  CheckPoint(bench, kLatency, 4, 7);
}

TEST_CASE("Native signals: the client halving its resolution makes no requests", "[signals]") {
  SignalBench bench = Judged();
  bench.Histogram(kCalls, 0, Sample({{0.5, 0}, {0.75, 50}, {1, 40}, {1.5, 8}, {2, 2}}));
  bench.Histogram(kCalls, 30, Sample({{0.5, 0}, {0.75, 60}, {1, 45}, {1.5, 9}, {2, 2}}));
  bench.CloseTo(30);
  CheckPoint(bench, kLatency, 1, 16);
  bench.Histogram(kCalls, 60, Sample({{0.5, 0}, {1, 110}, {2, 13}}));
  bench.CloseTo(60);
  CheckPoint(bench, kLatency, 2, 7);
  CHECK(bench.engine.counters().resets == 0);
}

// One stream of requests, told in both ways.
TEST_CASE("Native signals: points are those of the classic histogram, to the bit", "[signals]") {
  const std::vector<std::pair<std::string, double>> edges = {
      {"0.1", 0.1}, {"0.25", 0.25}, {"0.5", 0.5}, {"1", 1}, {"2.5", 2.5}, {"+Inf", kInfinity}};
  SignalBench classic;
  SignalBench native;
  Random random(61);
  std::vector<double> counts(edges.size());
  int points = 0;
  for (int at = 0; at < 6000; at += 30) {
    if (random.Below(40) == 0) counts.assign(edges.size(), 0);  // restarted
    for (int i = 0; i < 40; ++i) ++counts[std::min(random.Below(6), random.Below(6))];
    if (random.Below(20) == 0) continue;  // not scraped
    HistogramSample sample;
    double cumulative = 0;
    for (size_t i = 0; i < edges.size(); ++i) {
      cumulative += counts[i];
      classic.Sample(Bucket(edges[i].first), at, cumulative);
      sample.buckets.push_back({edges[i].second, counts[i]});
    }
    sample.count = cumulative;
    native.Histogram(kCalls, at, sample);
    classic.CloseTo(at);
    native.CloseTo(at);
    const auto expected = classic.Point(kLatency);
    const auto got = native.Point(kLatency);
    REQUIRE(got.has_value() == expected.has_value());
    if (!expected) continue;
    ++points;
    CHECK(got->point.k == expected->point.k);
    CHECK(got->point.n == expected->point.n);
    CHECK(got->point.value == expected->point.value);
    CHECK(got->point.exposure_seconds == expected->point.exposure_seconds);
    CHECK(got->shown == expected->shown);
  }
  CHECK(points > 150);
  CHECK(native.engine.Bound(0) == classic.engine.Bound(0));
}

TEST_CASE("Native signals: found by name and outcome, as the classic series would be",
          "[signals]") {
  const auto names = [](const Labels& labels) {
    std::vector<std::string> out;
    for (const DiscoveredSignal& found : Discover(labels, SeriesType::kHistogram)) {
      out.push_back(found.def.name);
    }
    return out;
  };
  using Names = std::vector<std::string>;
  CHECK(names(kCalls) == Names{"call_seconds:latency"});
  CHECK(names({{"__name__", "http_duration"}, {"code", "500"}}) ==
        Names{"http_duration_count:failure_ratio", "http_duration_count:volume",
              "http_duration:latency"});
  CHECK(names({{"__name__", "payload_bytes"}}).empty());
  CHECK(names({{"__name__", "go_gc_pauses_seconds"}}).empty());
  CHECK(names({{"__name__", "batch_size"}, {"outcome", "ok"}}) ==
        Names{"batch_size_count:failure_ratio", "batch_size_count:volume"});
  // A float series of that name is what it always was.
  REQUIRE(Discover(kCalls).size() == 1);
  CHECK(Discover(kCalls)[0].def.kind == detectors::SignalKind::kGauge);

  SeriesFilter filter({}, true);
  const Labels bytes{{"__name__", "payload_bytes"}};
  CHECK(filter.Wants(kCalls, SeriesType::kHistogram));
  CHECK(filter.Wants(bytes));
  CHECK_FALSE(filter.Wants(bytes, SeriesType::kHistogram));
}

TEST_CASE("Native signals: configured selectors name it as it is or as its classic series",
          "[signals]") {
  for (const std::string suffix : {"", "_count"}) {
    CAPTURE(suffix);
    const std::string total = "call_seconds" + suffix;
    SignalBench bench(
        {RateOf("rate", total), RatioOf("ratio", total + "{code=\"500\"}", total),
         QuantileOf("slow", suffix.empty() ? "call_seconds" : "call_seconds_bucket", 1),
         GaugeOf("gauge", "call_seconds", Aggregate::kSum)});
    Labels good = kCalls;
    good.Set("code", "200");
    Labels bad = kCalls;
    bad.Set("code", "500");
    for (const int at : {0, 30}) {
      bench.Histogram(good, at, Sample({{1, 10.0 + at}, {2, 1.0 * at}}));
      bench.Histogram(bad, at, Sample({{1, 10.0 + at / 10}}));
    }
    bench.CloseTo(30);
    CheckPoint(bench, "rate", 63, 63);
    CheckPoint(bench, "ratio", 3, 63);
    CheckPoint(bench, "slow", 30, 63);
    CHECK_FALSE(bench.Point("gauge"));
    SeriesFilter filter({RateOf("rate", total)}, false);
    CHECK(filter.Wants(good, SeriesType::kHistogram));
    CHECK_FALSE(filter.Wants(Labels{{"__name__", "other"}}, SeriesType::kHistogram));
  }
}

TEST_CASE("Native signals: told in both ways at once, a request counts once", "[signals]") {
  SignalBench bench;
  Labels native{{"__name__", "call_seconds"}, {"psp", "acme"}, {"code", "500"}};
  Labels count{{"__name__", "call_seconds_count"}, {"psp", "acme"}, {"code", "500"}};
  for (int i = 0; i <= 20; ++i) {
    const int at = 30 * i;
    const double requests = 100.0 * i;
    for (const auto& [le, share] : {std::pair{"0.7", 0.9}, {"2", 1.0}, {"+Inf", 1.0}}) {
      bench.Sample(Bucket(le), at, requests * share);
    }
    bench.Sample(count, at, requests);
    if (i >= 10) {
      bench.Histogram(native, at, Sample({{0.5, 0}, {1, 0.92 * requests}, {2, 0.08 * requests}}));
    }
    bench.CloseTo(at);
    CAPTURE(i);
    // The first native sample grows nothing yet; then 200 requests teach the bound anew.
    if (i > 3 && i != 11 && i != 12) {
      const bool is_native = i > 10;
      CheckPoint(bench, kLatency, is_native ? 8 : 10, 100);
      CHECK(bench.engine.Bound(bench.Slot(kLatency)) == (is_native ? 1 : 0.7));
    }
    if (i > 0) CheckPoint(bench, "call_seconds_count:failure_ratio", 100, 100);
  }
}

TEST_CASE("Native signals: floats and histograms of equal labels are two series", "[signals]") {
  SignalBench bench;
  const SeriesId gauge = bench.engine.Intern(kCalls);
  const SeriesId histogram = bench.engine.Intern(kCalls, SeriesType::kHistogram);
  CHECK(gauge != histogram);
  CHECK(bench.engine.Intern(kCalls, SeriesType::kHistogram) == histogram);
  bench.engine.ObserveHistogram(gauge, Sample({{1, 5}}));  // of the wrong type: not taken
  CHECK(bench.engine.counters().histograms == 0);
  SignalOptions one;
  one.series_max = 1;
  SignalEngine bounded({}, one);
  CHECK(bounded.Intern(kCalls) != kIgnoredSeries);
  CHECK(bounded.Intern(kCalls, SeriesType::kHistogram) == kIgnoredSeries);
  CHECK(bounded.counters().refused_series == 1);
}

}  // namespace quell::signals
