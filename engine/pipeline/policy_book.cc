#include "engine/pipeline/policy_book.h"

namespace quell::pipeline {

const signals::SignalPolicy& PolicyBook::Add(const signals::SignalDef& def,
                                             std::uint32_t definition, const Labels& labels) {
  std::string key = std::to_string(definition);
  std::vector<const signals::PolicyRule*> matching;
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i].Matches(def, labels)) continue;
    key += '/' + std::to_string(i);
    matching.push_back(&rules_[i]);
  }
  const auto [at, added] = policy_at_.emplace(key, static_cast<std::uint32_t>(policies_.size()));
  if (added) {
    policies_.push_back(signals::PolicyOf(def));
    for (const auto* rule : matching) rule->change.ApplyTo(policies_.back());
  }
  policy_of_.push_back(at->second);
  return policies_[at->second];
}

}  // namespace quell::pipeline
