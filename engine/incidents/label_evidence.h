// What the labels of two groups of alerts say about their having one cause.
//
// Scope    the groups' common pairs are a scope. It speaks for one cause when it is telling (few
//          lanes match it) and filled (most lanes that match it are alerting): psp="acme" with
//          all its regions, region="eu" with all its PSPs. Two outages of two PSPs share only a
//          scope that is mostly healthy: that speaks against. Groups whose labels have nothing in
//          common and contradict nowhere are neutral.
// Place    services of one place (part_labels.h) may be each other's cause: with little between
//          them in time that is evidence although few other lanes alert.
// Lanes    a group that took in several kinds of lanes has few pairs left in common: where its
//          common pairs do not support a join, pairs of single lanes may.
#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/time.h"
#include "engine/incidents/alert.h"
#include "engine/incidents/alerting_lanes.h"
#include "engine/incidents/co_occurrence.h"
#include "engine/incidents/dedup_model.h"
#include "engine/incidents/scope_index.h"
#include "engine/incidents/topology.h"
#include "engine/incidents/weights.h"

namespace quell::incidents {

class JoinTeacher;

// A part of a group whose lanes belong together by labels. A group may have several: an incident
// of psp="acme" that a ledger alert has joined by history has two.
struct Facet {
  Pairs common;  // pairs that all its lanes carry
  Lanes lanes;
  std::vector<FamilyId> families;  // ascending
  bool firing = false;
  bool received = false;  // all its alerts are others': their population is not known
};

// Incidents that were split: no evidence joins them again. The smaller id first.
using ApartPairs = std::set<std::pair<IncidentId, IncidentId>>;

// What a step's scores share. Borrowed for the step.
struct JoinContext {
  const ScopeIndex& index;
  const AlertingLanes& alerting;  // lanes with alerts that began about now
  const CoOccurrence& history;
  const Topology& topology;
  const JoinWeights& weights;
  DurationMs join_window_ms = 0;
  DurationMs step_ms = 0;
  double groups_per_day = 0;  // that begin, lately
  TimeMs now = 0;
  const DedupModel* model = nullptr;  // null = the built-in weights judge
  JoinTeacher* teacher = nullptr;
  const ApartPairs* apart = nullptr;  // null = none
};

struct LabelEvidence {
  double score = 0;
  bool supports = false;
  bool contradicts = false;
  bool same_lane = false;
  Pairs scope;                // common pairs
  size_t alerting = 0;        // lanes of the scope that alert
  size_t lanes = 0;           // comparable lanes of the scope
  std::uint32_t facet_a = 0;  // the facets it is about
  std::uint32_t facet_b = 0;
  bool apart = false;  // support that leaves the facets apart: of a place, of single lanes
};

LabelEvidence ScoreLabels(const Facet& a, const Facet& b, const JoinContext& context);

// The evidence of two single lanes of the facets that speaks most for one cause: one lane seen
// coarser by the other, a scope that explains both facets better than their own, or a place.
std::optional<LabelEvidence> ScoreLanes(const Facet& a, const Facet& b, const JoinContext& context);

// Whether the younger lies inside the scope that two or more lanes of a firing elder established.
bool InsideElder(const Facet& elder, const Facet& younger, const ScopeIndex& index);

}  // namespace quell::incidents
