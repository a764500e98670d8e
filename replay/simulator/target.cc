#include "replay/simulator/target.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/hash.h"
#include "ingest/sample.h"

namespace quell::simulator {
namespace {

std::string BoundText(double bound) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", bound);
  return text;
}

constexpr std::array<std::string_view, 4> kCodes = {"200", "404", "500", "503"};

}  // namespace

Target::Target(const Topology& topology, const Scope& at, std::uint64_t seed, SeriesTable& table)
    : at_(at),
      name_(at.service < 0 ? "queue-monitor"
                           : topology.services[static_cast<size_t>(at.service)].name),
      sampler_(Hash64(name_ + "/" + topology.regions[static_cast<size_t>(at.region)].name + "/" +
                          std::to_string(at.instance),
                      seed)) {
  weight_ = 1.0 / (at.service < 0 ? 1 : topology.instances);
  base_bytes_ = sampler_.Uniform(80e6, 900e6);
  uptime_s_ = sampler_.Uniform(0, 8e5);
  NameSeries(topology, table);
}

size_t Target::AddSeries(const Labels& base, std::string_view metric, SeriesTable& table) {
  Labels labels = base;
  labels.Set(kMetricName, metric);
  ids_.push_back(table.Add(std::move(labels)));
  return ids_.size() - 1;
}

void Target::BeginBlock(int psp, int method) {
  if (!blocks_.empty()) blocks_.back().end = ids_.size();
  blocks_.push_back({ids_.size(), ids_.size(), psp, method, true});
}

void Target::NameHistogram(const Labels& base, std::string_view family,
                           const std::vector<double>& bounds, SeriesTable& table) {
  const std::string name(family);
  Labels bucket = base;
  for (const double bound : bounds) {
    bucket.Set("le", BoundText(bound));
    AddSeries(bucket, name + "_bucket", table);
  }
  bucket.Set("le", "+Inf");
  AddSeries(bucket, name + "_bucket", table);
  AddSeries(base, name + "_sum", table);
  AddSeries(base, name + "_count", table);
}

// Gives every series its labels, and again after a rename; the order of series never changes.
void Target::NameSeries(const Topology& topology, SeriesTable& table) {
  ids_.clear();
  blocks_.clear();
  const std::string& region = topology.regions[static_cast<size_t>(at_.region)].name;
  const std::uint64_t address = Hash64(name_ + region + std::to_string(at_.instance),
                                       static_cast<std::uint64_t>(generation_));
  const std::string instance = "10." + std::to_string(at_.region + 1) + "." +
                               std::to_string(address % 250) + "." +
                               std::to_string(address / 250 % 250 + 2) + ":9100";
  Labels base{{"job", name_}, {"instance", instance}};
  base.Set(topology.dialect.region, region);
  BeginBlock(-1, -1);
  AddSeries(base, "up", table);
  if (at_.service < 0) {
    queues_ = ids_.size();
    for (const std::string& queue : topology.queues) {
      Labels labels = base;
      labels.Set("queue", queue);
      AddSeries(labels, "queue_depth", table);
    }
    if (topology.ServiceIndex("settlement") >= 0) {
      Labels labels = base;
      labels.Set(topology.dialect.service, "settlement");
      AddSeries(labels, "settlement_lag_seconds", table);
    }
  } else {
    base.Set(topology.dialect.service, name_);
    NameHttp(topology, base, table);
    if (at_.service == Topology::kPayments) NamePayments(topology, base, table);
  }
  blocks_.back().end = ids_.size();
  values_.assign(ids_.size(), 0.0);
}

void Target::NameHttp(const Topology& topology, const Labels& base, SeriesTable& table) {
  const Dialect& dialect = topology.dialect;
  http_ = ids_.size();
  for (const std::string_view code : kCodes) {
    Labels labels = base;
    labels.Set(dialect.code, code);
    AddSeries(labels, std::string(dialect.http_requests) + "_total", table);
  }
  latency_ = ids_.size();
  NameHistogram(base, dialect.http_duration, HttpBounds(), table);
  process_ = ids_.size();
  AddSeries(base, "process_cpu_seconds_total", table);
  AddSeries(base, "process_resident_memory_bytes", table);
  AddSeries(base, "go_goroutines", table);
  pool_ = 0;
  if (topology.services[static_cast<size_t>(at_.service)].database) {
    pool_ = AddSeries(base, "db_pool_in_use_ratio", table);
  }
}

