#include "engine/incidents/scope_index.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/check.h"
#include "engine/incidents/weights.h"

namespace quell::incidents {

Labels LaneLabels(const Labels& labels) {
  static const std::vector<std::string> kNames = {"__name__", "alertname"};
  return labels.Without(kNames);
}

ScopeIndex::ScopeIndex(std::span<const Labels> population, std::span<const Labels* const> extra) {
  for (const Labels& labels : population) AddLane(LaneLabels(labels));
  for (const Labels* labels : extra) AddLane(LaneLabels(*labels));

  std::map<Label, PairId> ids;
  std::map<std::string, FamilyId> families;
  for (const Labels& lane : lane_labels_) {
    for (const Label& label : lane) ids.emplace(label, 0);
  }
  for (auto& [label, id] : ids) {
    id = static_cast<PairId>(pairs_.size());
    pairs_.push_back(label);
  }
  pair_lanes_.assign(pairs_.size(), LaneSet(lane_labels_.size()));
  for (LaneId lane = 0; lane < lane_labels_.size(); ++lane) {
    Pairs pairs;
    std::string names;
    for (const Label& label : lane_labels_[lane]) {
      const PairId pair = ids.at(label);
      pair_lanes_[pair].Set(lane);
      pairs.push_back(pair);
      names += label.name + '\n';
    }
    const auto [at, added] = families.emplace(names, static_cast<FamilyId>(families_.size()));
    if (added) families_.emplace_back(lane_labels_.size());
    families_[at->second].Set(lane);
    lane_family_.push_back(at->second);
    lane_pairs_.push_back(std::move(pairs));
  }
  MarkConstants();
}

void ScopeIndex::AddLane(Labels lane) {
  if (lane_of_.emplace(lane, static_cast<LaneId>(lane_labels_.size())).second) {
    lane_labels_.push_back(std::move(lane));
  }
}

void ScopeIndex::MarkConstants() {
  for (const LaneSet& with_pair : pair_lanes_) {
    constant_.push_back(static_cast<double>(with_pair.Count()) >
                        kConstantShare * static_cast<double>(lanes()));
  }
}

LaneId ScopeIndex::LaneOf(const Labels& labels) const {
  const auto at = lane_of_.find(LaneLabels(labels));
  QUELL_CHECK(at != lane_of_.end());
  return at->second;
}

LaneSet ScopeIndex::Matching(std::span<const PairId> pairs,
                             std::span<const FamilyId> families) const {
  LaneSet out = None();
  for (const FamilyId family : families) out |= families_[family];
  for (const PairId pair : pairs) out &= pair_lanes_[pair];
  return out;
}

double ScopeIndex::Telling(std::span<const PairId> pairs,
                           std::span<const FamilyId> families) const {
  const size_t matching = Matching(pairs, families).Count();
  if (matching == 0) return 0;
  const auto all = static_cast<double>(Matching({}, families).Count());
  return std::log(all / static_cast<double>(matching));
}

Labels ScopeIndex::ToLabels(std::span<const PairId> pairs) const {
  std::vector<Label> labels;
  for (const PairId pair : pairs) labels.push_back(pairs_[pair]);
  return Labels(std::move(labels));
}

std::string ScopeIndex::TellingPair(std::span<const PairId> pairs) const {
  std::string best;
  size_t best_lanes = 0;
  for (const PairId pair : pairs) {
    const size_t count = pair_lanes_[pair].Count();
    if (best.empty() || count < best_lanes) {
      best = pairs_[pair].name + '=' + pairs_[pair].value;
      best_lanes = count;
    }
  }
  return best;
}

}  // namespace quell::incidents
