// Pipeline: everything after the journal. Samples and changes in, effects out.
//
// A function of (options, journal records): it reads event time only. Live engine and replay run
// this very class, so a replay of a journal makes the same incidents, byte for byte.
//
// Event time is the newest sample time seen, moved on by ticks (wall time passing without samples)
// while the stream is live. A step closes when event time has passed its end by `lateness`.
// A large step is judged on a thread of its own while the samples of the next one are taken in;
// whoever asks what was decided waits for it. Only speed depends on that.
// Thread-compatible: one owner. The isolation forest is fitted on a thread of its own.
// State: kind "pipeline", version 23 (docs/formats/snapshot.md).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/bytes.h"
#include "core/crew.h"
#include "core/errand.h"
#include "core/hash.h"
#include "core/result.h"
#include "detectors/bank.h"
#include "engine/alerts/live_alerts.h"
#include "engine/incidents/incident_engine.h"
#include "engine/paging/page_book.h"
#include "engine/paging/people_book.h"
#include "engine/pipeline/adoptions.h"
#include "engine/pipeline/alarm_tracker.h"
#include "engine/pipeline/digest.h"
#include "engine/pipeline/drifts.h"
#include "engine/pipeline/flatlines.h"
#include "engine/pipeline/forecasts.h"
#include "engine/pipeline/forest_worker.h"
#include "engine/pipeline/parents.h"
#include "engine/pipeline/pipeline_options.h"
#include "engine/pipeline/policy_book.h"
#include "engine/pipeline/recurrence.h"
#include "engine/pipeline/regional_demand.h"
#include "engine/pipeline/relevance.h"
#include "engine/pipeline/standing.h"
#include "engine/pipeline/target_outages.h"
#include "engine/pipeline/time_runs.h"
#include "engine/pipeline/weak_alerts.h"
#include "engine/pipeline/zones.h"
#include "engine/signals/signal_engine.h"
#include "engine/store/store.h"
#include "ingest/journal.h"

namespace quell::pipeline {

class Pipeline {
 public:
  // kOutOfRange naming the field. `observer` may be null; borrowed, must outlive the pipeline.
  static Result<std::unique_ptr<Pipeline>> Create(const PipelineOptions& options,
                                                  PipelineObserver* observer);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // The journal's way in. A record that does not decode is counted and skipped.
  void Apply(const ingest::JournalRecord& record);

  // Series numbers of the journal as another pipeline with equal definitions knows them: they are
  // not part of a snapshot.
  void TakeSeriesNumbers(const Pipeline& other) {
    numbered_ = other.numbered_;
    retired_ = other.retired_;
  }

  // The same in pieces, for readers of files: all samples of a stretch, then AdvanceTo.
  signals::SeriesId Intern(const Labels& labels,
                           ingest::SeriesType type = ingest::SeriesType::kFloat) {
    return signals_.Intern(labels, type);
  }
  void Observe(signals::SeriesId series, TimeMs time, double value) {
    if (next_step_end_ == 0) next_step_end_ = AlignUp(time);
    if (time <= next_step_end_) {
      signals_.Observe(series, time, value);
    } else {
      early_.push_back({time, value, series});  // its step opens when the present one closes
    }
  }
  void Observe(std::span<const signals::SeriesSample> samples);  // the faster way for many
  void ObserveHistogram(signals::SeriesId series, const ingest::HistogramSample& sample);
  void AdvanceTo(TimeMs event_time);  // closes every step that is due
  void Finish(TimeMs last);           // closes what is left at the end of a history
  void AddChange(const incidents::Change& change) {
    Settle();
    incidents_.AddChange(change);
  }

  // Lasting shifts that became normal, newest first; errors: Adoptions::InForce.
  [[nodiscard]] std::vector<AdoptionRow> LatestAdoptions(size_t limit);
  [[nodiscard]] Status CheckAdoption(std::string_view id);
  // What an open incident's signals that are odd would be expected as, were that said to be normal.
  // kNotFound: it is not open. kInvalidArgument: nothing of it is odd by its own past.
  [[nodiscard]] Result<std::vector<NewNormalRow>> PreviewNormal(std::string_view incident);