void Target::NamePayments(const Topology& topology, const Labels& base, SeriesTable& table) {
  const Dialect& dialect = topology.dialect;
  for (int p = 0; p < static_cast<int>(topology.psps.size()); ++p) {
    const Psp& psp = topology.psps[static_cast<size_t>(p)];
    Labels labels = base;
    labels.Set(dialect.psp, psp.name);
    for (int m = 0; m < psp.methods; ++m) {
      BeginBlock(p, m);
      Labels lane = labels;
      lane.Set(dialect.method, topology.methods[static_cast<size_t>(m)]);
      for (const auto outcome :
           {dialect.approved, dialect.declined, dialect.failed, dialect.timeout}) {
        lane.Set(dialect.outcome, outcome);
        AddSeries(lane, std::string(dialect.payments) + "_total", table);
      }
    }
    BeginBlock(p, -1);
    NameHistogram(labels, dialect.psp_duration, PspBounds(), table);
  }
}

// Throws `n` log-normal latencies into cumulative buckets, +Inf, sum and count.
void Target::CountLatencies(size_t begin, const std::vector<double>& bounds, std::uint64_t n,
                            double median, double sigma) {
  if (n == 0) return;
  std::uint64_t left = n;
  std::uint64_t below = 0;
  double passed = 0;
  const double log_median = std::log(median);
  for (size_t i = 0; i < bounds.size(); ++i) {
    if (left > 0) {
      const double z = (std::log(bounds[i]) - log_median) / sigma;
      const double cdf = 0.5 * std::erfc(-z * 0.70710678118654752);
      const double rest = 1.0 - passed;
      const std::uint64_t here =
          rest > 1e-12 ? sampler_.Binomial(left, std::clamp((cdf - passed) / rest, 0.0, 1.0))
                       : left;
      below += here;
      left -= here;
      passed = cdf;
    }
    values_[begin + i] += static_cast<double>(below);
  }
  const auto count = static_cast<double>(n);
  values_[begin + bounds.size()] += count;
  const double mean = median * std::exp(sigma * sigma / 2);
  const double cv = std::sqrt(std::expm1(sigma * sigma) / count);
  const double sum = count * mean * std::exp(cv * sampler_.Normal() - cv * cv / 2);
  values_[begin + bounds.size() + 1] += std::round(sum * 1e4) / 1e4;
  values_[begin + bounds.size() + 2] += count;
}

void Target::LiveHttp(const Platform& platform, TimeMs from, TimeMs to) {
  const ServiceLane& lane = platform.service(at_.region, at_.service);
  const Service& service = platform.topology().services[static_cast<size_t>(at_.service)];
  const double seconds = static_cast<double>(to - from) / kSecondMs;
  const Modifiers now = platform.Modify(at_, false, from, to);
  const std::uint64_t n = sampler_.Poisson(lane.per_second * weight_ * seconds * now.volume);
  const std::uint64_t failed = sampler_.Binomial(n, 1.0 - (1.0 - lane.error_ratio) * now.pass);
  const std::uint64_t unavailable = sampler_.Binomial(failed, 0.3);
  const std::uint64_t refused =
      sampler_.Binomial(n - failed, 1.0 - (1.0 - lane.client_error_ratio) * now.client_pass);
  values_[http_] += static_cast<double>(n - failed - refused);
  values_[http_ + 1] += static_cast<double>(refused);
  values_[http_ + 2] += static_cast<double>(failed - unavailable);
  values_[http_ + 3] += static_cast<double>(unavailable);
  CountLatencies(latency_, HttpBounds(), n, lane.latency_seconds * now.latency,
                 service.latency_sigma * now.spread);
  uptime_s_ += seconds;
  values_[process_] += std::round(seconds * (0.05 + 0.4 * lane.load * now.volume) * 1e3) / 1e3;
  // Memory climbs to a collection and falls back, and leaks a little over the days.
  const double saw = std::fmod(uptime_s_, 700.0) / 700.0;
  values_[process_ + 1] =
      std::round(base_bytes_ * (1.0 + 0.25 * saw + 2e-7 * uptime_s_) / 4096) * 4096;
  values_[process_ + 2] = 40.0 + static_cast<double>(sampler_.Poisson(120 * lane.load));
  if (pool_ != 0) {
    const double use = 0.12 + 0.4 * lane.load + now.pool + 0.02 * sampler_.Normal();
    values_[pool_] = std::round(std::clamp(use, 0.0, 1.0) * 1e3) / 1e3;
  }
}

