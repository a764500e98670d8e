#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/replay/simulator/collector.h"
#include "tests/support/sanitized.h"

namespace quell::simulator {
namespace {

// How much the payments of neighbouring minutes differ, as a share of them.
double Restlessness(const Collector& run, TimeMs from) {
  double sum = 0;
  double last = 0;
  for (int minute = 0; minute < 60; ++minute) {
    const TimeMs at = from + minute * kMinuteMs;
    const double now = run.Increase("payments_total", at, at + kMinuteMs);
    if (last > 0) sum += std::abs(std::log(now / last));
    last = now;
  }
  return sum / 59;
}

}  // namespace

TEST_CASE("Simulator: a swing deepens the night, a burst makes volumes restless",
          QUELL_COUNTS "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.start = kDefaultStartMs;
  options.duration_ms = kDayMs;
  options.regions = 1;
  options.services = 1;
  const auto night_of_day = [&](const Collector& run) {
    std::vector<double> hours;
    for (int hour = 0; hour < 24; ++hour) {
      const TimeMs at = options.start + hour * kHourMs;
      hours.push_back(run.Increase("payments_total", at, at + kHourMs));
    }
    std::sort(hours.begin(), hours.end());
    return hours.front() / hours.back();
  };
  const Collector usual = Simulate(options);
  options.swing = 1.5;
  const Collector deep = Simulate(options);
  CHECK(night_of_day(deep) < 0.6 * night_of_day(usual));
  options.swing = 1;
  options.burst = 0.4;
  const Collector restless = Simulate(options);
  const TimeMs noon = options.start + 12 * kHourMs;
  CHECK(Restlessness(restless, noon) > 2 * Restlessness(usual, noon));
  CHECK(night_of_day(restless) == Approx(night_of_day(usual)).epsilon(0.1));
}

TEST_CASE("Simulator: scrapes may be late, in order and with nothing lost", "[simulator]") {
  SimulatorOptions options = QuietOptions();
  options.duration_ms = kHourMs;
  options.scrape_jitter_ms = 1200;
  const Collector late = Simulate(options);
  CHECK(late.in_order());
  DurationMs widest = 0;
  for (const auto& [labels, samples] : late.series()) {
    REQUIRE(samples.size() == 120);
    for (size_t i = 1; i < samples.size(); ++i) {
      widest = std::max(widest, samples[i].time - samples[i - 1].time - options.interval_ms);
    }
  }
  CHECK(widest > 900);
  CHECK(widest <= 1210);
}

TEST_CASE("Simulator: options of variety that are out of range are named", "[simulator]") {
  const auto error = [](auto set) {
    SimulatorOptions options;
    set(options);
    const auto made = Simulator::Create(options);
    return made.ok() ? std::string() : made.error().message;
  };
  CHECK(error([](auto& o) { o.swing = 4; }).find("--swing") != std::string::npos);
  CHECK(error([](auto& o) { o.burst = NAN; }).find("--burst") != std::string::npos);
  CHECK(error([](auto& o) { o.scrape_jitter_ms = 1201; }).find("--scrape-jitter") !=
        std::string::npos);
  CHECK(error([](auto& o) { o.scrape_jitter_ms = 1200; }).empty());
}

}  // namespace quell::simulator
