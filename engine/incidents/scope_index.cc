#include "engine/incidents/scope_index.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/check.h"
#include "core/hash.h"
#include "engine/incidents/part_labels.h"
#include "engine/incidents/weights.h"

namespace quell::incidents {

namespace {

bool NamesLane(const Label& label) {
  return label.name != kMetricName && label.name != "alertname" && label.name != "severity";
}

// A pair by its text, for finding its number.
struct PairHash {
  size_t operator()(const Label* label) const {
    Hasher hasher;
    hasher.Add(label->name);
    hasher.Add(label->value);
    return hasher.Finish();
  }
};
struct SamePair {
  bool operator()(const Label* a, const Label* b) const { return *a == *b; }
};

}  // namespace

Labels LaneLabels(const Labels& labels) {
  static const std::vector<std::string> kNames = {std::string(kMetricName), "alertname",
                                                  "severity"};
  return labels.Without(kNames);
}

size_t ScopeIndex::LaneHash::operator()(const Labels& labels) const {
  Hasher hasher;
  for (const Label& label : labels) {
    if (!NamesLane(label)) continue;
    hasher.Add(label.name);
    hasher.Add(label.value);
  }
  return hasher.Finish();
}

bool ScopeIndex::SameLane::operator()(const Labels& a, const Labels& b) const {
  auto x = a.begin();
  auto y = b.begin();
  for (;; ++x, ++y) {
    x = std::find_if(x, a.end(), NamesLane);
    y = std::find_if(y, b.end(), NamesLane);
    if (x == a.end() || y == b.end()) return x == a.end() && y == b.end();
    if (*x != *y) return false;
  }
}

ScopeIndex::ScopeIndex(std::span<const Labels> population, std::span<const Labels* const> extra) {
  std::vector<const Labels*> lanes;
  const auto add = [&](const Labels& labels) {
    if (lane_of_.contains(labels)) return;
    const auto at = lane_of_.emplace(LaneLabels(labels), static_cast<LaneId>(lanes.size())).first;
    lanes.push_back(&at->first);
  };
  for (const Labels& labels : population) add(labels);
  for (const Labels* labels : extra) add(*labels);
  NumberPairs(lanes);

  std::map<std::vector<std::uint32_t>, FamilyId> families;
  for (const Pairs& pairs : lane_pairs_) {
    std::vector<std::uint32_t> names;
    for (const PairId pair : pairs) names.push_back(pair_name_[pair]);
    const auto [at, added] =
        families.emplace(std::move(names), static_cast<FamilyId>(family_lanes_.size()));
    if (added) family_lanes_.push_back(0);
    ++family_lanes_[at->second];
    lane_family_.push_back(at->second);
  }
  MarkConstants();
}

void ScopeIndex::NumberPairs(std::span<const Labels* const> lanes) {
  std::unordered_map<const Label*, PairId, PairHash, SamePair> ids;  // looked up, never iterated
  std::vector<const Label*> sorted;
  for (const Labels* lane : lanes) {
    for (const Label& label : *lane) {
      if (ids.emplace(&label, 0).second) sorted.push_back(&label);
    }
  }
  std::sort(sorted.begin(), sorted.end(), [](const Label* a, const Label* b) { return *a < *b; });
  for (const Label* label : sorted) {
    const auto pair = static_cast<PairId>(pairs_.size());
    const bool named = pair > 0 && pairs_.back().name == label->name;
    pair_name_.push_back(named ? pair_name_.back() : pair);
    pairs_.push_back(*label);
    pair_part_.push_back(incidents::NamesPart(label->name));
    ids[label] = pair;
  }
  pair_lanes_.resize(pairs_.size());
  for (LaneId lane = 0; lane < lanes.size(); ++lane) {
    Pairs pairs;
    pairs.reserve(lanes[lane]->size());
    for (const Label& label : *lanes[lane]) {
      pairs.push_back(ids.at(&label));
      pair_lanes_[pairs.back()].push_back(lane);
    }
    lane_pairs_.push_back(std::move(pairs));
  }
}

void ScopeIndex::MarkConstants() {
  for (const Lanes& with_pair : pair_lanes_) {
    constant_.push_back(static_cast<double>(with_pair.size()) >
                        kConstantShare * static_cast<double>(lanes()));
  }
}

LaneId ScopeIndex::LaneOf(const Labels& labels) const {
  const auto at = lane_of_.find(labels);
  QUELL_CHECK(at != lane_of_.end());
  return at->second;
}

bool ScopeIndex::Matches(LaneId lane, std::span<const PairId> pairs,
                         std::span<const FamilyId> families) const {
  const Pairs& own = lane_pairs_[lane];
  return std::binary_search(families.begin(), families.end(), lane_family_[lane]) &&
         std::includes(own.begin(), own.end(), pairs.begin(), pairs.end());
}

// The lanes of the pair that is on the fewest of them; null where there is no pair.
const Lanes* ScopeIndex::Rarest(std::span<const PairId> pairs) const {
  const Lanes* out = nullptr;
  for (const PairId pair : pairs) {
    if (out == nullptr || pair_lanes_[pair].size() < out->size()) out = &pair_lanes_[pair];
  }
  return out;
}

Lanes ScopeIndex::Matching(std::span<const PairId> pairs,
                           std::span<const FamilyId> families) const {
  Lanes out;
  if (const Lanes* rarest = Rarest(pairs); rarest != nullptr) {
    for (const LaneId lane : *rarest) {
      if (Matches(lane, pairs, families)) out.push_back(lane);
    }
    return out;
  }
  for (LaneId lane = 0; lane < lanes(); ++lane) {
    if (Matches(lane, pairs, families)) out.push_back(lane);
  }
  return out;
}

size_t ScopeIndex::CountMatching(std::span<const PairId> pairs,
                                 std::span<const FamilyId> families) const {
  if (pairs.empty()) {
    size_t count = 0;
    for (const FamilyId family : families) count += family_lanes_[family];
    return count;
  }
  return counts_.Of(pairs, families, [&] { return Matching(pairs, families).size(); });
}

double ScopeIndex::Telling(std::span<const PairId> pairs,
                           std::span<const FamilyId> families) const {
  const size_t matching = CountMatching(pairs, families);
  if (matching == 0) return 0;
  const auto all = static_cast<double>(CountMatching({}, families));
  return std::log(all / static_cast<double>(matching));
}

Labels ScopeIndex::ToLabels(std::span<const PairId> pairs) const {
  std::vector<Label> labels;
  for (const PairId pair : pairs) labels.push_back(pairs_[pair]);
  return Labels(std::move(labels));
}

std::string ScopeIndex::TellingPair(std::span<const PairId> pairs) const {
  if (pairs.empty()) return "";
  const PairId best = *std::min_element(pairs.begin(), pairs.end(), [this](PairId a, PairId b) {
    return pair_lanes_[a].size() < pair_lanes_[b].size();
  });
  return pairs_[best].name + '=' + pairs_[best].value;
}

}  // namespace quell::incidents
