#include "replay/simulator/simulator.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "replay/simulator/batch_sink.h"
#include "tests/replay/simulator/collector.h"
#include "tests/support/sanitized.h"

namespace quell::simulator {
namespace {

// Share of a PSP's payments that failed or timed out.
double FailShare(const Collector& run, const std::string& where, TimeMs from, TimeMs to) {
  const double bad =
      run.Increase("payments_total{outcome=~\"failed|timeout\"," + where + "}", from, to);
  return bad / run.Increase("payments_total{" + where + "}", from, to);
}

double DeclineShare(const Collector& run, const std::string& where, TimeMs from, TimeMs to) {
  const double declined =
      run.Increase("payments_total{outcome=\"declined\"," + where + "}", from, to);
  return declined / run.Increase("payments_total{" + where + "}", from, to);
}

}  // namespace

TEST_CASE("Simulator: the same seed gives the same samples, another seed others", "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = kHourMs;
  options.restarts = true;
  const Collector first = Simulate(options);
  const Collector again = Simulate(options);
  REQUIRE_FALSE(first.series().empty());
  bool same = first.series().size() == again.series().size();
  for (const auto& [labels, samples] : first.series()) {
    const auto& other = again.series().at(labels);
    same = same && samples.size() == other.size();
    for (size_t i = 0; same && i < samples.size(); ++i) {
      same = samples[i].time == other[i].time && samples[i].value == other[i].value;
    }
  }
  CHECK(same);
  options.seed = 2;
  const Collector other = Simulate(options);
  CHECK(first.Increase("payments_total", 0, kForever) !=
        other.Increase("payments_total", 0, kForever));
}

TEST_CASE("Simulator: two spans of time make the samples of one", "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = kHourMs;
  const Collector whole = Simulate(options);
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  Collector parts;
  REQUIRE((*simulator)->Run(options.start, options.start + 20 * kMinuteMs, parts).ok());
  REQUIRE((*simulator)->Run(options.start + 20 * kMinuteMs, options.start + kHourMs, parts).ok());
  CHECK(whole.Increase("payments_total", 0, kForever) ==
        parts.Increase("payments_total", 0, kForever));
  CHECK(parts.in_order());
}

TEST_CASE("Simulator: a PSP outage shows in its own lane and nowhere else", "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.inject = {"psp_outage,psp=globex;region=eu,+3h,30m"};
  const Collector run = Simulate(options);
  const TimeMs start = options.start + 3 * kHourMs;
  const std::string where = "psp=\"globex\",region=\"eu\"";
  CHECK(FailShare(run, where, options.start, start) < 0.05);
  CHECK(FailShare(run, where, start + 2 * kMinuteMs, start + 30 * kMinuteMs) > 0.25);
  CHECK(FailShare(run, where, start + 35 * kMinuteMs, start + 2 * kHourMs) < 0.05);
  CHECK(FailShare(run, "psp=\"acme\",region=\"eu\"", start, start + 30 * kMinuteMs) < 0.05);
  CHECK(FailShare(run, "psp=\"globex\",region=\"us\"", start, start + 30 * kMinuteMs) < 0.05);
}

TEST_CASE("Simulator: injecting at one place leaves the other targets' samples alone",
          "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = 2 * kHourMs;
  const Collector calm = Simulate(options);
  options.inject = {"psp_outage,psp=globex;region=eu,+1h,30m"};
  const Collector struck = Simulate(options);
  const std::string elsewhere = "{__name__=~\".+_total\",region=\"us\"}";
  CHECK(calm.Increase(elsewhere, 0, kForever) == struck.Increase(elsewhere, 0, kForever));
}

TEST_CASE("Simulator: a rise of declines is not a rise of failures", "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.inject = {"business_decline_rise,psp=acme;region=eu,+3h,1h"};
  const Collector run = Simulate(options);
  const TimeMs from = options.start + 3 * kHourMs + 30 * kMinuteMs;
  const TimeMs to = options.start + 4 * kHourMs;
  const std::string where = "psp=\"acme\",region=\"eu\"";
  CHECK(DeclineShare(run, where, from, to) >
        DeclineShare(run, where, options.start, options.start + 3 * kHourMs) + 0.05);
  CHECK(FailShare(run, where, from, to) < 0.05);
}

TEST_CASE("Simulator: counters only grow, histograms are cumulative and agree with their count",
          "[simulator]") {
  const Collector run = Simulate(QuietOptions());
  std::map<Labels, std::map<double, double>> buckets;
  std::map<Labels, double> counts;
  for (const auto& [labels, samples] : run.series()) {
    const std::string name(labels.MetricName());
    for (size_t i = 0; i < samples.size(); ++i) REQUIRE(std::isfinite(samples[i].value));
    if (name.ends_with("_total") || name.ends_with("_bucket") || name.ends_with("_sum")) {
      for (size_t i = 1; i < samples.size(); ++i) {
        REQUIRE(samples[i].value >= samples[i - 1].value);
        REQUIRE(samples[i].time > samples[i - 1].time);
      }
    }
    Labels key = labels;
    key.Set("le", "");
    if (name.ends_with("_bucket")) {
      const std::string le(labels.Get("le"));
      key.Set(kMetricName, name.substr(0, name.size() - 7));
      buckets[key][le == "+Inf" ? 1e9 : std::stod(le)] = samples.back().value;
    } else if (name.ends_with("_count")) {
      key.Set(kMetricName, name.substr(0, name.size() - 6));
      counts[key] = samples.back().value;
    }
  }
  REQUIRE_FALSE(buckets.empty());
  for (const auto& [key, bounds] : buckets) {
    double last = 0;
    for (const auto& [le, value] : bounds) {
      CHECK(value >= last);
      last = value;
    }
    CHECK(last == counts.at(key));
  }
}

TEST_CASE("Simulator: night is quieter than day, and small PSPs are nearly silent then",
          QUELL_COUNTS "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.start = kDefaultStartMs;
  options.duration_ms = kDayMs;
  const Collector run = Simulate(options);
  const auto rate = [&](const std::string& psp, int hour) {
    return run.Increase("payments_total{region=\"eu\",psp=\"" + psp + "\"}",
                        options.start + hour * kHourMs, options.start + (hour + 1) * kHourMs) /
           60;
  };
  CHECK(rate("acme", 1) < 0.4 * rate("acme", 17));
  CHECK(rate("umbrella", 17) > 1);  // a minute
  CHECK(rate("umbrella", 17) < 30);
  CHECK(rate("umbrella", 1) < 5);
}

TEST_CASE("Simulator: a scrape outage leaves a gap, and counters have gone on meanwhile",
          "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = 2 * kHourMs;
  options.inject = {"monitoring_outage,all,+1h,10m"};
  const Collector run = Simulate(options);
  const TimeMs gap = options.start + kHourMs;
  CHECK(run.Samples("up", gap, gap + 10 * kMinuteMs - kSecondMs) == 0);
  CHECK(run.Samples("up", gap + 11 * kMinuteMs, gap + 12 * kMinuteMs) > 0);
  CHECK(run.Increase("payments_total", gap, gap + 12 * kMinuteMs) >
        5 * run.Increase("payments_total", gap - 2 * kMinuteMs, gap - kMinuteMs));
}

TEST_CASE("Simulator: a restart resets counters", "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = 2 * kHourMs;
  options.inject = {"counter_reset,service=ledger;region=us,+1h,1m"};
  const Collector run = Simulate(options);
  int ended = 0;
  for (const auto& [labels, samples] : run.series()) {
    if (labels.Get("service") != "ledger" || labels.Get("region") != "us") continue;
    if (labels.MetricName() != "http_requests_total" || labels.Get("code") != "200") continue;
    for (size_t i = 1; i < samples.size(); ++i) {
      const bool stale = ingest::IsStale(samples[i].value);
      ended += stale || samples[i].value < samples[i - 1].value ? 1 : 0;
    }
  }
  CHECK(ended >= options.instances);
}

TEST_CASE("Simulator: a launch begins a lane and a decommission ends one with a marker",
          "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = 5 * kHourMs;
  options.inject = {"launch,psp=umbrella;region=eu,+2h,30m",
                    "decommission,psp=initech;region=us,+1h,30m"};
  const Collector run = Simulate(options);
  const std::string launched = "payments_total{psp=\"umbrella\",region=\"eu\"}";
  CHECK(run.Samples(launched, 0, options.start + 2 * kHourMs) == 0);
  CHECK(run.Samples(launched, options.start + 3 * kHourMs, kForever) > 0);
  const std::string ended = "payments_total{psp=\"initech\",region=\"us\"}";
  CHECK(run.Samples(ended, 0, options.start + kHourMs) > 0);
  CHECK(run.Samples(ended, options.start + kHourMs + 31 * kMinuteMs, kForever) == 0);
  for (const auto& [labels, samples] : run.series()) {
    if (labels.Get("psp") == "initech" && labels.Get("region") == "us") {
      CHECK(ingest::IsStale(samples.back().value));
    }
  }
}

TEST_CASE("BatchSink: batches are bounded, in time order and lose nothing", "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = 10 * kMinuteMs;
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  std::uint64_t samples = 0;
  TimeMs newest = 0;
  BatchSink sink(500, [&](const ingest::SampleBatch& batch) -> Status {
    CHECK(batch.samples.size() <= 500);
    TimeMs latest = 0;
    for (const auto& series : batch.series) {
      for (std::uint32_t i = series.begin; i < series.end; ++i) {
        CHECK(batch.samples[i].time >= newest);
        latest = std::max(latest, batch.samples[i].time);
      }
    }
    newest = latest;
    samples += batch.samples.size();
    return Ok{};
  });
  REQUIRE((*simulator)->Run(options.start, options.start + 10 * kMinuteMs, sink).ok());
  REQUIRE(sink.Flush().ok());
  CHECK(samples == 20 * (*simulator)->topology().SeriesCount());
}

}  // namespace quell::simulator
