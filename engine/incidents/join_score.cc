#include "engine/incidents/join_score.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "core/hash.h"
#include "engine/incidents/correlation.h"
#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

constexpr double kTellingMin = 0.1;        // below: the scope is as good as everything
constexpr size_t kCorrelatedMembers = 4;   // per group: windows compared
constexpr size_t kHistoryIdentities = 12;  // per group

// The distance of two spans of time; 0 where they overlap.
DurationMs Gap(TimeMs a_min, TimeMs a_max, TimeMs b_min, TimeMs b_max) {
  return std::max<DurationMs>({0, b_min - a_max, a_min - b_max});
}

bool Contradicts(const Pairs& a, const Pairs& b, const ScopeIndex& index) {
  for (const PairId pair_a : a) {
    for (const PairId pair_b : b) {
      if (pair_a != pair_b && index.SameName(pair_a, pair_b)) {
        return true;
      }
    }
  }
  return false;
}

std::vector<FamilyId> Union(const std::vector<FamilyId>& a, const std::vector<FamilyId>& b) {
  std::vector<FamilyId> out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

bool Disjoint(const std::vector<FamilyId>& a, const std::vector<FamilyId>& b) {
  return std::none_of(a.begin(), a.end(), [&b](FamilyId family) {
    return std::binary_search(b.begin(), b.end(), family);
  });
}

// Two or more lanes that fill their own scope.
bool Full(const Facet& facet, const ScopeIndex& index) {
  const size_t lanes = facet.lanes.size();
  return lanes >= 2 && lanes == index.CountMatching(facet.common, facet.families);
}

size_t LanesIn(const Group& group) {
  size_t lanes = 0;
  for (const Facet& facet : group.facets) lanes += facet.lanes.size();
  return lanes;
}

// Lanes that have no telling label in common: most of what there is of their family.
bool Wide(const Facet& facet, const ScopeIndex& index) {
  return facet.lanes.size() >= kAllLanesMin &&
         index.Telling(facet.common, facet.families) < kTellingMin;
}

// A single lane all of whose labels the other has too: p95 of a PSP beside failures of its methods.
bool SeesCoarser(const Facet& lane, const Facet& other) {
  return lane.lanes.size() == 1 && !lane.common.empty() &&
         std::includes(other.common.begin(), other.common.end(), lane.common.begin(),
                       lane.common.end());
}

// How many lanes of the two are not among those that began about now.
size_t Quiet(const Facet& a, const Facet& b, const AlertingLanes& alerting) {
  size_t count = 0;
  for (const LaneId lane : a.lanes) count += alerting.Has(lane) ? 0 : 1;
  for (const LaneId lane : b.lanes) {
    const bool of_a = std::binary_search(a.lanes.begin(), a.lanes.end(), lane);
    count += of_a || alerting.Has(lane) ? 0 : 1;
  }
  return count;
}

// The fill of the common scope as evidence; see weights.h.
double FillScore(const Facet& a, const Facet& b, const LabelEvidence& evidence, double telling,
                 const JoinContext& context) {
  const JoinWeights& w = context.weights;
  const double fill =
      (static_cast<double>(evidence.alerting) + 0.5) / (static_cast<double>(evidence.lanes) + 1.0);
  const double even = telling < kTellingMin ? w.fill_even_all : w.fill_even;
  double score = w.fill_slope * (fill - even) + w.idf * std::min(telling, w.idf_max);
  if (evidence.alerting == 2 && evidence.lanes > 2) score += w.two_of_many;
  if (evidence.alerting < evidence.lanes && Full(a, context.index) && Full(b, context.index)) {
    score += w.both_full;
  }
  return score;
}

void AddCorrelation(const Group& a, const Group& b, const JoinContext& context, JoinScore& out) {
  const JoinWeights& w = context.weights;
  const auto first = [](const Group& group) {
    return group.members.size() > kCorrelatedMembers ? group.members.end() - kCorrelatedMembers
                                                     : group.members.begin();
  };
  const bool large = LanesIn(a) >= w.jump_lanes_min || LanesIn(b) >= w.jump_lanes_min;
  const bool jump_counts = large && !out.labels.contradicts && out.gap_ms <= w.jump_gap_max_ms;
  double best = 0;
  for (auto x = first(a); x != a.members.end(); ++x) {
    for (auto y = first(b); y != b.members.end(); ++y) {
      const DurationMs younger = y->alert->starts_at - x->alert->starts_at;
      const auto shift = context.step_ms > 0 ? static_cast<int>(younger / context.step_ms) : 0;
      const Correlation r = Correlate(x->alert->recent_z, y->alert->recent_z, shift, jump_counts);
      const double strong =
          w.strong_correlation * r.strong * (out.labels.contradicts ? w.contradicted_share : 1.0);
      const double jump = jump_counts ? w.jump_correlation * r.jump : 0;
      if (std::max(strong, jump) > best) {
        best = std::max(strong, jump);
        out.correlation = strong >= jump ? r.strong : r.jump;
      }
    }
  }
  out.total += best;
}

void AddHistory(const Group& a, const Group& b, const JoinContext& context, JoinScore& out) {
  if (context.history.empty()) return;
  const size_t size_a = std::min(a.identities.size(), kHistoryIdentities);
  const size_t size_b = std::min(b.identities.size(), kHistoryIdentities);
  for (size_t i = 0; i < size_a; ++i) {
    for (size_t j = 0; j < size_b; ++j) {
      const auto lift = context.history.Between(context.now, a.identities[i], b.identities[j]);
      if (lift.log_lift > out.history.log_lift) out.history = lift;
    }
  }
  if (out.history.log_lift <= 0) return;
  const JoinWeights& w = context.weights;
  out.total += std::min(w.history_lift * out.history.log_lift, w.history_max);
  // It is known that the two go together although their labels differ.
  out.total -= std::min(0.0, out.labels.score);
}

// Whether the younger lies inside the scope that two or more lanes of a firing elder established.
bool InsideElder(const Group& a, const Group& b, const LabelEvidence& evidence,
                 const ScopeIndex& index) {
  const bool a_first = a.onset_min <= b.onset_min;
  const Facet& elder = a_first ? a.facets[evidence.facet_a] : b.facets[evidence.facet_b];
  const Facet& younger = a_first ? b.facets[evidence.facet_b] : a.facets[evidence.facet_a];
  return elder.firing && elder.lanes.size() >= 2 &&
         index.Telling(elder.common, Union(elder.families, younger.families)) >= kTellingMin &&
         std::includes(younger.common.begin(), younger.common.end(), elder.common.begin(),
                       elder.common.end());
}

// Whether some signals of both are of one kind and moved the same way.
bool SameCourse(const Group& a, const Group& b) {
  std::set<std::pair<detectors::SignalKind, bool>> courses;
  for (const GroupMember& member : a.members) {
    courses.emplace(member.alert->kind, member.alert->sign > 0);
  }
  return std::any_of(b.members.begin(), b.members.end(), [&](const GroupMember& member) {
    return courses.contains({member.alert->kind, member.alert->sign > 0});
  });
}

LabelEvidence BestLabels(const Group& a, const Group& b, const JoinContext& context) {
  LabelEvidence best;
  bool any = false;
  bool all_contradict = true;
  for (std::uint32_t i = 0; i < a.facets.size(); ++i) {
    for (std::uint32_t j = 0; j < b.facets.size(); ++j) {
      LabelEvidence evidence = ScoreLabels(a.facets[i], b.facets[j], context);
      evidence.facet_a = i;
      evidence.facet_b = j;
      if (InsideElder(a, b, evidence, context.index)) {
        evidence.score = std::max(evidence.score, context.weights.nested);
        evidence.supports = true;
      }
      all_contradict = all_contradict && evidence.contradicts;
      if (!any || evidence.score > best.score) best = std::move(evidence);
      any = true;
    }
  }
  best.contradicts = best.contradicts && all_contradict;
  return best;
}

bool Covers(const Facet& elder, const Facet& younger) {
  return elder.firing && std::includes(younger.common.begin(), younger.common.end(),
                                       elder.common.begin(), elder.common.end());
}

// Beyond the join window only what lies inside the scope of something that still fires may join:
// a scope may not grow backwards over what began long before.
bool LateJoin(const Group& a, const Group& b, const LabelEvidence& labels) {
  const bool a_first = a.onset_min <= b.onset_min;
  const Facet& elder = a_first ? a.facets[labels.facet_a] : b.facets[labels.facet_b];
  const Facet& younger = a_first ? b.facets[labels.facet_b] : a.facets[labels.facet_a];
  return labels.supports && !labels.scope.empty() && Covers(elder, younger);
}

// Whether any of their facets could pass LateJoin: asked before the labels are scored.
bool MayJoinLate(const Group& a, const Group& b) {
  const Group& elder = a.onset_min <= b.onset_min ? a : b;
  const Group& younger = &elder == &a ? b : a;
  for (const Facet& wide : elder.facets) {
    for (const Facet& narrow : younger.facets) {
      if (!wide.common.empty() && Covers(wide, narrow)) return true;
    }
  }
  return false;
}

}  // namespace

