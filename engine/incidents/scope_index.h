// ScopeIndex: which lanes exist, and which of them a label predicate matches.
//
// A lane is a signal's labels without its name (alertname): one lane carries several signals.
// Lanes with the same label names form a family; only families are comparable, as a label that
// is absent is neither shared nor contradicted. A pair name="value" on nearly all lanes that have
// the name at all (env="prod") is constant: it tells nothing. Thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/labels.h"
#include "engine/incidents/lane_set.h"

namespace quell::incidents {

using LaneId = std::uint32_t;
using PairId = std::uint32_t;  // in the order of (name, value)
using FamilyId = std::uint32_t;
using Pairs = std::vector<PairId>;  // ascending

// The labels that say where, without the name of what is measured.
Labels LaneLabels(const Labels& labels);

class ScopeIndex {
 public:
  // `extra`: labels of alerts that may not belong to the population (external alerts).
  ScopeIndex(std::span<const Labels> population, std::span<const Labels* const> extra);

  [[nodiscard]] bool Knows(const Labels& labels) const {
    return lane_of_.contains(LaneLabels(labels));
  }
  // REQUIRES: `labels` belong to the population or to `extra`.
  [[nodiscard]] LaneId LaneOf(const Labels& labels) const;

  [[nodiscard]] size_t lanes() const { return lane_pairs_.size(); }
  [[nodiscard]] const Pairs& PairsOf(LaneId lane) const { return lane_pairs_[lane]; }
  [[nodiscard]] FamilyId FamilyOf(LaneId lane) const { return lane_family_[lane]; }
  [[nodiscard]] const LaneSet& Family(FamilyId family) const { return families_[family]; }
  [[nodiscard]] const Label& PairLabel(PairId pair) const { return pairs_[pair]; }
  [[nodiscard]] bool Constant(PairId pair) const { return constant_[pair]; }
  [[nodiscard]] LaneSet None() const { return LaneSet(lanes()); }

  // The lanes of the given families that carry all the pairs.
  [[nodiscard]] LaneSet Matching(std::span<const PairId> pairs,
                                 std::span<const FamilyId> families) const;
  // log(lanes of the families / those that match): 0 = tells nothing.
  [[nodiscard]] double Telling(std::span<const PairId> pairs,
                               std::span<const FamilyId> families) const;
  [[nodiscard]] Labels ToLabels(std::span<const PairId> pairs) const;
  // The most telling of some pairs as text "name=value"; "" where there is none.
  [[nodiscard]] std::string TellingPair(std::span<const PairId> pairs) const;

 private:
  void AddLane(Labels lane);
  void MarkConstants();

  std::unordered_map<Labels, LaneId, LabelsHash> lane_of_;  // looked up, never iterated
  std::vector<Labels> lane_labels_;
  std::vector<Pairs> lane_pairs_;
  std::vector<FamilyId> lane_family_;
  std::vector<Label> pairs_;
  std::vector<LaneSet> pair_lanes_;
  std::vector<bool> constant_;
  std::vector<LaneSet> families_;
};

}  // namespace quell::incidents
