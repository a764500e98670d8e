#include "engine/incidents/grouping.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace quell::incidents {
namespace {

constexpr size_t kPairwiseMax = 160;

template <typename T>
void InsertSorted(std::vector<T>& values, const T& value) {
  const auto at = std::lower_bound(values.begin(), values.end(), value);
  if (at == values.end() || *at != value) values.insert(at, value);
}

void AddAlert(Facet& facet, const Alert& alert, const ScopeIndex& index) {
  const LaneId lane = index.LaneOf(alert.labels);
  const Pairs& pairs = index.PairsOf(lane);
  const bool received = !alert.received.from.empty();
  if (facet.families.empty()) {
    facet.common = pairs;
    facet.received = received;
  } else {
    Pairs common;
    std::set_intersection(facet.common.begin(), facet.common.end(), pairs.begin(), pairs.end(),
                          std::back_inserter(common));
    facet.common = std::move(common);
  }
  InsertSorted(facet.lanes, lane);
  facet.firing = facet.firing || alert.ends_at == 0;
  facet.received = facet.received && received;
  InsertSorted(facet.families, index.FamilyOf(lane));
}

void FoldFacet(Facet& into, const Facet& from) {
  Pairs common;
  std::set_intersection(into.common.begin(), into.common.end(), from.common.begin(),
                        from.common.end(), std::back_inserter(common));
  into.common = std::move(common);
  Lanes lanes;
  std::set_union(into.lanes.begin(), into.lanes.end(), from.lanes.begin(), from.lanes.end(),
                 std::back_inserter(lanes));
  into.lanes = std::move(lanes);
  into.firing = into.firing || from.firing;
  into.received = into.received && from.received;
  for (const FamilyId family : from.families) InsertSorted(into.families, family);
}

// Anew after every fold: what the facets have in common has changed.
void Identify(Group& group, const ScopeIndex& index) {
  group.identities.clear();
  std::set<std::pair<std::string_view, std::uint32_t>> seen;
  for (const GroupMember& member : group.members) {
    if (!seen.emplace(member.alert->signal, member.facet).second) continue;
    InsertSorted(group.identities, IdentityOf(*member.alert, group.facets[member.facet], index));
  }
}

// Onset decides what came first, then the moment of firing, then the number.
bool Earlier(const GroupMember& a, const GroupMember& b) {
  return std::tuple(a.alert->onset, a.alert->starts_at, a.alert->id) <
         std::tuple(b.alert->onset, b.alert->starts_at, b.alert->id);
}

std::string Why(const Group& a, const Group& b, const JoinScore& score,
                const JoinContext& context) {
  const auto first_a = std::min_element(a.members.begin(), a.members.end(), Earlier);
  const auto first_b = std::min_element(b.members.begin(), b.members.end(), Earlier);
  return WhyJoined(score, first_b->alert->onset - first_a->alert->onset, context);
}

// The elder is kept: with incidents before new ones, paged before held, then by order.
bool FirstIsElder(const Group& a, const Group& b) {
  if (a.paged != b.paged) return a.paged;
  if (a.incidents.empty() != b.incidents.empty()) return !a.incidents.empty();
  if (!a.incidents.empty()) return a.incidents.front() < b.incidents.front();
  return !Earlier(*std::min_element(b.members.begin(), b.members.end(), Earlier),
                  *std::min_element(a.members.begin(), a.members.end(), Earlier));
}

bool WereSplit(const Group& a, const Group& b, const JoinContext& context) {
  if (context.apart == nullptr || context.apart->empty()) return false;
  return std::any_of(a.incidents.begin(), a.incidents.end(), [&](IncidentId x) {
    return std::any_of(b.incidents.begin(), b.incidents.end(), [&](IncidentId y) {
      return context.apart->contains({std::min(x, y), std::max(x, y)});
    });
  });
}

bool MayJoin(const Group& a, const Group& b, const JoinContext& context) {
  return !a.closed && !b.closed && a.set_apart == b.set_apart && !WereSplit(a, b, context);
}

// Scores between all pairs of groups, kept up to date while groups are folded.
class PairScores {
 public:
  PairScores(std::vector<Group>& groups, const JoinContext& context)
      : groups_(groups),
        context_(context),
        alive_(groups.size(), true),
        scores_(groups.size() * groups.size()) {
    for (size_t i = 0; i < groups_.size(); ++i) {
      for (size_t j = i + 1; j < groups_.size(); ++j) Rescore(i, j);
    }
  }

  // Joins the best pair; false if there is none.
  bool JoinBest() {
    const JoinScore* best = nullptr;
    size_t a = 0, b = 0;
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (!alive_[i]) continue;
      for (size_t j = i + 1; j < groups_.size(); ++j) {
        const JoinScore& score = At(i, j);
        if (alive_[j] && score.join && (best == nullptr || score.total > best->total)) {
          best = &score;
          a = i;
          b = j;
        }
      }
    }
    if (best == nullptr) return false;
    Join(a, b, *best);
    return true;
  }

  [[nodiscard]] bool Alive(size_t i) const { return alive_[i]; }

