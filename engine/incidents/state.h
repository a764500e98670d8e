// IncidentEngine::State: everything that the engine remembers. Private to engine/incidents.
//
// intake.cc takes alerts in, joining.cc groups them, lifecycle.cc decides what pages, ends or is
// suppressed, snapshot.cc saves and loads.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/incidents/alerting_lanes.h"
#include "engine/incidents/change_book.h"
#include "engine/incidents/co_occurrence.h"
#include "engine/incidents/feedback_book.h"
#include "engine/incidents/flap_memory.h"
#include "engine/incidents/grouping.h"
#include "engine/incidents/incident_engine.h"
#include "engine/incidents/noise_book.h"
#include "engine/incidents/received_lanes.h"
#include "engine/incidents/scope_index.h"
#include "engine/incidents/silence_book.h"
#include "engine/incidents/suppression_book.h"
#include "engine/incidents/topology.h"

namespace quell::incidents {

// What a member carries besides what it shows.
struct MemberState {
  std::uint32_t facet = 0;         // which of the incident's label-coherent parts it belongs to
  bool scrape_outage = false;      // fired while all of monitoring was down
  TimeMs unseen_at = 0;            // the latest step at which its own target was out; 0 = never
  std::optional<PageReason> told;  // the reason of its latest Outcome in this incident
};

// An open incident and its bookkeeping.
struct Record {
  Incident incident;
  std::map<AlertId, MemberState> member_states;
  size_t firing = 0;           // members that fire
  TimeMs clear_at = 0;         // when the last member cleared; meaningful while firing == 0
  std::uint64_t overflow = 0;  // alerts folded in beyond kMembersMax
  std::set<AlertId> overflow_firing;
  std::set<AlertId> inhibited;          // that depend on its origin and need not page; bounded
  std::optional<PageReason> set_apart;  // see Group; nothing once it has paged
  bool changed = false;                 // text is out of date
  bool news = false;                    // an update is owed
  bool muted = false;                   // it has paged, and a member that fires is muted
  bool whole = false;                   // a merge that people saw: evidence does not split it
  std::uint32_t splits = 0;             // that led to it or that it saw
  std::uint32_t doubts = 0;             // looks in a row at which evidence said that it is two
  TimeMs split_look = 0;                // when evidence was last asked whether it is one trouble

  // This step's overflow: listed once in this step's event, then forgotten. Not saved.
  std::vector<Member> overflow_now;
};

// A count that halves every half-life.
struct DecayedCount {
  double value = 0;  // as of `at`
  TimeMs at = 0;

  void Add(TimeMs now);
  [[nodiscard]] double At(TimeMs now) const;
  [[nodiscard]] double PerDay(TimeMs now) const;
};

// What an outage of monitoring looks like: the volume falls, or a signal goes missing.
bool LooksMissing(const Alert& alert);

inline constexpr size_t kMembersMax = 1000;
inline constexpr size_t kOverflowFiringMax = 10000;
inline constexpr size_t kInhibitedMax = 100;

struct IncidentEngine::State {
  explicit State(const IncidentOptions& engine_options);

  std::vector<IncidentEvent> Step(StepInput input, const Population& population);
  void Save(ByteWriter& out) const;
  Status Load(ByteReader& in);

  // intake.cc
  void TakeFired(std::vector<Alert> fired, bool scrape_outage);
  bool TakeRefired(const Alert& alert);  // false if it is not one
  void TakeChanged(const Alert& alert);
  void TakeCleared(const Alert& alert);
  void AddMember(Record& record, Alert alert, std::uint32_t facet, std::string why);
  Member* FindMember(AlertId id, Record** record);
  void LearnHistory(const std::set<AlertId>& fired);
  void MarkScrapeOutage(const std::set<AlertId>& fired);
  void MarkOutOfSight();
  void EnsureIndex(const Population& population, const std::vector<Alert>& fired);

  // joining.cc
  void JoinFired(std::vector<Alert> fired);
  std::vector<Group> NearbyIncidents();
  [[nodiscard]] Group GroupOf(const Record& record) const;
  void SetNodes(Group& group) const;
  [[nodiscard]] std::optional<PageReason> SetApart(const Alert& alert) const;
  [[nodiscard]] AlertingLanes Alerting(const std::vector<Alert>& fired) const;
  void ApplyGroup(Group group, std::map<AlertId, Alert>& fired);
  void ApplyOverfull(const Group& group, IncidentId into, std::map<AlertId, Alert>& fired);
  Record& OpenIncident(const Group& group);
  void MergeInto(Record& elder, IncidentId younger);

  // splitting.cc
  void SplitByEvidence(const JoinContext& context);
  void SplitByPeople(IncidentId id, const std::vector<AlertId>& alerts);
  [[nodiscard]] std::set<AlertId> PartAway(const Record& record, const JoinContext& context) const;
  void SplitOff(Record& record, const std::set<AlertId>& away, SplitReason reason);
  void ForgetApart(IncidentId id);

  // lifecycle.cc
  void Decide();
  bool DecideHeld(Record& record);  // true when it is over
  bool DecideOpen(Record& record);
  [[nodiscard]] std::optional<PageReason> MutedBy(const Record& record, const Member& member,
                                                  bool wide) const;
  // inhibition.cc: the incident whose origin the alert depends on; it remembers the alert.
  const Record* Inhibitor(const Record& held, const Alert& alert);
  [[nodiscard]] std::optional<PageReason> MutedByUs(const Alert& alert, TimeMs at) const;
  void LookAgain(Record& record);
  void Page(Record& record, std::vector<Member*> unmuted);
  void TellOutcomes(Record& record, bool over);
  [[nodiscard]] DurationMs HoldOf(const Alert& alert) const;
  void Refresh(Record& record);
  void Emit(IncidentEventKind kind, Record& record);
  void Forget(const Record& record);  // drops what points at it

  IncidentOptions options;
  TimeMs now = 0;
  DurationMs step_ms = 0;  // latest spacing of steps; 0 = not known
  TimeMs grid_now = 0;     // of the latest step that was not between steps
  IncidentId next_id = 1;
  DecayedCount groups_lately;   // opened lately
  TimeMs scrape_outage_at = 0;  // the latest step with one; 0 = never
  std::map<IncidentId, Record> open;
  std::map<AlertId, IncidentId> incident_of;
  ApartPairs apart;  // of open incidents that were one and were split
  struct Last {
    IncidentId incident = 0;
    AlertId alert = 0;
  };
  std::map<std::uint64_t, Last> by_fingerprint;  // of members of open incidents
  ChangeBook changes;
  SilenceBook silences;
  FlapMemory flaps;
  FeedbackBook feedback;
  NoiseBook noise;  // derived from feedback
  SuppressionBook suppression;
  CoOccurrence history;
  Topology topology;
  ReceivedLanes received;

  std::set<AlertId> out_of_sight;  // of this step

  // Scratch of a step, and a cache that never changes a result. Not saved.
  std::vector<IncidentEvent> events;
  std::vector<Outcome> outcomes;
  std::optional<ScopeIndex> cached_index;
  std::span<const Labels> indexed;          // the population of cached_index: compared, never read
  std::optional<ScopeIndex> outside_index;  // where alerts lie outside the population
  std::vector<Labels> outside;              // what it has besides the population and received lanes
  std::uint64_t outside_version = 0;        // of the received lanes that it has
  const ScopeIndex* index = nullptr;
};

}  // namespace quell::incidents
