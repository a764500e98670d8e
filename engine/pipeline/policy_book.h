// PolicyBook: the policy of every signal. Rules are matched once, when a signal is added; signals
// with the same definition and the same rules share one policy.
//
// Pure; thread-compatible. Not saved: it follows from definitions, labels and rules.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/signals/policy.h"

namespace quell::pipeline {

class PolicyBook {
 public:
  // Later rules win, field by field.
  explicit PolicyBook(std::vector<signals::PolicyRule> rules) : rules_(std::move(rules)) {}

  // The policy of the next slot. `definition` is the number of `def`.
  const signals::SignalPolicy& Add(const signals::SignalDef& def, std::uint32_t definition,
                                   const Labels& labels);
  [[nodiscard]] const signals::SignalPolicy& At(std::uint32_t slot) const {
    return policies_[policy_of_[slot]];
  }

 private:
  std::vector<signals::PolicyRule> rules_;
  std::vector<signals::SignalPolicy> policies_;     // distinct ones
  std::map<std::string, std::uint32_t> policy_at_;  // by definition and matching rules
  std::vector<std::uint32_t> policy_of_;            // by slot
};

// What policies held back: points that were improbable enough to alert, by why they did not.
struct PolicyCounters {
  std::uint64_t wrong_direction = 0, below_min_deviation = 0, hardly_slower = 0, nobody_cares = 0,
                outside_hours = 0, flatline = 0, regional_demand = 0;
};

}  // namespace quell::pipeline
