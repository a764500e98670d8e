// The evidence that two groups of alerts have one cause, as a sum of log-odds (weights.h).
//
// Time     that two groups which have nothing to do with each other begin so close together is as
//          likely as new groups are frequent: a minute's gap tells much in a quiet week and little
//          in a storm. log(density of one cause's gaps / density of chance), at least 0.
// Labels   label_evidence.h.
// Topology topology_evidence.h.
// Others   residual correlation, history of starting together.
// Model    where one was learned (dedup_model.h), it weighs all of that instead of weights.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/incidents/alert.h"
#include "engine/incidents/co_occurrence.h"
#include "engine/incidents/incident_engine.h"
#include "engine/incidents/label_evidence.h"
#include "engine/incidents/topology_evidence.h"

namespace quell::incidents {

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
  std::vector<TimedNode> nodes;           // of the topology; empty where nothing is known of it
  bool paged = false;
  bool closed = false;  // too old for new members
  // Why its alerts need not page by themselves; groups join only their like, so that a page does
  // not speak of what was announced, and what was announced does not hide a page.
  std::optional<PageReason> set_apart;
  double habit = 0;  // how often the rarest of its alerts has fired lately, besides this time
  TimeMs onset_min = 0, onset_max = 0;
  TimeMs starts_min = 0, starts_max = 0;
};

struct JoinScore {
  double total = 0;
  bool join = false;
  LabelEvidence labels;    // not scored where the groups are too late to join
  double correlation = 0;  // |r|; 0 = none
  CoOccurrence::Lift history;
  std::optional<CallEvidence> call;
  DurationMs gap_ms = 0;
  bool asked = false;       // there was something to score
  JoinFeatures features{};  // of what was asked, where a model or a teacher wants them
};

// Knows the truth and decides instead of the score: a history is grouped rightly, and what the
// scores saw on the way can be learned from.
class JoinTeacher {
 public:
  virtual ~JoinTeacher() = default;
  virtual bool OneCause(const Group& a, const Group& b, const JoinScore& score) = 0;
};

JoinScore ScoreJoin(const Group& a, const Group& b, const JoinContext& context);
// As ScoreJoin; decided by the teacher where there is one.
JoinScore Judge(const Group& a, const Group& b, const JoinContext& context);

// In words: "same psp=acme (3 of 3 lanes alerting), onset 20 s later".
std::string WhyJoined(const JoinScore& score, DurationMs later_ms, const JoinContext& context);

// What an alert counts as in the history: its signal and the most telling pair that its facet has
// in common. A ledger lane in a region outage counts as the region, not as the ledger.
std::uint64_t IdentityOf(const Alert& alert, const Facet& facet, const ScopeIndex& index);

}  // namespace quell::incidents
