// IncidentEngine: alerts in, incidents and page decisions out. Online and deterministic.
//
// Alerts that are close in onset and that labels, history or residuals say belong together join
// one incident. It names its narrowest covering label scope, what started first and its
// evidence, and resolves when its members do. Every alert ends with a recorded PageReason.
//
// Time is event time, given by the caller; calls come in time order. Thread-compatible.
// State: kind "incident_engine", version 15 (docs/formats/incident_engine.md).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"
#include "engine/incidents/alert.h"
#include "engine/incidents/change.h"
#include "engine/incidents/dedup_model.h"
#include "engine/incidents/flap_memory.h"
#include "engine/incidents/origin.h"
#include "engine/incidents/silence_book.h"
#include "engine/incidents/suppression_options.h"
#include "engine/incidents/topology.h"

namespace quell::incidents {

struct Feedback;     // feedback.h
class FeedbackBook;  // feedback_book.h

class JoinTeacher;  // join_score.h

struct IncidentOptions {
  DurationMs join_window_ms = 10 * kMinuteMs;  // onset gap across which alerts may join
  DurationMs age_max_ms = 24 * kHourMs;        // an incident takes no new members after this
  DurationMs hold_ms = 0;                      // wait for company before paging (critical: no wait)
  DurationMs resolve_after_ms = 5 * kMinuteMs;  // all members clear for this long -> resolved
  size_t incidents_max = 10000;                 // open at once; above it alerts join the closest
  TopologyOptions topology;
  SuppressionOptions suppression;
  NoiseOptions known_noise;
  // Judges instead of the built-in weights; null = those do.
  std::shared_ptr<const DedupModel> dedup_model;
  JoinTeacher* teacher = nullptr;  // borrowed; for learning alone
};

// The signals that exist, for judging how telling a label value is and how full a scope is.
// It only grows: an engine sees one population in its life, and what is in it never changes.
class Population {
 public:
  virtual ~Population() = default;
  // Every judged signal's labels (as in Alert::labels), ascending by slot.
  [[nodiscard]] virtual std::span<const Labels> SignalLabels() const = 0;
};

struct Member {
  Alert alert;
  TimeMs notified = 0;  // when the page first listed it; 0 = not yet
  PageReason reason = PageReason::kTooShort;
  std::string why_joined;  // evidence in words: "same psp=acme, onset 20 s later"
};

// Why an incident gave members away to one of their own.
enum class SplitReason : std::uint8_t {
  kNone,
  kNoCommonEvidence,  // as it stands now, nothing but time says that they are one trouble
  kPeople,
};
inline constexpr auto kLastSplitReason = SplitReason::kPeople;
std::string_view SplitReasonName(SplitReason reason);  // "", "no_common_evidence", "people"

enum class IncidentState : std::uint8_t { kHeld, kOpen, kResolved, kMerged, kSuppressed };
std::string_view IncidentStateName(IncidentState state);

// How well the scope explains the members.
struct ScopeReach {
  std::uint32_t lanes = 0;     // that it covers and that alert
  std::uint32_t lanes_of = 0;  // that it covers, of lanes with labels as those have
  std::uint32_t alerts = 0;    // members that it covers
  std::uint32_t outside = 0;   // members that it does not explain
  double effect = 0;           // the median of EffectOf (origins.h) over those it covers
  double effect_outside = 0;   // the same over the others; 0 where there are none
  bool operator==(const ScopeReach&) const = default;
};

struct Incident {
  IncidentId id = 0;
  std::string key;  // stable: sha256-based, survives restart and replay
  IncidentState state = IncidentState::kHeld;
  Severity severity = Severity::kInfo;
  TimeMs onset = 0;      // earliest member onset
  TimeMs opened_at = 0;  // first alert's starts_at
  TimeMs paged_at = 0;   // when the page was (to be) sent; 0 = not paged
  TimeMs resolved_at = 0;
  IncidentId merged_into = 0;
  std::string split_from;  // key of the incident that it was part of; "" = it opened by itself
  std::string split_into;  // key of the part that it gave away last
  SplitReason split_reason = SplitReason::kNone;  // of the latest of both
  std::string summary;     // one line for a person at 3 a.m., <= 1024 characters
  Labels scope;            // narrowest label predicate that covers the members
  std::string scope_note;  // what the scope does not explain; "" = nothing
  ScopeReach reach;
  std::vector<Origin> origins;        // where it may have begun, the likeliest first (origins.h)
  std::vector<std::string> evidence;  // sentences: seen against expected, odds, detectors, joins
  AlertId first_alert = 0;            // what started first (by onset)
  std::vector<Change> changes;        // announced just before or during, that touch its scope
  std::vector<Member> members;        // by alert id
};

// What happened, in order. The pipeline turns these into store rows and outbox rows.
enum class IncidentEventKind : std::uint8_t {
  kPage,      // send the trigger now
  kUpdate,    // paged already; the content changed (new members, severity)
  kResolve,   // paged, and over
  kSuppress,  // ended without a page; reasons are on the members
  kMerge,     // folded into merged_into; if it had paged, its own page resolves
  kSplit,     // some of its members are an incident of their own now: split_into
};
std::string_view IncidentEventKindName(IncidentEventKind kind);

struct IncidentEvent {
  IncidentEventKind kind = IncidentEventKind::kPage;
  TimeMs at = 0;
  Incident incident;  // a copy, as it stands after the event
};

// What became of an alert. The latest one told of an alert holds; a settled one is the last.
struct Outcome {
  AlertId alert = 0;
  std::string incident;  // key: for kDuplicateOf the incident that it was folded into
  PageReason reason = PageReason::kTooShort;
  TimeMs at = 0;
  bool settled = false;
};

class IncidentEngine {
 public:
  explicit IncidentEngine(const IncidentOptions& options);
  ~IncidentEngine();
  IncidentEngine(IncidentEngine&&) noexcept;
  IncidentEngine& operator=(IncidentEngine&&) noexcept;

