#include "replay/simulator/platform.h"

#include <algorithm>
#include <cmath>

namespace quell::simulator {
namespace {

// Shares of the methods among a PSP's payments.
double MethodWeight(const Psp& psp, int method) {
  if (psp.methods == 1) return 1.0;
  return method == 0 ? 0.7 : 0.3;
}

}  // namespace

Platform::Platform(const Topology& topology, const Season& season, const SimulatorOptions& options)
    : topology_(topology),
      season_(season),
      interval_ms_(options.interval_ms),
      seconds_(static_cast<double>(options.interval_ms) / kSecondMs),
      burst_(options.burst),
      sampler_(options.seed * 0xA24BAED4963EE407ULL + 53),
      bursts_(options.seed * 0xD6E8FEB86659FD93ULL + 71) {
  const double noise = options.noise;
  const int regions = static_cast<int>(topology.regions.size());
  for (int r = 0; r < regions; ++r) {
    region_slow_.emplace_back(0.05 * noise, 5400);
    region_fast_.emplace_back(0.025 * noise, 240);
    lag_noise_.emplace_back(0.15 * noise, 1800);
    lags_.push_back(0);
    for (int p = 0; p < static_cast<int>(topology.psps.size()); ++p) {
      const Psp& psp = topology.psps[static_cast<size_t>(p)];
      const double share =
          topology.regions[static_cast<size_t>(r)].psp_share[static_cast<size_t>(p)];
      for (int m = 0; m < psp.methods; ++m) {
        payments_.push_back({{Topology::kPayments, r, p, m, -1, -1},
                             share * MethodWeight(psp, m),
                             Wander(0.05 * noise, 1500),
                             Wander(0.18 * noise, 2400),
                             Wander(0.05 * noise, 1200),
                             Wander(0.06 * noise, 14400)});
      }
    }
    for (int s = 0; s < static_cast<int>(topology.services.size()); ++s) {
      services_.push_back({{s, r, -1, -1, -1, -1},
                           Wander(0.04 * noise, 1200),
                           Wander(0.25 * noise, 2400),
                           Wander(0.05 * noise, 900)});
    }
    for (int q = 0; q < static_cast<int>(topology.queues.size()); ++q) {
      queues_.push_back(
          {{-1, r, -1, -1, q, -1}, Wander(0.3 * noise, 300), sampler_.Uniform(8, 60)});
    }
  }
  for (size_t p = 0; p < topology.psps.size(); ++p) {
    psp_volume_.emplace_back(0.03 * noise, 3600);
    psp_fail_.emplace_back(0.2 * noise, 7200);
  }
}

void Platform::Add(const Event& event) {
  effects_.insert(effects_.end(), event.effects.begin(), event.effects.end());
  gaps_.insert(gaps_.end(), event.gaps.begin(), event.gaps.end());
  restarts_.insert(restarts_.end(), event.restarts.begin(), event.restarts.end());
  holidays_.insert(holidays_.end(), event.holidays.begin(), event.holidays.end());
  for (const Lifetime& life : event.lifetimes) {
    for (PaymentLane& lane : payments_) {
      if (!Covers(life.scope, lane.at)) continue;
      lane.from = std::max(lane.from, life.from);
      lane.to = std::min(lane.to, life.to);
    }
  }
}

void Platform::ClearEffects(TimeMs now) {
  for (Effect& effect : effects_) effect.end = std::min(effect.end, std::max(now, effect.start));
  for (ScrapeGap& gap : gaps_) gap.end = std::min(gap.end, now);
}

// Keeps at hand only what can matter around this tick.
void Platform::Gather(TimeMs now) {
  const TimeMs from = now - 2 * interval_ms_;
  const TimeMs to = now + 2 * interval_ms_;
  active_.clear();
  for (const Effect& effect : effects_) {
    if (effect.start < to && effect.end + effect.fall_ms > from) active_.push_back(effect);
  }
  active_gaps_.clear();
  for (const ScrapeGap& gap : gaps_) {
    if (gap.start < to && gap.end > from) active_gaps_.push_back(gap);
  }
  active_restarts_.clear();
  for (const Restart& restart : restarts_) {
    if (restart.at < to && restart.at > from) active_restarts_.push_back(restart);
  }
}

double Platform::Burst() {
  return burst_ > 0 ? std::exp(burst_ * (bursts_.Normal() - burst_ / 2)) : 1;
}

void Platform::Tick(TimeMs now) {
  Gather(now);
  std::vector<double> loads;
  for (int r = 0; r < static_cast<int>(topology_.regions.size()); ++r) {
    const auto at = static_cast<size_t>(r);
    const bool holiday = std::any_of(holidays_.begin(), holidays_.end(), [&](const Holiday& day) {
      return day.region == r && now >= day.start && now < day.end;
    });
    const double wander =
        region_slow_[at].Step(seconds_, sampler_) + region_fast_[at].Step(seconds_, sampler_);
    loads.push_back(season_.Load(r, now, holiday) * std::exp(wander));
  }
  for (Wander& wander : psp_volume_) wander.Step(seconds_, sampler_);
  for (Wander& wander : psp_fail_) wander.Step(seconds_, sampler_);
  for (PaymentLane& lane : payments_) {
    const auto r = static_cast<size_t>(lane.at.region);
    const auto p = static_cast<size_t>(lane.at.psp);
    const Psp& psp = topology_.psps[p];
    const double volume = psp_volume_[p].value() + lane.volume.Step(seconds_, sampler_);
    const double fail = psp_fail_[p].value() + lane.fail.Step(seconds_, sampler_);
    lane.per_second =
        topology_.regions[r].peak_per_second * lane.weight * loads[r] * std::exp(volume) * Burst();
    lane.fail_ratio = std::min(0.5, psp.fail_ratio * std::exp(fail) * (0.9 + 0.2 * loads[r]));
    // At night fewer shoppers and more machines: a slightly higher share is declined.
    lane.decline_ratio = std::min(0.8, psp.decline_ratio * (1.15 - 0.2 * loads[r]) *
                                           std::exp(lane.decline.Step(seconds_, sampler_)));
    lane.latency_seconds = psp.latency_seconds * (0.92 + 0.16 * loads[r] * loads[r]) *
                           std::exp(lane.latency.Step(seconds_, sampler_));
  }
  TickServices(now, loads);
  TickQueues(now, loads);
}

void Platform::TickServices(TimeMs now, const std::vector<double>& loads) {
  for (ServiceLane& lane : services_) {
    const auto r = static_cast<size_t>(lane.at.region);
    const Service& service = topology_.services[static_cast<size_t>(lane.at.service)];
    lane.load = loads[r];
    if (service.rhythm == Rhythm::kNightly) {
      lane.load = 0.1 + 0.15 * loads[r] + 1.1 * season_.Batch(lane.at.region, now);
    } else if (service.rhythm == Rhythm::kSteady) {
      lane.load = 0.45 + 0.3 * loads[r];
    }
    lane.per_second = topology_.regions[r].peak_per_second * service.rate * lane.load *
                      std::exp(lane.volume.Step(seconds_, sampler_)) * Burst();
    lane.error_ratio =
        std::min(0.5, service.error_ratio * std::exp(lane.fail.Step(seconds_, sampler_)));
    lane.client_error_ratio = service.client_error_ratio;
    lane.latency_seconds = service.latency_seconds * (0.9 + 0.25 * lane.load * lane.load) *
                           std::exp(lane.latency.Step(seconds_, sampler_));
  }
}

void Platform::TickQueues(TimeMs now, const std::vector<double>& loads) {
  for (QueueLane& lane : queues_) {
    const Modifiers modifiers = Modify(lane.at, false, now - interval_ms_, now);
    if (modifiers.queue_per_second > 0) {
      lane.backlog += modifiers.queue_per_second * seconds_;
    } else {
      lane.backlog *= std::exp(-seconds_ / 150.0);
      if (lane.backlog < 1) lane.backlog = 0;
    }
    const double load = loads[static_cast<size_t>(lane.at.region)];
    const double usual = lane.base * (0.15 + load) * std::exp(lane.level.Step(seconds_, sampler_));
    lane.depth = static_cast<double>(sampler_.Poisson(usual)) + std::floor(lane.backlog);
  }
  const int settlement = topology_.ServiceIndex("settlement");
  for (size_t r = 0; r < lags_.size(); ++r) {
    const Scope at{settlement, static_cast<int>(r), -1, -1, -1, -1};
    const double extra =
        settlement < 0 ? 0 : Modify(at, false, now - interval_ms_, now).lag_seconds;
    const double batch = season_.Batch(static_cast<int>(r), now);
    lags_[r] = (90.0 + 1500.0 * batch) * std::exp(lag_noise_[r].Step(seconds_, sampler_)) + extra;
  }
}

Modifiers Platform::Modify(const Scope& lane, bool payments, TimeMs from, TimeMs to) const {
  Modifiers modifiers;
  for (const Effect& effect : active_) {
    if (!(payments ? effect.on_payments : effect.on_http) || !Covers(effect.scope, lane)) continue;
    const double strength = Strength(effect, from, to);
    if (strength <= 0) continue;
    const double latency = modifiers.latency;
    Fold(effect, strength, modifiers);
    // A slow service of ours does not make the PSP behind it slower.
    if (payments && effect.scope.service >= 0) modifiers.latency = latency;
  }
  return modifiers;
}

const ScrapeGap* Platform::Gap(const Scope& target, TimeMs time) const {
  for (const ScrapeGap& gap : active_gaps_) {
    if (time >= gap.start && time < gap.end && Covers(gap.scope, target)) return &gap;
  }
  return nullptr;
}

const Restart* Platform::RestartIn(const Scope& target, TimeMs from, TimeMs to) const {
  for (const Restart& restart : active_restarts_) {
    if (restart.at > from && restart.at <= to && Covers(restart.scope, target)) return &restart;
  }
  return nullptr;
}

const ServiceLane& Platform::service(int region, int service) const {
  return services_[static_cast<size_t>(region) * topology_.services.size() +
                   static_cast<size_t>(service)];
}

}  // namespace quell::simulator
