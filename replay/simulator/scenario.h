// Scenario: the schedule of what happens, drawn from the seed, and its labels.
//
// Kinds take turns in a seeded order, so that every kind comes up before any repeats. Two events
// whose scopes meet keep at least 45 minutes apart; events in different places may overlap.
#pragma once

#include <vector>

#include "core/result.h"
#include "replay/simulator/effect.h"
#include "replay/simulator/inject.h"
#include "replay/simulator/season.h"

namespace quell::simulator {

class Scenario {
 public:
  static Result<Scenario> Create(const Topology& topology, const Season& season,
                                 const SimulatorOptions& options);

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }  // by start
  [[nodiscard]] const std::vector<replay::LabelledIncident>& incidents() const {
    return incidents_;
  }
  [[nodiscard]] const std::vector<incidents::Change>& changes() const { return changes_; }
  [[nodiscard]] int not_placed() const { return not_placed_; }  // no free place or time was found

 private:
  Scenario() = default;
  void Draw(const Topology& topology, const Season& season, const SimulatorOptions& options,
            bool incidents, double per_week);
  [[nodiscard]] bool Free(const Event& event) const;
  void Label(const Topology& topology);

  std::vector<Event> events_;
  std::vector<replay::LabelledIncident> incidents_;
  std::vector<incidents::Change> changes_;
  int not_placed_ = 0;
};

}  // namespace quell::simulator
