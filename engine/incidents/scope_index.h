// ScopeIndex: which lanes exist, and which of them a label predicate matches.
//
// A lane is a signal's labels without its name (alertname) and severity: one lane carries several
// signals. Lanes with the same label names form a family; only families are comparable, as a label
// that is absent is neither shared nor contradicted. A pair name="value" on nearly all lanes that
// have the name at all (env="prod") is constant: it tells nothing.
//
// Lanes are kept as lists by pair and family: nearly all pairs are on few of many lanes. Counts of
// lanes are remembered (scope_counts.h): not even const calls may overlap.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/labels.h"
#include "engine/incidents/scope_counts.h"

namespace quell::incidents {

using LaneId = std::uint32_t;
using PairId = std::uint32_t;  // in the order of (name, value)
using FamilyId = std::uint32_t;
using Pairs = std::vector<PairId>;  // ascending
using Lanes = std::vector<LaneId>;  // ascending

// The labels that say where, without the name of what is measured.
Labels LaneLabels(const Labels& labels);

class ScopeIndex {
 public:
  // `extra`: labels of alerts that may not belong to the population (external alerts).
  ScopeIndex(std::span<const Labels> population, std::span<const Labels* const> extra);

  [[nodiscard]] bool Knows(const Labels& labels) const { return lane_of_.contains(labels); }
  // REQUIRES: `labels` belong to the population or to `extra`.
  [[nodiscard]] LaneId LaneOf(const Labels& labels) const;

  [[nodiscard]] size_t lanes() const { return lane_pairs_.size(); }
  [[nodiscard]] const Pairs& PairsOf(LaneId lane) const { return lane_pairs_[lane]; }
  [[nodiscard]] FamilyId FamilyOf(LaneId lane) const { return lane_family_[lane]; }
  [[nodiscard]] const Label& PairLabel(PairId pair) const { return pairs_[pair]; }
  [[nodiscard]] bool Constant(PairId pair) const { return constant_[pair]; }
  // Whether two different pairs have one name: they contradict each other.
  [[nodiscard]] bool SameName(PairId a, PairId b) const { return pair_name_[a] == pair_name_[b]; }
  [[nodiscard]] bool NamesPart(PairId pair) const { return pair_part_[pair]; }  // part_labels.h
  [[nodiscard]] size_t pairs() const { return pairs_.size(); }

  // Whether the lane is of one of the families (ascending) and carries all the pairs (ascending).
  [[nodiscard]] bool Matches(LaneId lane, std::span<const PairId> pairs,
                             std::span<const FamilyId> families) const;
  [[nodiscard]] Lanes Matching(std::span<const PairId> pairs,
                               std::span<const FamilyId> families) const;
  // |Matching(pairs, families)|.
  [[nodiscard]] size_t CountMatching(std::span<const PairId> pairs,
                                     std::span<const FamilyId> families) const;
  // log(lanes of the families / those that match): 0 = tells nothing.
  [[nodiscard]] double Telling(std::span<const PairId> pairs,
                               std::span<const FamilyId> families) const;
  [[nodiscard]] Labels ToLabels(std::span<const PairId> pairs) const;
  // The most telling of some pairs as text "name=value"; "" where there is none.
  [[nodiscard]] std::string TellingPair(std::span<const PairId> pairs) const;

 private:
  // Of all labels but the names that LaneLabels leaves out: a look-up need not copy the rest.
  struct LaneHash {
    size_t operator()(const Labels& labels) const;
  };
  struct SameLane {
    bool operator()(const Labels& a, const Labels& b) const;
  };

  void NumberPairs(std::span<const Labels* const> lanes);
  void MarkConstants();
  [[nodiscard]] const Lanes* Rarest(std::span<const PairId> pairs) const;

  std::unordered_map<Labels, LaneId, LaneHash, SameLane> lane_of_;  // looked up, never iterated
  std::vector<Pairs> lane_pairs_;
  std::vector<FamilyId> lane_family_;
  std::vector<Label> pairs_;
  std::vector<std::uint32_t> pair_name_;  // equal for equal names
  std::vector<bool> pair_part_;
  std::vector<Lanes> pair_lanes_;
  std::vector<bool> constant_;
  std::vector<size_t> family_lanes_;  // how many
  mutable ScopeCounts counts_;
};

}  // namespace quell::incidents