  // Alerts that others sent, silences, and alerts of ours that fire.
  [[nodiscard]] const alerts::LiveAlerts& received() const { return received_; }
  [[nodiscard]] std::vector<incidents::Alert> OwnAlerts();
  // When a record is wanted to decide upon what was received, at most one a second; 0 = none is.
  [[nodiscard]] TimeMs ReceivedDue() const;

  // What people did to incidents (pipeline_people.cc).
  [[nodiscard]] const paging::PeopleBook& people() const { return people_; }
  // Feedback and silences from before this pipeline's journal begins.
  void AddFeedback(const incidents::Feedback& feedback) { incidents_.AddFeedback(feedback); }
  void AddSilence(const ingest::Silence& silence) {
    incidents_.SetSilence(silence, options_.silences_max);
  }

  // Takes over from another: effects are numbered from `effect`, alerts from `alert` (0: as is).
  void NumberFrom(std::uint64_t effect, incidents::AlertId alert) {
    Settle();
    next_effect_ = effect;
    if (alert != 0) next_alert_ = alert;
  }
  // Effects that page every incident that is open and has paged, as it stands.
  void AnnounceOpen();

  // What was decided since the last call, in order.
  std::vector<store::Effect> TakeEffects();

  [[nodiscard]] TimeMs event_time() const { return event_time_; }
  [[nodiscard]] const signals::SignalEngine& signals() const { return signals_; }
  [[nodiscard]] const detectors::DetectorBank& bank() {
    Settle();
    return bank_;
  }
  [[nodiscard]] const Forecasts& forecasts() {
    Settle();
    return forecasts_;
  }
  [[nodiscard]] const Drifts& drifts() {
    Settle();
    return drifts_;
  }
  [[nodiscard]] const incidents::IncidentEngine& incidents() {
    Settle();
    return incidents_;
  }
  // Pages beyond the first of their incident.
  [[nodiscard]] std::uint64_t linked_pages() {
    Settle();
    return pages_.linked();
  }
  [[nodiscard]] const PipelineCounters& counters() {
    Settle();
    return counters_;
  }
  [[nodiscard]] const PolicyCounters& policy_counters() {
    Settle();
    return policy_counters_;
  }
  // These two REQUIRE that LastVerdict(slot) is there.
  [[nodiscard]] const signals::SignalPolicy& PolicyAt(std::uint32_t slot) const {
    return policies_.At(slot);
  }
  [[nodiscard]] Standing StandingOf(std::uint32_t slot);
  [[nodiscard]] Census TakeCensus();  // O(signals)
  [[nodiscard]] const detectors::Verdict* LastVerdict(std::uint32_t slot);
  // The last verdict's numbers. REQUIRES: LastVerdict(slot) is there.
  [[nodiscard]] Reading LastReading(std::uint32_t slot);
  // The numbers of a point that an observer is just told of; `shown` as the point has it.
  [[nodiscard]] Reading ReadingOf(double shown, const detectors::Verdict& verdict) const;
  // The tail probability below which a signal may alert: its share of the page budget.
  [[nodiscard]] double Threshold(std::uint32_t slot) const;
  // Samples taken in, those ahead of the open step included.
  [[nodiscard]] std::uint64_t samples() const {
    return signals_.counters().samples + early_.size() + early_histograms_.size();
  }
  [[nodiscard]] size_t open_alerts() {
    Settle();
    return open_alerts_.size();
  }
  [[nodiscard]] bool Alerting(std::uint32_t slot) const { return open_alerts_.contains(slot); }
  // The end of the last step that closed; 0 where none has since this pipeline was made.
  [[nodiscard]] TimeMs last_step() const { return last_step_; }

