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

constexpr size_t kCorrelatedMembers = 4;   // per group: windows compared
constexpr size_t kHistoryIdentities = 12;  // per group

// The distance of two spans of time; 0 where they overlap.
DurationMs Gap(TimeMs a_min, TimeMs a_max, TimeMs b_min, TimeMs b_max) {
  return std::max<DurationMs>({0, b_min - a_max, a_min - b_max});
}

size_t LanesIn(const Group& group) {
  size_t lanes = 0;
  for (const Facet& facet : group.facets) lanes += facet.lanes.size();
  return lanes;
}

// How much likelier the gap is for one cause than by chance; log odds, at least 0.
double TimeScore(DurationMs gap_ms, const JoinContext& context) {
  const JoinWeights& w = context.weights;
  const double scale_days = static_cast<double>(w.time_scale_ms) / static_cast<double>(kDayMs);
  const double by_chance = scale_days * (w.groups_per_day + context.groups_per_day);
  return std::max(0.0, -std::log(by_chance) -
                           static_cast<double>(gap_ms) / static_cast<double>(w.time_scale_ms));
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

// Whether labels that name no node contradict: a provider in one region fails no service in
// another.
bool ElsewhereBoth(const Facet& a, const Facet& b, const JoinContext& context) {
  const ScopeIndex& index = context.index;
  return std::any_of(a.common.begin(), a.common.end(), [&](PairId pair_a) {
    return !context.topology.NamesNode(index.PairLabel(pair_a).name) &&
           std::any_of(b.common.begin(), b.common.end(), [&](PairId pair_b) {
             return pair_a != pair_b && index.SameName(pair_a, pair_b);
           });
  });
}

void AddCall(const Group& a, const Group& b, const JoinContext& context, JoinScore& out) {
  const bool somewhere = std::any_of(a.facets.begin(), a.facets.end(), [&](const Facet& of_a) {
    return std::any_of(b.facets.begin(), b.facets.end(),
                       [&](const Facet& of_b) { return !ElsewhereBoth(of_a, of_b, context); });
  });
  if (!somewhere) return;
  const JoinWeights& w = context.weights;
  out.call = CallBetween(a.nodes, b.nodes, context.topology, w.client_first_ms);
  if (!out.call.has_value()) {
    // A scope that explains both is the common root: a region that fails as a whole.
    const bool explained = out.labels.supports && !out.labels.apart;
    if (!explained && RootsApart(a.nodes, b.nodes, context.topology)) out.total += w.roots_apart;
    return;
  }
  out.total += w.calls + w.calls_per_hop * static_cast<double>(out.call->hops - 1) +
               (out.call->client_first ? w.calls_client_first : 0);
  // Parts that call each other differ in their labels.
  out.total -= std::min(0.0, out.labels.score);
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
  const bool a_first = a.onset_min <= b.onset_min;
  LabelEvidence best;
  bool any = false;
  bool all_contradict = true;
  const auto take = [&](LabelEvidence evidence, std::uint32_t i, std::uint32_t j) {
    evidence.facet_a = i;
    evidence.facet_b = j;
    if (!any || evidence.score > best.score) best = std::move(evidence);
    any = true;
  };
  for (std::uint32_t i = 0; i < a.facets.size(); ++i) {
    for (std::uint32_t j = 0; j < b.facets.size(); ++j) {
      const Facet& elder = a_first ? a.facets[i] : b.facets[j];
      const Facet& younger = a_first ? b.facets[j] : a.facets[i];
      LabelEvidence evidence = ScoreLabels(a.facets[i], b.facets[j], context);
      if (InsideElder(elder, younger, context.index)) {
        evidence.score = std::max(evidence.score, context.weights.nested);
        evidence.supports = true;
        evidence.apart = false;
      }
      all_contradict = all_contradict && evidence.contradicts;
      take(std::move(evidence), i, j);
    }
  }
  best.contradicts = best.contradicts && all_contradict;
  if (best.supports && !best.apart) return best;
  for (std::uint32_t i = 0; i < a.facets.size(); ++i) {
    for (std::uint32_t j = 0; j < b.facets.size(); ++j) {
      if (a.facets[i].lanes.size() == 1 && b.facets[j].lanes.size() == 1) continue;
      auto evidence = ScoreLanes(a.facets[i], b.facets[j], context);
      if (evidence.has_value() && evidence->supports) take(std::move(*evidence), i, j);
    }
  }
  return best;
}

bool Includes(const Pairs& wide, const Pairs& part) {
  return std::includes(wide.begin(), wide.end(), part.begin(), part.end());
}

// Whether the younger lies inside what still fires, or is a lane that counts it in: a service's
// latency while that of one of its PSPs fires.
bool Related(const Facet& elder, const Facet& younger, const ScopeIndex& index) {
  if (!elder.firing || elder.common.empty() || younger.common.empty()) return false;
  if (Includes(younger.common, elder.common)) return true;
  return younger.lanes.size() == 1 &&
         std::any_of(elder.lanes.begin(), elder.lanes.end(),
                     [&](LaneId lane) { return Includes(index.PairsOf(lane), younger.common); });
}

// Beyond the join window only what is related to something that still fires may join: a scope may
// not grow backwards over what began long before.
bool LateJoin(const Group& a, const Group& b, const LabelEvidence& labels,
              const ScopeIndex& index) {
  const bool a_first = a.onset_min <= b.onset_min;
  const Facet& elder = a_first ? a.facets[labels.facet_a] : b.facets[labels.facet_b];
  const Facet& younger = a_first ? b.facets[labels.facet_b] : a.facets[labels.facet_a];
  return labels.supports && !labels.scope.empty() && Related(elder, younger, index);
}

// Whether any of their facets could pass LateJoin: asked before the labels are scored.
bool MayJoinLate(const Group& a, const Group& b, const ScopeIndex& index) {
  const Group& elder = a.onset_min <= b.onset_min ? a : b;
  const Group& younger = &elder == &a ? b : a;
  for (const Facet& wide : elder.facets) {
    for (const Facet& narrow : younger.facets) {
      if (Related(wide, narrow, index)) return true;
    }
  }
  return false;
}

double LogMinutes(DurationMs gap) {
  return std::log1p(static_cast<double>(gap) / static_cast<double>(kMinuteMs));
}

JoinFeatures FeaturesOf(const Group& a, const Group& b, DurationMs onset_gap, DurationMs starts_gap,
                        bool late, const JoinContext& context, const JoinScore& score) {
  JoinFeatures out{};
  const auto set = [&out](JoinFeature feature, double value) {
    out[static_cast<size_t>(feature)] = value;
  };
  set(JoinFeature::kOnsetGap, LogMinutes(onset_gap));
  set(JoinFeature::kStartsGap, LogMinutes(starts_gap));
  set(JoinFeature::kFrequency, std::log1p(context.groups_per_day));
  set(JoinFeature::kLabels, score.labels.score);
  set(JoinFeature::kSameLane, score.labels.same_lane ? 1 : 0);
  set(JoinFeature::kContradicts, score.labels.contradicts ? 1 : 0);
  set(JoinFeature::kCorrelation, score.correlation);
  set(JoinFeature::kHistory, score.history.log_lift);
  set(JoinFeature::kHabit, std::log1p(std::max(a.habit, b.habit)));
  if (score.call.has_value()) {
    set(JoinFeature::kTopology, 1 / static_cast<double>(score.call->hops));
  }
  set(JoinFeature::kSameCourse, SameCourse(a, b) ? 1 : 0);
  set(JoinFeature::kLate, late ? 1 : 0);
  return out;
}

}  // namespace

