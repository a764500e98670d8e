// Simulator: a seeded payments platform that runs in event time and gives samples with truth.
//
//   QUELL_ASSIGN(auto simulator, Simulator::Create(options));
//   simulator->Run(options.start, options.start + options.duration_ms, sink);
//   ReplayScore(simulator->incidents(), simulator->changes());
//
// Run may be called again with the next span of time; counters go on. Thread-compatible.
#pragma once

#include <memory>
#include <vector>

#include "core/result.h"
#include "replay/simulator/options.h"
#include "replay/simulator/platform.h"
#include "replay/simulator/scenario.h"
#include "replay/simulator/sink.h"
#include "replay/simulator/target.h"

namespace quell::simulator {

using replay::LabelledIncident;

class Simulator {
 public:
  // kInvalidArgument naming the command-line flag of the option that is wrong, and its value.
  static Result<std::unique_ptr<Simulator>> Create(const SimulatorOptions& options);

  // Ticks from, from + interval, ... < to. Each target is scraped once a tick, at its own offset
  // after it. Stops at the sink's first error.
  Status Run(TimeMs from, TimeMs to, Sink& sink);

  // From now on: an event that was not in the schedule (and is not in incidents()).
  void Inject(const Injection& injection);
  void ClearEffects(TimeMs now) { platform_->ClearEffects(now); }

  [[nodiscard]] const std::vector<LabelledIncident>& incidents() const {
    return scenario_.incidents();
  }
  [[nodiscard]] const std::vector<incidents::Change>& changes() const {
    return scenario_.changes();
  }
  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  [[nodiscard]] const Topology& topology() const { return topology_; }
  [[nodiscard]] const SimulatorOptions& options() const { return options_; }
  [[nodiscard]] const SeriesTable& table() const { return table_; }

 private:
  Simulator(const SimulatorOptions& options, Topology topology, const Season& season,
            Scenario scenario);

  SimulatorOptions options_;
  Topology topology_;
  Season season_;
  Scenario scenario_;
  SeriesTable table_;
  std::unique_ptr<Platform> platform_;
  std::vector<Target> targets_;
  Sampler sampler_;
  Sampler jitter_;  // its own: with it or without, all else stays as it is
};

}  // namespace quell::simulator