void Target::LivePayments(const Platform& platform, TimeMs from, TimeMs to) {
  const double seconds = static_cast<double>(to - from) / kSecondMs;
  size_t block = 1;
  std::uint64_t of_psp = 0;
  double latency = 0;
  double sigma = 0;
  for (const PaymentLane& lane : platform.payments()) {
    if (lane.at.region != at_.region) continue;
    const Psp& psp = platform.topology().psps[static_cast<size_t>(lane.at.psp)];
    Scope at = lane.at;
    at.instance = at_.instance;
    const Modifiers now = platform.Modify(at, true, from, to);
    const bool live = to >= lane.from && from < lane.to;
    const std::uint64_t n =
        live ? sampler_.Poisson(lane.per_second * weight_ * seconds * now.volume) : 0;
    const std::uint64_t failed = sampler_.Binomial(n, 1.0 - (1.0 - lane.fail_ratio) * now.pass);
    const std::uint64_t timeouts =
        sampler_.Binomial(failed, now.timeout_share >= 0 ? now.timeout_share : psp.timeout_share);
    const std::uint64_t declined =
        sampler_.Binomial(n - failed, 1.0 - (1.0 - lane.decline_ratio) * now.accept);
    const size_t first = blocks_[block].begin;
    blocks_[block].live = to >= lane.from && to < lane.to;
    values_[first] += static_cast<double>(n - failed - declined);
    values_[first + 1] += static_cast<double>(declined);
    values_[first + 2] += static_cast<double>(failed - timeouts);
    values_[first + 3] += static_cast<double>(timeouts);
    of_psp += n;
    latency = lane.latency_seconds * now.latency;
    sigma = psp.latency_sigma * now.spread;
    ++block;
    if (lane.at.method + 1 == psp.methods) {
      blocks_[block].live = blocks_[block - 1].live;
      CountLatencies(blocks_[block].begin, PspBounds(), of_psp, latency, sigma);
      of_psp = 0;
      ++block;
    }
  }
}

void Target::LiveMonitor(const Platform& platform) {
  size_t index = queues_;
  for (const QueueLane& lane : platform.queues()) {
    if (lane.at.region == at_.region) values_[index++] = lane.depth;
  }
  if (index < values_.size()) {
    values_[index] = std::round(platform.settlement_lag(at_.region) * 10) / 10;
  }
}

ScrapeView Target::MarkStale(TimeMs time, bool with_up) {
  out_ids_.clear();
  out_values_.clear();
  if (with_up) {
    out_ids_.push_back(ids_[0]);
    out_values_.push_back(0.0);
  }
  for (const Block& block : blocks_) {
    for (size_t i = block.begin; seen_ && block.live && i < block.end; ++i) {
      if (i == 0 && with_up) continue;
      out_ids_.push_back(ids_[i]);
      out_values_.push_back(ingest::StaleMarker());
    }
  }
  seen_ = false;
  return {time, out_ids_, out_values_};
}

ScrapeView Target::Emit(const Platform& platform, TimeMs time, bool down) {
  const ScrapeGap* gap = platform.Gap(at_, time);
  if (gap != nullptr && !gap->markers) return {};
  if (gap != nullptr || down) return MarkStale(time, true);
  values_[0] = 1;
  out_ids_.clear();
  out_values_.clear();
  for (const Block& block : blocks_) {
    if (!block.live) continue;
    out_ids_.insert(out_ids_.end(), ids_.begin() + static_cast<std::ptrdiff_t>(block.begin),
                    ids_.begin() + static_cast<std::ptrdiff_t>(block.end));
    out_values_.insert(out_values_.end(),
                       values_.begin() + static_cast<std::ptrdiff_t>(block.begin),
                       values_.begin() + static_cast<std::ptrdiff_t>(block.end));
  }
  seen_ = true;
  return {time, out_ids_, out_values_};
}

ScrapeView Target::Scrape(const Platform& platform, TimeMs from, TimeMs to, SeriesTable& table) {
  const Restart* restart = at_.service < 0 ? nullptr : platform.RestartIn(at_, from, to);
  if (restart != nullptr) {
    std::fill(values_.begin(), values_.end(), 0.0);
    uptime_s_ = 0;
    from = std::clamp(restart->at, from, to - 1);
    if (restart->renamed) {
      const ScrapeView last = MarkStale(to, false);
      ++generation_;
      NameSeries(platform.topology(), table);
      return last;
    }
  }
  std::vector<bool> was;
  for (const Block& block : blocks_) was.push_back(block.live);
  if (at_.service < 0)
    LiveMonitor(platform);
  else
    LiveHttp(platform, from, to);
  if (at_.service == Topology::kPayments) LivePayments(platform, from, to);
  const bool saw_before = seen_;
  const ScrapeView view = Emit(platform, to, restart != nullptr && sampler_.Chance(0.3));
  if (view.series.empty()) return view;
  // Lanes that have gone since the last scrape end with a staleness marker.
  for (size_t b = 0; saw_before && seen_ && b < blocks_.size(); ++b) {
    for (size_t i = blocks_[b].begin; was[b] && !blocks_[b].live && i < blocks_[b].end; ++i) {
      out_ids_.push_back(ids_[i]);
      out_values_.push_back(ingest::StaleMarker());
    }
  }
  return {view.time, out_ids_, out_values_};
}

}  // namespace quell::simulator