JoinScore ScoreJoin(const Group& a, const Group& b, const JoinContext& context) {
  const JoinWeights& w = context.weights;
  JoinScore out;
  const DurationMs onset_gap = Gap(a.onset_min, a.onset_max, b.onset_min, b.onset_max);
  const DurationMs starts_gap = Gap(a.starts_min, a.starts_max, b.starts_min, b.starts_max);
  out.gap_ms = std::min(onset_gap, starts_gap + kMinuteMs);
  const bool late = out.gap_ms > context.join_window_ms;
  if (late && !MayJoinLate(a, b, context.index)) {
    out.total = w.prior;
    return out;
  }
  out.labels = BestLabels(a, b, context);
  if (late && !LateJoin(a, b, out.labels, context.index)) {
    out.total = w.prior;
    return out;
  }
  out.total = w.prior + out.labels.score;
  if (a.paged && b.paged) out.total += w.paged_pair;
  out.total -= w.habit * std::log1p(std::max(a.habit, b.habit) / w.habit_free);
  if (late) {
    out.total += w.time_late + (SameCourse(a, b) ? w.same_course : 0);
  } else {
    out.total += TimeScore(out.gap_ms, context);
    AddHistory(a, b, context, out);
    if (out.history.log_lift <= 0 && !a.nodes.empty() && !b.nodes.empty()) {
      AddCall(a, b, context, out);
    }
    // Correlation is the dearest to compute: only where it can still decide.
    const bool supported = out.labels.supports || out.history.log_lift > 0 || out.call.has_value();
    const bool asked_for = context.model != nullptr || context.teacher != nullptr;
    const bool decides = (out.total < 0 || !supported) && out.total + w.strong_correlation >= 0;
    if (asked_for || decides) AddCorrelation(a, b, context, out);
  }
  out.asked = true;
  if (context.model != nullptr || context.teacher != nullptr) {
    out.features = FeaturesOf(a, b, onset_gap, starts_gap, late, context, out);
  }
  if (context.model != nullptr) out.total = context.model->LogOdds(out.features);
  out.join = out.total >= 0 && (out.labels.supports || out.correlation > 0 ||
                                out.history.log_lift > 0 || out.call.has_value());
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
  if (score.call.has_value()) parts.push_back(CallWords(*score.call));
  if (later_ms == 0) {
    parts.emplace_back("same onset");
  } else {
    parts.push_back("onset " + DurationWords(std::abs(later_ms)) +
                    (later_ms > 0 ? " later" : " earlier"));
  }
  if (context.model != nullptr && score.asked) parts.push_back(context.model->Why(score.features));
  return JoinWords(parts, ", ");
}

JoinScore Judge(const Group& a, const Group& b, const JoinContext& context) {
  JoinScore score = ScoreJoin(a, b, context);
  if (context.teacher == nullptr) return score;
  score.join = context.teacher->OneCause(a, b, score);
  score.total = score.join ? 1 : -1;
  return score;
}

std::uint64_t IdentityOf(const Alert& alert, const Facet& facet, const ScopeIndex& index) {
  Hasher hasher;
  hasher.Add(alert.signal);
  hasher.Add(index.TellingPair(facet.common));
  return hasher.Finish();
}

}  // namespace quell::incidents