LabelEvidence ScoreLabels(const Facet& a, const Facet& b, const JoinContext& context) {
  const JoinWeights& w = context.weights;
  const ScopeIndex& index = context.index;
  LabelEvidence out;
  std::set_intersection(a.common.begin(), a.common.end(), b.common.begin(), b.common.end(),
                        std::back_inserter(out.scope));
  const std::vector<FamilyId> families = Union(a.families, b.families);
  out.contradicts = Contradicts(a.common, b.common, index);
  out.lanes = index.CountMatching(out.scope, families);
  // What they have in common matches all of their own lanes.
  out.alerting = context.alerting.CountIn(out.scope, families) + Quiet(a, b, context.alerting);

  out.same_lane = a.lanes == b.lanes && a.lanes.size() == 1 && !a.common.empty();
  if (out.same_lane) {
    out.score = w.same_lane;
    out.supports = true;
    return out;
  }
  const double telling = index.Telling(out.scope, families);
  const bool constant_shared = std::any_of(out.scope.begin(), out.scope.end(),
                                           [&](PairId pair) { return index.Constant(pair); });
  const bool same_kind = !Disjoint(a.families, b.families) || Wide(a, index) || Wide(b, index);
  const bool comparable =
      telling >= kTellingMin || (same_kind && (out.lanes >= kAllLanesMin || constant_shared));
  const double floor = out.contradicts ? w.labels_min : 0;
  out.score = comparable ? std::max(floor, FillScore(a, b, out, telling, context)) : floor;
  if (telling >= kTellingMin && (SeesCoarser(a, b) || SeesCoarser(b, a))) {
    out.score = std::max(out.score, w.nested);
  }
  out.supports = out.score >= w.supports_min;
  return out;
}

