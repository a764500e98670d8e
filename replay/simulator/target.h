// Target: one scraped process (an instance of a service, or a region's queue monitor) and its
// counters, histograms and gauges. Draws how many requests really came and how they ended.
//
// Each target has a generator of its own: what happens to one leaves the others' samples alone.
#pragma once

#include <string>
#include <vector>

#include "replay/simulator/platform.h"
#include "replay/simulator/sink.h"

namespace quell::simulator {

class Target {
 public:
  // `at` names service, region and instance; service -1 = the queue monitor of the region.
  Target(const Topology& topology, const Scope& at, std::uint64_t seed, SeriesTable& table);

  // Lives through (from, to] and is scraped at `to`. The view's spans are valid until the next
  // call; an empty view means that nothing was scraped.
  ScrapeView Scrape(const Platform& platform, TimeMs from, TimeMs to, SeriesTable& table);

  [[nodiscard]] DurationMs offset_ms() const { return offset_ms_; }
  void set_offset_ms(DurationMs offset_ms) { offset_ms_ = offset_ms; }
  [[nodiscard]] const Scope& at() const { return at_; }
  TimeMs last_scrape_ms = -1;  // kept by the simulator

 private:
  struct Block {  // neighbouring series that come and go together
    size_t begin = 0, end = 0;
    int psp = -1, method = -1;  // -1 = always there
    bool live = true;
  };
  void NameSeries(const Topology& topology, SeriesTable& table);
  void NameHttp(const Topology& topology, const Labels& base, SeriesTable& table);
  void NamePayments(const Topology& topology, const Labels& base, SeriesTable& table);
  void NameHistogram(const Labels& base, std::string_view family, const std::vector<double>& bounds,
                     SeriesTable& table);
  size_t AddSeries(const Labels& base, std::string_view metric, SeriesTable& table);
  void BeginBlock(int psp, int method);
  void LiveHttp(const Platform& platform, TimeMs from, TimeMs to);
  void LivePayments(const Platform& platform, TimeMs from, TimeMs to);
  void LiveMonitor(const Platform& platform);
  void CountLatencies(size_t begin, const std::vector<double>& bounds, std::uint64_t n,
                      double median, double sigma);
  ScrapeView Emit(const Platform& platform, TimeMs time, bool down);
  ScrapeView MarkStale(TimeMs time, bool with_up);

  Scope at_;
  std::string name_;
  Sampler sampler_;
  DurationMs offset_ms_ = 0;
  int generation_ = 0;
  double weight_ = 1;  // share of the lane's traffic
  double uptime_s_ = 0;
  double base_bytes_ = 0;
  bool seen_ = false;  // samples stand in the store, so a marker would mean something
  std::vector<std::uint32_t> ids_;
  std::vector<double> values_;
  std::vector<Block> blocks_;
  size_t http_ = 0, latency_ = 0, process_ = 0, pool_ = 0, queues_ = 0;  // first index of each
  std::vector<std::uint32_t> out_ids_;
  std::vector<double> out_values_;
};

}  // namespace quell::simulator
