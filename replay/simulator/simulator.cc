#include "replay/simulator/simulator.h"

#include <algorithm>
#include <cmath>

namespace quell::simulator {
namespace {

Error Wrong(const std::string& what) { return MakeError(ErrorCode::kInvalidArgument, what); }

Status CheckOptions(const SimulatorOptions& options) {
  if (options.interval_ms < kSecondMs || options.interval_ms > kHourMs) {
    return Wrong("--interval must be between 1s and 1h, not " +
                 FormatDuration(options.interval_ms));
  }
  if (options.duration_ms < options.interval_ms || options.duration_ms > 3660 * kDayMs) {
    return Wrong("--duration must be between one interval and ten years, not " +
                 FormatDuration(options.duration_ms));
  }
  if (options.quiet_start_ms < 0) return Wrong("--quiet-start must not be negative");
  const auto check_rate = [](const char* flag, double value) -> Status {
    if (value >= 0 && value <= 1000) return Ok{};
    return Wrong(std::string(flag) + " must be between 0 and 1000, not " + std::to_string(value));
  };
  QUELL_TRY(check_rate("--incidents-per-week", options.incidents_per_week));
  QUELL_TRY(check_rate("--lookalikes-per-week", options.lookalikes_per_week));
  if (!(options.noise >= 0 && options.noise <= 5)) {
    return Wrong("--noise must be between 0 and 5, not " + std::to_string(options.noise));
  }
  if (!(options.swing >= 0 && options.swing <= 3)) {
    return Wrong("--swing must be between 0 and 3, not " + std::to_string(options.swing));
  }
  if (!(options.burst >= 0 && options.burst <= 1)) {
    return Wrong("--burst must be between 0 and 1, not " + std::to_string(options.burst));
  }
  if (options.scrape_jitter_ms < 0 || options.scrape_jitter_ms > options.interval_ms / 25) {
    return Wrong("--scrape-jitter must be between 0s and a 25th of --interval, not " +
                 FormatDuration(options.scrape_jitter_ms));
  }
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<Simulator>> Simulator::Create(const SimulatorOptions& options) {
  QUELL_TRY(CheckOptions(options));
  QUELL_ASSIGN(Topology topology, Topology::Create(options));
  const Season season(topology, options);
  QUELL_ASSIGN(Scenario scenario, Scenario::Create(topology, season, options));
  return std::unique_ptr<Simulator>(
      new Simulator(options, std::move(topology), season, std::move(scenario)));
}

Simulator::Simulator(const SimulatorOptions& options, Topology topology, const Season& season,
                     Scenario scenario)
    : options_(options),
      topology_(std::move(topology)),
      season_(season),
      scenario_(std::move(scenario)),
      platform_(std::make_unique<Platform>(topology_, season_, options_)),
      sampler_(options.seed * 0xC2B2AE3D27D4EB4FULL + 61),
      jitter_(options.seed * 0x9E3779B97F4A7C15ULL + 67) {
  for (const Event& event : scenario_.events()) platform_->Add(event);
  for (int r = 0; r < static_cast<int>(topology_.regions.size()); ++r) {
    for (int s = 0; s < static_cast<int>(topology_.services.size()); ++s) {
      for (int i = 0; i < topology_.instances; ++i) {
        targets_.emplace_back(topology_, Scope{s, r, -1, -1, -1, i}, options_.seed, table_);
      }
    }
    targets_.emplace_back(topology_, Scope{-1, r, -1, -1, -1, 0}, options_.seed, table_);
  }
  for (Target& target : targets_) {
    const auto widest = static_cast<double>(options_.interval_ms - options_.interval_ms / 20);
    const double offset = sampler_.Uniform() * widest;
    if (options_.spread_scrapes) target.set_offset_ms(static_cast<DurationMs>(offset));
  }
  if (!options_.restarts) return;
  // Ordinary life: about one instance in forty restarts a day, a few under a new name.
  const double days = static_cast<double>(options_.duration_ms) / static_cast<double>(kDayMs);
  const double expected = std::min(days, 400.0) * static_cast<double>(targets_.size()) / 40.0;
  const std::uint64_t count = sampler_.Poisson(expected);
  for (std::uint64_t n = 0; n < count; ++n) {
    const Target& target =
        targets_[static_cast<size_t>(sampler_.Below(static_cast<int>(targets_.size())))];
    const auto at =
        options_.start +
        static_cast<DurationMs>(sampler_.Uniform() * static_cast<double>(options_.duration_ms));
    platform_->Add(Restart{target.at(), at, sampler_.Chance(0.15)});
  }
}

void Simulator::Inject(const Injection& injection) {
  platform_->Add(MakeEvent(*injection.kind, topology_, injection.scope, injection.start,
                           injection.end, sampler_));
}

Status Simulator::Run(TimeMs from, TimeMs to, Sink& sink) {
  struct Due {
    TimeMs time;
    size_t target;
  };
  std::vector<Due> due(targets_.size());
  for (TimeMs tick = from; tick < to; tick += options_.interval_ms) {
    platform_->Tick(tick);
    for (size_t i = 0; i < targets_.size(); ++i) {
      TimeMs jitter = options_.spread_scrapes ? sampler_.Below(4) : 0;
      if (options_.scrape_jitter_ms > 0) {
        jitter += jitter_.Below(static_cast<int>(options_.scrape_jitter_ms));
      }
      due[i] = {tick + targets_[i].offset_ms() + jitter, i};
    }
    std::sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
      return a.time != b.time ? a.time < b.time : a.target < b.target;
    });
    for (const Due& next : due) {
      Target& target = targets_[next.target];
      const TimeMs since = next.time - options_.interval_ms;
      const TimeMs last = std::max(target.last_scrape_ms, since - options_.interval_ms);
      const TimeMs begin = target.last_scrape_ms < 0 ? since : std::min(last, next.time - 1);
      const ScrapeView view = target.Scrape(*platform_, begin, next.time, table_);
      target.last_scrape_ms = next.time;
      if (!view.series.empty()) QUELL_TRY(sink.Accept(view, table_));
    }
  }
  return Ok{};
}

}  // namespace quell::simulator
