// Collector: a sink that keeps all samples by series, and the sums that tests ask for.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/matcher.h"
#include "ingest/sample.h"
#include "replay/simulator/simulator.h"

namespace quell::simulator {

class Collector final : public Sink {
 public:
  Status Accept(const ScrapeView& scrape, const SeriesTable& table) override {
    in_order_ = in_order_ && scrape.time >= last_;
    last_ = scrape.time;
    for (size_t i = 0; i < scrape.series.size(); ++i) {
      series_[table.at(scrape.series[i])].push_back({scrape.time, scrape.values[i]});
    }
    return Ok{};
  }

  [[nodiscard]] const std::map<Labels, std::vector<ingest::Sample>>& series() const {
    return series_;
  }
  [[nodiscard]] bool in_order() const { return in_order_; }

  // How much the matching counters grew over (from, to]; resets count from zero.
  [[nodiscard]] double Increase(const std::string& selector, TimeMs from, TimeMs to) const {
    const auto parsed = Selector::Parse(selector);
    double sum = 0;
    for (const auto& [labels, samples] : series_) {
      if (!parsed.ok() || !parsed->Matches(labels)) continue;
      double last = -1;
      for (const ingest::Sample& sample : samples) {
        if (ingest::IsStale(sample.value)) continue;
        if (last >= 0 && sample.time > from && sample.time <= to) {
          sum += sample.value >= last ? sample.value - last : sample.value;
        }
        last = sample.value;
      }
    }
    return sum;
  }

  [[nodiscard]] size_t Samples(const std::string& selector, TimeMs from, TimeMs to) const {
    const auto parsed = Selector::Parse(selector);
    size_t count = 0;
    for (const auto& [labels, samples] : series_) {
      if (!parsed.ok() || !parsed->Matches(labels)) continue;
      for (const ingest::Sample& sample : samples) {
        count += sample.time > from && sample.time <= to && !ingest::IsStale(sample.value) ? 1 : 0;
      }
    }
    return count;
  }

 private:
  std::map<Labels, std::vector<ingest::Sample>> series_;
  TimeMs last_ = 0;
  bool in_order_ = true;
};

// A small platform without drawn events: what a test injects is all that happens.
inline SimulatorOptions QuietOptions() {
  SimulatorOptions options;
  options.duration_ms = 6 * kHourMs;
  options.start = kDefaultStartMs + 8 * kHourMs;
  options.quiet_start_ms = 0;
  options.incidents_per_week = 0;
  options.lookalikes_per_week = 0;
  options.restarts = false;
  options.services = 4;
  options.regions = 2;
  return options;
}

inline Collector Simulate(const SimulatorOptions& options) {
  Collector collector;
  auto simulator = Simulator::Create(options);
  if (!simulator.ok()) return collector;
  const Status ran =
      (*simulator)->Run(options.start, options.start + options.duration_ms, collector);
  return ran.ok() ? collector : Collector();
}

}  // namespace quell::simulator