  // An effect that others decided, in its place among this pipeline's own.
  void Tell(store::EffectKind kind, TimeMs at, std::string id, std::string body, store::Deed deed) {
    Settle();
    Emit(kind, at, std::move(id), std::move(body), std::move(deed));
  }

  [[nodiscard]] std::string Save();
  // kCorrupt / kUnsupported naming both versions; the pipeline must be freshly created with the
  // options that the snapshot was taken under (kInvalidArgument where they differ).
  Status Load(std::string_view snapshot);

 private:
  Pipeline(const PipelineOptions& options, detectors::DetectorBank bank,
           PipelineObserver* observer);

  void ApplyOne(const ingest::JournalRecord& record);
  void RetireSeries();
  void ApplyBatch(const ingest::JournalRecord& record);
  [[nodiscard]] TimeMs Believable(TimeMs newest, const ingest::JournalRecord& record) const;
  TimeMs Feed(const ingest::SampleBatch& batch, const ingest::SampleBatch::Series& series);
  void CloseStep(TimeMs step_end);
  void Settle();  // ends the step that is judged aside, if one is
  void TellAnnounced(TimeMs step_end);
  void AddNewSignals(TimeMs step_end);
  void NotePlace(std::uint32_t slot);
  void TellOffsets(TimeMs step_end);
  void LearnCalls(TimeMs step_end);
  [[nodiscard]] bool TellsCalls(std::uint32_t slot) const;
  void FeedEarly();
  void Judge(const signals::SignalEngine::StepPoint& point, detectors::Verdict verdict,
             TimeMs step_end);
  [[nodiscard]] bool HaveCompany() const;
  [[nodiscard]] AlarmTracker::Demands DemandsOn(const detectors::Verdict& verdict) const;
  // pipeline_policy.cc
  [[nodiscard]] bool InHours(std::uint32_t slot, TimeMs at) const;
  [[nodiscard]] bool IsOff(std::uint32_t slot, TimeMs at) const;
  void ApplyPolicy(const signals::SignalEngine::StepPoint& made, TimeMs step_end,
                   detectors::Verdict& verdict);
  void NoteDemand(TimeMs step_end);
  [[nodiscard]] bool OffAsItsPlace(const detectors::Point& point, const detectors::Verdict& verdict,
                                   TimeMs step_end) const;
  void LowerOutsideHours(incidents::Alert& alert) const;
  void RaiseInHours(TimeMs now);
  [[nodiscard]] bool HardlySlower(double shown, const detectors::Verdict& verdict) const;
  [[nodiscard]] incidents::Evidence EvidenceOf(const signals::SignalEngine::StepPoint& step_point,
                                               const detectors::Verdict& verdict) const;
  // pipeline_explain.cc: REQUIRES the step's points to have been judged.
  [[nodiscard]] incidents::Explanation ExplanationOf(
      const signals::SignalEngine::StepPoint& step_point, const detectors::Verdict& verdict,
      TimeMs step_end) const;
  [[nodiscard]] incidents::Explanation ExplainMissing(std::uint32_t slot, TimeMs now) const;
  [[nodiscard]] incidents::Explanation ExplainHistory(std::uint32_t slot, TimeMs at,
                                                      const detectors::Grounds& grounds) const;
  [[nodiscard]] incidents::Alert AlertOn(const signals::SignalEngine::StepPoint& point,
                                         const detectors::Verdict& verdict, TimeMs step_end) const;
  void NoteWeak(const signals::SignalEngine::StepPoint& point, const detectors::Verdict& verdict,
                TimeMs step_end, AlarmDecision why);
  void SettleWeak(TimeMs now);
  void Fire(const signals::SignalEngine::StepPoint& point, const detectors::Verdict& verdict,
            TimeMs step_end);
  void Grow(incidents::Alert& alert, const signals::SignalEngine::StepPoint& point,
            const detectors::Verdict& verdict, TimeMs step_end);
  void Clear(std::uint32_t slot, TimeMs now);
  void Announce(std::string_view decision, TimeMs at, const incidents::Alert& alert);
  void Adopt(const detectors::AdoptedShift& adopted, TimeMs now, const std::string& by = "");
  void AdoptTimes(TimeMs now);
  Status ApplyToAdoptions(const ingest::JournalRecord& record);
  Status UndoAdoption(std::string_view id, const std::string& by);
  Status SayNormal(const SaidNormal& said, TimeMs received);
  [[nodiscard]] AdoptionRow RowOf(const Adoption& adoption) const;
  void CheckMissing(TimeMs now);
  void FireMissing(std::uint32_t slot, TimeMs now);
  // pipeline_flatlines.cc
  void JudgeRun(detectors::Verdict& verdict, TimeMs step_end);
  void FireFlat(const detectors::Verdict& verdict, const detectors::Flatline& state, double tail,
                TimeMs step_end);
  void ClearFlat(std::uint32_t slot, TimeMs now);
  // pipeline_outage.cc
  void CheckOutage(bool outage, size_t silent, size_t watched, TimeMs now);
  [[nodiscard]] Labels CommonWith(std::optional<Labels> labels, std::uint32_t slot) const;
  [[nodiscard]] Labels CommonOfSilent() const;
  // pipeline_targets.cc
  void UpdateTargets(TimeMs now);
  void TellTargets(TimeMs now);
  incidents::Alert AlertOf(const JobOutage& outage, TimeMs now);
  // pipeline_received.cc
  void ApplyReceived(const ingest::JournalRecord& record);
  void StepReceived(TimeMs now);
  void TakeReceived(TimeMs now);
  // pipeline_people.cc
  void ApplyPeople(const paging::HumanAction& action, TimeMs received);
  void TellChange(const incidents::Change& change, const std::string& by, TimeMs received);
  void TellSilence(const ingest::Silence& silence, TimeMs received);
  void MergeByPeople(const paging::HumanAction& action, TimeMs at);
  void TellPagersOf(const paging::HumanAction& action, std::uint8_t resolved, TimeMs at);
  void SplitByPeople(const paging::HumanAction& action, TimeMs at);
  void Send(const std::vector<paging::Notification>& notifications, TimeMs at);
  void CountSilenced(const incidents::Incident& incident);
  void StepIncidents(TimeMs now, bool scrape_outage);
  void Record(const incidents::IncidentEvent& event);
  void RecordOutcomes();
  void TellDigest(TimeMs now);
  void Emit(store::EffectKind kind, TimeMs at, std::string id, std::string body,
            store::Deed deed = {});
  [[nodiscard]] std::string OptionsDigest() const;
  std::vector<std::uint64_t*> CounterFields();  // as a snapshot has them
  void SaveAlerts(ByteWriter& out) const;
  bool LoadAlerts(ByteReader& in);

