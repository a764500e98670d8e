// Platform: the true state of the simulated world at a tick: how much traffic each lane has, how
// much of it fails, how slow it is. Targets (target.h) turn it into counted samples.
//
// One tick costs O(lanes). Thread-compatible.
#pragma once

#include <vector>

#include "replay/simulator/effect.h"
#include "replay/simulator/sampler.h"
#include "replay/simulator/season.h"
#include "replay/simulator/topology.h"

namespace quell::simulator {

// Payments of one (region, PSP, method).
struct PaymentLane {
  Scope at;
  double weight = 0;  // share of the region's payments
  Wander volume, fail, latency, decline;
  TimeMs from = -kForever, to = kForever;                                         // exists
  double per_second = 0, fail_ratio = 0, decline_ratio = 0, latency_seconds = 0;  // now
};

// Requests of one (region, service).
struct ServiceLane {
  Scope at;
  Wander volume, fail, latency;
  double per_second = 0, error_ratio = 0, client_error_ratio = 0, latency_seconds = 0;  // now
  double load = 0;
};

// A queue of one region. Its length is part of the world, not of the target that reports it.
struct QueueLane {
  Scope at;
  Wander level;
  double base = 0, backlog = 0;
  double depth = 0;  // now
};

class Platform {
 public:
  Platform(const Topology& topology, const Season& season, const SimulatorOptions& options);

  void Add(const Event& event);
  void Add(const Restart& restart) { restarts_.push_back(restart); }
  void ClearEffects(TimeMs now);  // all effects end at `now`

  // Moves the world to `now`; ticks are options.interval_ms apart.
  void Tick(TimeMs now);

  // What happens to `lane` over (from, to], which lies within an interval of the tick.
  [[nodiscard]] Modifiers Modify(const Scope& lane, bool payments, TimeMs from, TimeMs to) const;
  [[nodiscard]] const ScrapeGap* Gap(const Scope& target, TimeMs time) const;  // null = none
  [[nodiscard]] const Restart* RestartIn(const Scope& target, TimeMs from, TimeMs to) const;

  [[nodiscard]] const std::vector<PaymentLane>& payments() const { return payments_; }
  [[nodiscard]] const ServiceLane& service(int region, int service) const;
  [[nodiscard]] const std::vector<QueueLane>& queues() const { return queues_; }
  [[nodiscard]] double settlement_lag(int region) const {
    return lags_[static_cast<size_t>(region)];
  }
  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] double seconds() const { return seconds_; }

 private:
  void Gather(TimeMs now);
  double Burst();  // a factor with a mean of 1
  void TickServices(TimeMs now, const std::vector<double>& loads);
  void TickQueues(TimeMs now, const std::vector<double>& loads);

  const Topology& topology_;  // outlives the platform, as does the season
  const Season& season_;
  DurationMs interval_ms_;
  double seconds_;
  double burst_;
  Sampler sampler_, bursts_;
  std::vector<Wander> region_slow_, region_fast_, psp_volume_, psp_fail_;
  std::vector<PaymentLane> payments_;
  std::vector<ServiceLane> services_;
  std::vector<QueueLane> queues_;
  std::vector<Wander> lag_noise_;
  std::vector<double> lags_;
  std::vector<Effect> effects_, active_;
  std::vector<ScrapeGap> gaps_, active_gaps_;
  std::vector<Restart> restarts_, active_restarts_;
  std::vector<Holiday> holidays_;
};

}  // namespace quell::simulator
