#include "engine/incidents/scope.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

constexpr size_t kPairsMax = 3;        // of a candidate
constexpr size_t kLanePairsMax = 8;    // pairs of a lane that are combined
constexpr size_t kNotedMax = 3;        // members named in the note
constexpr size_t kValuesNamedMax = 3;  // values named in the words
constexpr double kEverythingFill = 0.7;
constexpr double kFillShare = 0.7;  // how much of a candidate's worth hangs on its fill

struct Candidate {
  Pairs pairs;
  double worth = 0;
  bool first = false;  // it covers what started first
  double telling = 0;
};

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
void AddCombinations(const Pairs& pairs, std::map<Pairs, size_t>& covered) {
  const size_t size = pairs.size();
  for (size_t mask = 0; mask < (size_t{1} << size); ++mask) {
    Pairs combination;
    for (size_t i = 0; i < size && combination.size() <= kPairsMax; ++i) {
      if ((mask >> i & 1U) != 0) combination.push_back(pairs[i]);
    }
    if (combination.size() <= kPairsMax) ++covered[combination];
  }
}

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

bool Better(const Candidate& a, const Candidate& b) {
  if (a.worth != b.worth) return a.worth > b.worth;
  if (a.first != b.first) return a.first;
  if (a.telling != b.telling) return a.telling > b.telling;
  if (a.pairs.size() != b.pairs.size()) return a.pairs.size() > b.pairs.size();
  return a.pairs < b.pairs;
}

Candidate BestCandidate(const std::vector<LaneId>& lanes, LaneId first, const ScopeIndex& index) {
  const bool none_telling = std::all_of(lanes.begin(), lanes.end(), [&index](LaneId lane) {
    return TellingPairs(lane, index, false).empty();
  });
  std::map<Pairs, size_t> covered;
  for (const LaneId lane : lanes) AddCombinations(TellingPairs(lane, index, none_telling), covered);
  Candidate best;
  bool any = false;
  for (const auto& [pairs, count] : covered) {
    const auto families = FamiliesOf(Covered(lanes, pairs, index), index);
    const auto matching = static_cast<double>(index.Matching(pairs, families).Count());
    const double coverage = static_cast<double>(count) / static_cast<double>(lanes.size());
    const double fill = static_cast<double>(count) / std::max(1.0, matching);
    // "Everything" is a scope only where nearly everything alerts, or nothing else is there.
    if (pairs.empty() && fill < kEverythingFill && covered.size() > 1) continue;
    Candidate candidate;
    candidate.pairs = pairs;
    candidate.worth = coverage * (1 - kFillShare + kFillShare * fill);
    candidate.first = Carries(first, pairs, index);
    candidate.telling = index.Telling(pairs, families);
    if (!any || Better(candidate, best)) best = std::move(candidate);
    any = true;
  }
  return best;
}

// The values of each label name on some lanes.
std::map<std::string, std::set<std::string>> Values(const std::vector<LaneId>& lanes,
                                                    const ScopeIndex& index) {
  std::map<std::string, std::set<std::string>> out;
  for (const LaneId lane : lanes) {
    for (const PairId pair : index.PairsOf(lane)) {
      out[index.PairLabel(pair).name].insert(index.PairLabel(pair).value);
    }
  }
  return out;
}

// "all regions", "2 of 3 regions (eu, us)": how far the alerting lanes reach inside the scope.
std::string ReachWords(const Labels& scope, const Pairs& pairs, const std::vector<LaneId>& covered,
                       const ScopeIndex& index) {
  const LaneSet inside = index.Matching(pairs, FamiliesOf(covered, index));
  std::vector<LaneId> population;
  for (LaneId lane = 0; lane < index.lanes(); ++lane) {
    if (inside.Test(lane)) population.push_back(lane);
  }
  const auto all = Values(population, index);
  std::vector<std::string> parts;
  for (const auto& [name, values] : Values(covered, index)) {
    const std::set<std::string>& possible = all.at(name);
    if (scope.Has(name) || possible.size() < 2) continue;
    if (values.size() == possible.size()) {
      parts.push_back("all " + PluralWords(name));
      continue;
    }
    std::string part = std::to_string(values.size()) + " of " + std::to_string(possible.size()) +
                       ' ' + PluralWords(name);
    if (values.size() <= kValuesNamedMax) {
      part += " (" + JoinWords(std::vector<std::string>(values.begin(), values.end()), ", ") + ')';
    }
    parts.push_back(std::move(part));
  }
  return JoinWords(parts, ", ");
}

std::string NoteWords(std::span<const Member> members, const Pairs& pairs,
                      const ScopeIndex& index) {
  std::vector<std::string> parts;
  std::set<std::string> seen;
  size_t more = 0;
  for (const Member& member : members) {
    if (Carries(index.LaneOf(member.alert.labels), pairs, index)) continue;
    std::string words = AlertWords(member.alert);
    if (!seen.insert(words).second) continue;
    if (parts.size() < kNotedMax) {
      parts.push_back(std::move(words));
    } else {
      ++more;
    }
  }
  if (parts.empty()) return "";
  return "also: " + JoinWords(parts, "; ") +
         (more > 0 ? "; and " + std::to_string(more) + " more" : "");
}

}  // namespace

ScopeChoice ChooseScope(std::span<const Member> members, const ScopeIndex& index) {
  std::set<LaneId> distinct;
  for (const Member& member : members) distinct.insert(index.LaneOf(member.alert.labels));
  const std::vector<LaneId> lanes(distinct.begin(), distinct.end());
  const auto first =
      std::min_element(members.begin(), members.end(), [](const Member& a, const Member& b) {
        return std::pair(a.alert.onset, a.alert.id) < std::pair(b.alert.onset, b.alert.id);
      });
  const Candidate best = BestCandidate(lanes, index.LaneOf(first->alert.labels), index);
  const std::vector<LaneId> covered = Covered(lanes, best.pairs, index);
  const Pairs& pairs = best.pairs;

  ScopeChoice out;
  out.scope = index.ToLabels(pairs);
  const std::string reach = ReachWords(out.scope, pairs, covered, index);
  out.words = out.scope.empty() && !reach.empty() ? reach : ScopeWords(out.scope);
  if (!out.scope.empty() && !reach.empty()) out.words += ", " + reach;
  out.note = NoteWords(members, pairs, index);
  return out;
}

}  // namespace quell::incidents