JoinScore ScoreJoin(const Group& a, const Group& b, const JoinContext& context) {
  const JoinWeights& w = context.weights;
  JoinScore out;
  const DurationMs onset_gap = Gap(a.onset_min, a.onset_max, b.onset_min, b.onset_max);
  const DurationMs starts_gap = Gap(a.starts_min, a.starts_max, b.starts_min, b.starts_max);
  out.gap_ms = std::min(onset_gap, starts_gap + kMinuteMs);
  const bool late = out.gap_ms > context.join_window_ms;
  if (late && !MayJoinLate(a, b)) {
    out.total = w.prior;
    return out;
  }
  out.labels = BestLabels(a, b, context);
  if (late && !LateJoin(a, b, out.labels)) {
    out.total = w.prior;
    return out;
  }
  out.total = w.prior + out.labels.score;
  if (a.paged && b.paged) out.total += w.paged_pair;
  if (late) {
    out.total += w.time_late + (SameCourse(a, b) ? w.same_course : 0);
  } else {
    out.total += w.time_near *
                 std::exp(-static_cast<double>(out.gap_ms) / static_cast<double>(w.time_scale_ms));
    AddHistory(a, b, context, out);
    // Correlation is the dearest to compute: only where it can still decide.
    if (out.total < 0 && out.total + w.strong_correlation >= 0) {
      AddCorrelation(a, b, context, out);
    }
  }
  out.join =
      out.total >= 0 && (out.labels.supports || out.correlation > 0 || out.history.log_lift > 0);
  return out;
}

std::string WhyJoined(const JoinScore& score, DurationMs later_ms, const JoinContext& context) {
  std::vector<std::string> parts;
  const Labels scope = context.index.ToLabels(score.labels.scope);
  if (score.labels.same_lane) {
    parts.push_back("same " + ScopeWords(scope));
  } else if (score.labels.supports) {
    const std::string fill = std::to_string(score.labels.alerting) + " of " +
                             std::to_string(score.labels.lanes) + " lanes alerting";
    parts.push_back(scope.empty() ? fill : "same " + ScopeWords(scope) + " (" + fill + ")");
  }
  if (score.correlation > 0) {
    char text[64];
    std::snprintf(text, sizeof text, "residuals move together (r = %.2f)", score.correlation);
    parts.emplace_back(text);
  }
  if (score.history.log_lift > 0) {
    const auto times = static_cast<int>(std::lround(score.history.times));
    parts.push_back("began together " + std::to_string(times) + " times before");
  }
  if (later_ms == 0) {
    parts.emplace_back("same onset");
  } else {
    parts.push_back("onset " + DurationWords(std::abs(later_ms)) +
                    (later_ms > 0 ? " later" : " earlier"));
  }
  return JoinWords(parts, ", ");
}

std::uint64_t IdentityOf(const Alert& alert, const Facet& facet, const ScopeIndex& index) {
  Hasher hasher;
  hasher.Add(alert.signal);
  hasher.Add(index.TellingPair(facet.common));
  return hasher.Finish();
}

}  // namespace quell::incidents