  [[nodiscard]] TimeMs AlignUp(TimeMs time) const {
    const DurationMs step = options_.signals.step_ms;
    return (time + step - 1) / step * step;
  }

  class SignalPopulation;
  class BatchFeed;
  // Samples ahead of the open step. Usually those of (lateness + step) are here at once; of senders
  // whose clocks run ahead, those of as long as ingest lets them (future_max).
  using EarlySample = signals::SeriesSample;
  struct EarlyHistogram {
    signals::SeriesId series = 0;
    ingest::HistogramSample sample;
  };
  void SaveReceived(ByteWriter& out) const;
  bool LoadReceived(ByteReader& in);
  void SaveEarly(ByteWriter& out) const;
  void LoadEarly(ByteReader& in);

  // What a step knows of a signal's samples when it closes.
  struct Seen {
    TimeMs last = 0;
    signals::SignalState state = signals::SignalState::kDead;
  };

  struct NumberedSeries {
    Hash128 definition;  // of its body; zeros: none yet
    signals::SeriesId id = signals::kIgnoredSeries;
  };

  PipelineOptions options_;
  PipelineObserver* observer_;
  signals::SignalEngine signals_;
  detectors::DetectorBank bank_;
  AlarmTracker tracker_;
  Recurrence recurrence_;
  Relevance relevance_;
  RegionalDemand demand_;
  Forecasts forecasts_;
  Drifts drifts_;
  Flatlines flatlines_;
  Adoptions adoptions_;
  TimeRuns time_runs_;
  Zones zones_;
  Parents parents_;
  PolicyBook policies_;
  incidents::IncidentEngine incidents_;
  alerts::LiveAlerts received_;
  bool received_used_ = false;   // an alert or a silence was received
  bool silences_moved_ = false;  // since incidents were asked
  TimeMs received_stepped_ = 0;  // time of receipt when news of theirs was last decided upon
  TimeMs incidents_now_ = 0;     // of the latest step of incidents; never goes back
  paging::PageBook pages_;
  Digest digest_;
  paging::PeopleBook people_;
  ForestWorker forest_worker_;
  Crew crew_;

