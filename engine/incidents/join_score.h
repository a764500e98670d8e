// The evidence that two groups of alerts have one cause, as a sum of log-odds (weights.h).
//
// Labels   the groups' common pairs are a scope. It speaks for one cause when it is telling (few
//          lanes match it) and filled (most lanes that match it are alerting): psp="acme" with
//          all its regions, region="eu" with all its PSPs. Two outages of two PSPs share only a
//          scope that is mostly healthy: that speaks against. Groups whose labels have nothing in
//          common and contradict nowhere are neutral.
// Others   residual correlation, history of starting together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/incidents/alert.h"
#include "engine/incidents/alerting_lanes.h"
#include "engine/incidents/co_occurrence.h"
#include "engine/incidents/incident_engine.h"
#include "engine/incidents/scope_index.h"
#include "engine/incidents/weights.h"

namespace quell::incidents {

// A part of a group whose lanes belong together by labels. A group may have several: an incident
// of psp="acme" that a ledger alert has joined by history has two.
struct Facet {
  Pairs common;  // pairs that all its lanes carry
  Lanes lanes;
  std::vector<FamilyId> families;  // ascending
  bool firing = false;
};

struct GroupMember {
  const Alert* alert = nullptr;
  std::uint32_t facet = 0;
  std::string why;  // "" where it has not joined anything yet
};

struct Group {
  std::vector<GroupMember> members;  // by alert id
  std::vector<Facet> facets;
  std::vector<IncidentId> incidents;      // open incidents inside, ascending; empty = all new
  std::vector<std::uint64_t> identities;  // for history, ascending
  bool paged = false;
  bool closed = false;  // too old for new members
  // Why its alerts need not page by themselves; groups join only their like, so that a page does
  // not speak of what was announced, and what was announced does not hide a page.
  std::optional<PageReason> set_apart;
  TimeMs onset_min = 0, onset_max = 0;
  TimeMs starts_min = 0, starts_max = 0;
};

// What a step's scores share. Borrowed for the step.
struct JoinContext {
  const ScopeIndex& index;
  const AlertingLanes& alerting;  // lanes with alerts that began about now
  const CoOccurrence& history;
  const JoinWeights& weights;
  DurationMs join_window_ms = 0;
  DurationMs step_ms = 0;
  TimeMs now = 0;
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
};

struct JoinScore {
  double total = 0;
  bool join = false;
  LabelEvidence labels;    // not scored where the groups are too late to join
  double correlation = 0;  // |r|; 0 = none
  CoOccurrence::Lift history;
  DurationMs gap_ms = 0;
};

LabelEvidence ScoreLabels(const Facet& a, const Facet& b, const JoinContext& context);
JoinScore ScoreJoin(const Group& a, const Group& b, const JoinContext& context);

// In words: "same psp=acme (3 of 3 lanes alerting), onset 20 s later".
std::string WhyJoined(const JoinScore& score, DurationMs later_ms, const JoinContext& context);

// What an alert counts as in the history: its signal and the most telling pair that its facet has
// in common. A ledger lane in a region outage counts as the region, not as the ledger.
std::uint64_t IdentityOf(const Alert& alert, const Facet& facet, const ScopeIndex& index);

}  // namespace quell::incidents