 private:
  JoinScore& At(size_t i, size_t j) { return scores_[i * groups_.size() + j]; }

  void Rescore(size_t i, size_t j) {
    At(i, j) = MayJoin(groups_[i], groups_[j], context_) ? Judge(groups_[i], groups_[j], context_)
                                                         : JoinScore{};
  }

  void Join(size_t a, size_t b, JoinScore score) {
    if (!FirstIsElder(groups_[a], groups_[b])) {
      std::swap(groups_[a], groups_[b]);
      std::swap(score.labels.facet_a, score.labels.facet_b);
    }
    std::string why = Why(groups_[a], groups_[b], score, context_);
    FoldGroup(groups_[a], std::move(groups_[b]), score, std::move(why), context_.index);
    alive_[b] = false;
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (alive_[i] && i != a) Rescore(std::min(i, a), std::max(i, a));
    }
  }

  std::vector<Group>& groups_;
  const JoinContext& context_;
  std::vector<bool> alive_;
  std::vector<JoinScore> scores_;
};

}  // namespace

Group GroupOfMembers(std::vector<GroupMember> members, const ScopeIndex& index) {
  Group out;
  out.members = std::move(members);
  bool first = true;
  for (const GroupMember& member : out.members) {
    const Alert& alert = *member.alert;
    while (out.facets.size() <= member.facet) out.facets.emplace_back();
    AddAlert(out.facets[member.facet], alert, index);
    out.onset_min = first ? alert.onset : std::min(out.onset_min, alert.onset);
    out.onset_max = first ? alert.onset : std::max(out.onset_max, alert.onset);
    out.starts_min = first ? alert.starts_at : std::min(out.starts_min, alert.starts_at);
    out.starts_max = first ? alert.starts_at : std::max(out.starts_max, alert.starts_at);
    first = false;
  }
  Identify(out, index);
  return out;
}

Group GroupOfAlert(const Alert& alert, const ScopeIndex& index) {
  return GroupOfMembers({GroupMember{&alert, 0, ""}}, index);
}

void FoldGroup(Group& a, Group b, const JoinScore& score, std::string why,
               const ScopeIndex& index) {
  std::vector<std::uint32_t> facet_of_b(b.facets.size());
  for (std::uint32_t i = 0; i < b.facets.size(); ++i) {
    if (score.labels.supports && !score.labels.apart && i == score.labels.facet_b) {
      facet_of_b[i] = score.labels.facet_a;
      FoldFacet(a.facets[score.labels.facet_a], b.facets[i]);
    } else {
      facet_of_b[i] = static_cast<std::uint32_t>(a.facets.size());
      a.facets.push_back(std::move(b.facets[i]));
    }
  }
  const auto first = std::min_element(b.members.begin(), b.members.end(), Earlier);
  if (first->why.empty()) first->why = std::move(why);
  for (GroupMember& member : b.members) {
    member.facet = facet_of_b[member.facet];
    a.members.push_back(std::move(member));
  }
  std::sort(a.members.begin(), a.members.end(),
            [](const GroupMember& x, const GroupMember& y) { return x.alert->id < y.alert->id; });
  for (const IncidentId id : b.incidents) InsertSorted(a.incidents, id);
  Identify(a, index);
  for (const TimedNode& node : b.nodes) AddNode(a.nodes, node);
  a.paged = a.paged || b.paged;
  a.habit = std::min(a.habit, b.habit);
  a.onset_min = std::min(a.onset_min, b.onset_min);
  a.onset_max = std::max(a.onset_max, b.onset_max);
  a.starts_min = std::min(a.starts_min, b.starts_min);
  a.starts_max = std::max(a.starts_max, b.starts_max);
}

std::vector<Group> JoinGroups(std::vector<Group> groups, const JoinContext& context) {
  std::vector<Group> rest;
  if (groups.size() > kPairwiseMax) {
    rest.assign(std::make_move_iterator(groups.begin() + kPairwiseMax),
                std::make_move_iterator(groups.end()));
    groups.resize(kPairwiseMax);
  }
  PairScores scores(groups, context);
  while (scores.JoinBest()) {
  }
  std::vector<Group> out;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (scores.Alive(i)) out.push_back(std::move(groups[i]));
  }
  for (Group& group : rest) {
    const size_t closest = ClosestGroup(group, out, context);
    if (closest < out.size()) {
      const JoinScore score = Judge(out[closest], group, context);
      if (score.join) {
        std::string why = Why(out[closest], group, score, context);
        FoldGroup(out[closest], std::move(group), score, std::move(why), context.index);
        continue;
      }
    }
    out.push_back(std::move(group));
  }
  return out;
}

size_t ClosestGroup(const Group& group, const std::vector<Group>& groups,
                    const JoinContext& context) {
  size_t best = groups.size();
  double best_total = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (!MayJoin(groups[i], group, context)) continue;
    const JoinScore score = Judge(groups[i], group, context);
    if (best == groups.size() || score.total > best_total) {
      best = i;
      best_total = score.total;
    }
  }
  return best;
}

}  // namespace quell::incidents
