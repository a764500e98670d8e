#include "engine/incidents/label_combinations.h"

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <set>

namespace quell::incidents {
namespace {

constexpr size_t kPairsMax = 3;      // of a candidate
constexpr size_t kLanePairsMax = 8;  // pairs of a lane that are combined

// A combination of pairs, kNoPair where there are fewer, of a lane of the family.
using Combination = std::array<PairId, kPairsMax>;
struct Carried {
  Combination pairs{};
  FamilyId family = 0;
  auto operator<=>(const Carried&) const = default;
};
constexpr PairId kNoPair = 0xFFFFFFFFU;

Pairs TellingPairs(LaneId lane, const ScopeIndex& index, bool with_constants) {
  Pairs out;
  for (const PairId pair : index.PairsOf(lane)) {
    if ((with_constants || !index.Constant(pair)) && out.size() < kLanePairsMax) {
      out.push_back(pair);
    }
  }
  return out;
}

// All combinations of up to three of the lane's pairs, the empty one too.
void AddCombinations(const Pairs& pairs, FamilyId family, std::vector<Carried>& out) {
  for (size_t mask = 0; mask < (size_t{1} << pairs.size()); ++mask) {
    if (static_cast<size_t>(std::popcount(mask)) > kPairsMax) continue;
    Carried carried;
    carried.pairs.fill(kNoPair);
    carried.family = family;
    size_t size = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
      if ((mask >> i & 1U) != 0) carried.pairs[size++] = pairs[i];
    }
    out.push_back(carried);
  }
}

}  // namespace

bool Carries(LaneId lane, const Pairs& pairs, const ScopeIndex& index) {
  const Pairs& own = index.PairsOf(lane);
  return std::includes(own.begin(), own.end(), pairs.begin(), pairs.end());
}

std::vector<FamilyId> FamiliesOf(const std::vector<LaneId>& lanes, const ScopeIndex& index) {
  std::set<FamilyId> out;
  for (const LaneId lane : lanes) out.insert(index.FamilyOf(lane));
  return {out.begin(), out.end()};
}

std::vector<LaneId> Covered(const std::vector<LaneId>& lanes, const Pairs& pairs,
                            const ScopeIndex& index) {
  std::vector<LaneId> out;
  for (const LaneId lane : lanes) {
    if (Carries(lane, pairs, index)) out.push_back(lane);
  }
  return out;
}

std::vector<Tally> TallyCombinations(const std::vector<LaneId>& lanes, const ScopeIndex& index) {
  const bool none_telling = std::all_of(lanes.begin(), lanes.end(), [&index](LaneId lane) {
    return TellingPairs(lane, index, false).empty();
  });
  std::vector<Carried> carried;
  bool cut = false;  // a lane has more pairs than are combined: it may carry more than is listed
  for (const LaneId lane : lanes) {
    const Pairs pairs = TellingPairs(lane, index, none_telling);
    cut = cut || pairs.size() == kLanePairsMax;
    AddCombinations(pairs, index.FamilyOf(lane), carried);
  }
  std::sort(carried.begin(), carried.end());
  std::vector<Tally> out;
  for (size_t i = 0; i < carried.size(); ++i) {
    if (i == 0 || carried[i].pairs != carried[i - 1].pairs) {
      const auto end = std::find(carried[i].pairs.begin(), carried[i].pairs.end(), kNoPair);
      out.emplace_back().pairs.assign(carried[i].pairs.begin(), end);
    }
    Tally& tally = out.back();
    ++tally.lanes;
    if (tally.families.empty() || tally.families.back() != carried[i].family) {
      tally.families.push_back(carried[i].family);
    }
  }
  for (Tally& tally : out) {
    if (cut) tally.families = FamiliesOf(Covered(lanes, tally.pairs, index), index);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Tally& a, const Tally& b) { return a.lanes > b.lanes; });
  return out;
}

}  // namespace quell::incidents