  void AddChange(const Change& change);
  [[nodiscard]] std::vector<Change> Changes() const;                        // by start, then id
  [[nodiscard]] std::vector<MovingChange> MovingVolumes(TimeMs now) const;  // see ChangeBook
  [[nodiscard]] std::vector<Change> LatestChanges(size_t limit) const;      // see ChangeBook
  // A new silence, or a known one as it stands now.
  void SetSilence(const ingest::Silence& silence, size_t silences_max);
  [[nodiscard]] const SilenceBook& silences() const;
  // Requests that a service graph counted in the step that ended at `now` (topology.h).
  void LearnCall(TimeMs now, std::string_view client, std::string_view server, double requests);
  [[nodiscard]] const Topology& topology() const;

  // False where its id is known already.
  bool AddFeedback(const Feedback& feedback);
  [[nodiscard]] const FeedbackBook& feedback() const;

  // All alerts that fired / cleared at this step (any order inside the call), and the verdict of
  // scrape health. Then decides. Events come in order.
  struct StepInput {
    TimeMs now = 0;  // step end + lateness: the moment of decision
    std::vector<Alert> fired;
    std::vector<Alert> changed;  // evidence or severity grew; same id
    std::vector<Alert> cleared;  // ends_at set
    // What people merged: the second goes into the first. Where one is not open, nothing happens.
    std::vector<std::pair<IncidentId, IncidentId>> merges;
    // What people split: these of its alerts are another trouble. What is no member is passed over.
    std::vector<std::pair<IncidentId, std::vector<AlertId>>> splits;
    bool scrape_outage = false;  // everything went missing at once
    // Alerts whose own target nobody sees: told every step for as long as it lasts.
    std::set<AlertId> out_of_sight;
    bool between = false;  // for others' alerts: no step of the grid
  };
  std::vector<IncidentEvent> Step(StepInput input, const Population& population);

  // Outcomes of the steps since the last call. An alert that may still page has none yet.
  std::vector<Outcome> TakeOutcomes();
  // Likewise, what began to flap and what ended.
  std::vector<FlapNews> TakeFlaps();

  [[nodiscard]] std::vector<const Incident*> Open() const;  // held and open, by id

  void Save(ByteWriter& out) const;
  static Result<IncidentEngine> Load(ByteReader& in, const IncidentOptions& options);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quell::incidents
