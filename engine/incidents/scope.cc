#include "engine/incidents/scope.h"

#include <algorithm>
#include <set>

#include "engine/incidents/label_combinations.h"
#include "engine/incidents/origins.h"
#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

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

bool Better(const Candidate& a, const Candidate& b) {
  if (a.worth != b.worth) return a.worth > b.worth;
  if (a.first != b.first) return a.first;
  if (a.telling != b.telling) return a.telling > b.telling;
  if (a.pairs.size() != b.pairs.size()) return a.pairs.size() > b.pairs.size();
  return a.pairs < b.pairs;
}

Candidate BestCandidate(const std::vector<LaneId>& lanes, LaneId first, const ScopeIndex& index) {
  const std::vector<Tally> tallies = TallyCombinations(lanes, index);
  Candidate best;
  bool any = false;
  for (const Tally& tally : tallies) {
    const double coverage = static_cast<double>(tally.lanes) / static_cast<double>(lanes.size());
    // A candidate is worth no more than its coverage, and that only falls from here.
    if (any && coverage < best.worth) break;
    const auto matching = static_cast<double>(index.CountMatching(tally.pairs, tally.families));
    const double fill = static_cast<double>(tally.lanes) / std::max(1.0, matching);
    // "Everything" is a scope only where nearly everything alerts, or nothing else is there.
    if (tally.pairs.empty() && fill < kEverythingFill && tallies.size() > 1) continue;
    Candidate candidate;
    candidate.pairs = tally.pairs;
    candidate.worth = coverage * (1 - kFillShare + kFillShare * fill);
    candidate.first = Carries(first, tally.pairs, index);
    candidate.telling = index.Telling(tally.pairs, tally.families);
    if (!any || Better(candidate, best)) best = std::move(candidate);
    any = true;
  }
  return best;
}

// The distinct pairs of some lanes, ascending: by name, then by value.
Pairs PairsIn(const std::vector<LaneId>& lanes, const ScopeIndex& index) {
  std::vector<bool> seen(index.pairs(), false);
  Pairs out;
  for (const LaneId lane : lanes) {
    for (const PairId pair : index.PairsOf(lane)) {
      if (!seen[pair]) out.push_back(pair);
      seen[pair] = true;
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// "all regions", "2 of 3 regions (eu, us)": how far the alerting lanes reach inside the scope.
std::string ReachWords(const Labels& scope, const Pairs& pairs, const std::vector<LaneId>& covered,
                       const ScopeIndex& index) {
  const Pairs all = PairsIn(index.Matching(pairs, FamiliesOf(covered, index)), index);
  const Pairs own = PairsIn(covered, index);
  std::vector<std::string> parts;
  for (auto at = own.begin(); at != own.end();) {
    const auto same_name = [&](PairId pair) { return index.SameName(pair, *at); };
    const auto end = std::find_if_not(at, own.end(), same_name);
    const auto possible = std::count_if(all.begin(), all.end(), same_name);
    const std::string& name = index.PairLabel(*at).name;
    std::vector<std::string> values;
    for (; at != end; ++at) values.push_back(index.PairLabel(*at).value);
    if (scope.Has(name) || possible < 2) continue;
    if (values.size() == static_cast<size_t>(possible)) {
      parts.push_back("all " + PluralWords(name));
      continue;
    }
    std::string part =
        std::to_string(values.size()) + " of " + std::to_string(possible) + ' ' + PluralWords(name);
    if (values.size() <= kValuesNamedMax) {
      part += " (" + JoinWords(values, ", ") + ')';
    }
    parts.push_back(std::move(part));
  }
  return JoinWords(parts, ", ");
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ScopeReach ReachOf(std::span<const Member> members, const std::vector<LaneId>& covered,
                   const Pairs& pairs, const ScopeIndex& index) {
  ScopeReach out;
  out.lanes = static_cast<std::uint32_t>(covered.size());
  out.lanes_of = static_cast<std::uint32_t>(index.CountMatching(pairs, FamiliesOf(covered, index)));
  std::vector<double> inside, outside;
  for (const Member& member : members) {
    const bool covers = Carries(index.LaneOf(member.alert.labels), pairs, index);
    (covers ? inside : outside).push_back(EffectOf(member.alert));
  }
  out.alerts = static_cast<std::uint32_t>(inside.size());
  out.outside = static_cast<std::uint32_t>(outside.size());
  out.effect = Median(std::move(inside));
  out.effect_outside = Median(std::move(outside));
  return out;
}

std::string NoteWords(std::span<const Member> members, const Pairs& pairs, const ScopeReach& reach,
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
  return "also (" + std::to_string(reach.outside) + " of " + std::to_string(members.size()) +
         " alerts): " + JoinWords(parts, "; ") +
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
  out.reach = ReachOf(members, covered, pairs, index);
  out.note = NoteWords(members, pairs, out.reach, index);
  return out;
}

}  // namespace quell::incidents