  std::vector<std::uint16_t> zone_of_;    // by slot
  std::vector<bool> tells_calls_;         // by slot: a volume by client and server
  std::vector<std::uint32_t> place_of_;   // by slot: of volumes (regional_demand.h)
  bool told_announced_ = true;            // some slot may have been told of an announced change
  std::vector<DurationMs> told_offsets_;  // by zone, as last told to the bank; none: not yet

  TimeMs event_time_ = 0;
  TimeMs next_step_end_ = 0;              // 0 = no sample yet
  std::vector<EarlySample> early_;        // in order of arrival
  std::vector<NumberedSeries> numbered_;  // by the journal's numbers, as last defined
  // Definitions' bodies by number, of series that were forgotten: a sample may still come.
  std::unordered_map<std::uint32_t, std::string> retired_;
  std::vector<EarlyHistogram> early_histograms_;  // in order of arrival
  std::vector<signals::SeriesSample> batch_;      // scratch
  incidents::AlertId next_alert_ = 1;
  std::uint64_t next_effect_ = 1;
  std::map<std::uint32_t, incidents::Alert> open_alerts_;     // by slot
  std::map<std::uint32_t, incidents::Alert> missing_alerts_;  // by slot
  std::map<std::uint32_t, incidents::Alert> flat_alerts_;     // by slot
  std::optional<incidents::Alert> outage_alert_;              // that monitoring is out
  TimeMs outage_since_ = 0;                                   // 0 = it is not
  WeakAlerts weak_;
  TargetOutages target_outages_;
  std::vector<signals::OutTarget> out_targets_;  // when the last step closed
  incidents::IncidentEngine::StepInput step_;    // collected during a step
  std::vector<store::Effect> effects_;
  std::vector<Labels> population_;                          // by slot
  std::vector<DurationMs> intervals_;                       // as last told to the bank
  std::vector<detectors::Verdict> last_verdicts_;           // by slot
  std::vector<double> last_shown_;                          // by slot: of the last verdict\'s point
  std::vector<detectors::Point> points_;                    // scratch
  std::vector<bool> begun_;                                 // scratch, by place
  std::vector<detectors::Verdict> verdicts_;                // scratch
  std::span<const signals::SignalEngine::StepPoint> made_;  // until the next step closes
  std::vector<Seen> seen_;                                  // by slot, when the last step closed
  bool company_ = false;  // several lanes' failures are anomalous in this step
  TimeMs last_step_ = 0;
  TimeMs reached_ = 0;    // event time when the last step closed
  TimeMs unsettled_ = 0;  // end of the step that is judged aside
  PipelineCounters counters_;
  PolicyCounters policy_counters_;
  Errand errand_;  // last: it ends before what it works on goes
};

}  // namespace quell::pipeline
