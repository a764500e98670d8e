// Engine: the parts of a serving Quell, wired: journal -> pipeline thread -> store -> deliverer.
//
// Ingest appends to the journal (and answers once that is durable); one pipeline thread reads the
// journal in order, commits effects together with their position, takes snapshots. Start() after
// kill -9 loads the last snapshot and applies the journal's tail. Thread-safe where stated.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "engine/api/alert_view.h"
#include "engine/api/model_request.h"
#include "engine/api/model_view.h"
#include "engine/api/people_request.h"
#include "engine/api/point_recorder.h"
#include "engine/api/score_request.h"
#include "engine/api/signal_query.h"
#include "engine/api/write_path.h"
#include "engine/backfill/relearn.h"
#include "engine/config/config.h"
#include "engine/export/remote_writer.h"
#include "engine/models/governor.h"
#include "engine/paging/deliverer.h"
#include "engine/pipeline/pipeline.h"
#include "engine/signals/series_filter.h"
#include "engine/store/store.h"
#include "ingest/journal.h"
#include "ingest/redaction.h"

namespace quell::api {

// A copy of what the pipeline thread knows, for /metrics and the API.
struct EngineStatus {
  std::uint64_t journal_sequence = 0;  // last applied
  TimeMs event_time = 0;
  std::uint64_t linked_pages = 0;
  size_t series = 0, signals = 0, open_alerts = 0, open_incidents = 0;
  pipeline::PipelineCounters pipeline;
  pipeline::PolicyCounters policy;
  pipeline::Census census;  // as of the latest step
  signals::SignalCounters samples;
  std::uint64_t snapshots = 0, snapshot_bytes = 0, store_retries = 0;
  store::Pruned pruned;  // since the start
  config::DedupState dedup = config::DedupState::kNone;
  std::string last_error;  // why decisions are paused; "" = they are not
};

// Time to limit of a signal (docs/forecast.md).
struct ForecastRow {
  std::string name;
  Labels labels;
  pipeline::ForecastReading reading;
};
struct ForecastRows {
  std::vector<ForecastRow> rows;
  std::uint64_t refused = 0;  // points of signals beyond the bound
};

// What drifts (docs/drift.md).
struct DriftRow {
  std::string name;
  Labels labels;
  detectors::DriftVerdict verdict;
};
struct DriftRows {
  static constexpr size_t kRowsMax = 20;
  std::vector<DriftRow> most;  // of the largest index, the largest first
  size_t judged = 0, learning = 0, above_tenth = 0, above_quarter = 0, watch = 0, retrain = 0;
  size_t left_out = 0;  // signals beyond those that are watched; in none of the above
  pipeline::DriftCounters counters;
};

// Counted by who posts; thread-safe.
struct AlertCounters {
  std::atomic<std::uint64_t> requests{0}, requests_refused{0}, accepted{0}, invalid{0}, refused{0};
};

// What is known of alerts and silences of others, for /metrics.
struct ReceivedStatus {
  const AlertCounters* posted = nullptr;
  alerts::LiveCounters counters;
  size_t firing = 0, waiting = 0, kept = 0, silences = 0;
  std::uint64_t taken = 0, silenced = 0;
};

// What became of a webhook of PagerDuty.
enum class WebhookOutcome : std::uint8_t {
  kAccepted,   // durable
  kDuplicate,  // its event is known already
  kUnknown,    // about an incident that is none of ours
  kIgnored,    // about nothing that matters here
  kNoSecret,
  kBadSignature,
  kInvalid,
  kRefused,  // not kept: again later
};
inline constexpr size_t kWebhookOutcomes = 8;
std::string_view WebhookOutcomeName(WebhookOutcome outcome);  // "accepted", "duplicate", ...

struct WebhookAnswer {
  WebhookOutcome outcome = WebhookOutcome::kRefused;
  std::string message;  // why not
};

// Thread-safe.
struct PeopleCounters {
  std::array<std::atomic<std::uint64_t>, kWebhookOutcomes> webhooks{};
  std::array<std::atomic<std::uint64_t>, 8> actions{};  // by HumanActionKind; over the API
};

// What may have moved, for those who look on.
enum News : std::uint64_t {
  kIncidentNews = 1,  // effects were committed: incidents, alerts, decisions, feedback
  kSignalNews = 2,    // a step was judged
  kChangeNews = 4,    // announced changes, silences, adoptions, the configuration
  kPageNews = 8,      // a receiver took a page, or did not
};
inline constexpr const char* kNewsNames[] = {"incidents", "signals", "changes", "pages"};

// What became of a request to do something with a version: an HTTP status, a code and words, or the
// version as it is now.
struct ModelAnswer {
  int status = 200;
  std::string code, message;
  std::string body;  // JSON, where it was done
};

// For /metrics.
struct ModelsStatus {
  models::GovernorCounters counters;
  std::array<size_t, models::kStates> states{};
  std::array<std::uint64_t, models::kActionKinds> refused{};  // over the API
  models::DifferenceCounts pages, alerts;                     // of the version in shadow
  std::uint64_t left_out = 0;
};

// What is asked of every signal, by its id.
struct SignalRules {
  struct Row {
    std::uint32_t slot = 0;
    detectors::SignalKind kind = detectors::SignalKind::kGauge;
    signals::SignalPolicy policy;
  };
  std::string version;
  size_t signals = 0;
  std::unordered_map<std::uint64_t, Row> rows;
};

class Engine {
 public:
  // Opens journal and store, loads the newest snapshot that fits. Errors name the path.
  static Result<std::unique_ptr<Engine>> Create(const config::Config& config, Clock& clock);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void Start();
  // Applies what the journal holds, commits, snapshots, gives the outbox `drain_ms` to empty.
  void Stop(DurationMs drain_ms);

  // Thread-safe. Decodes, keeps what signals use, appends durably. An error: nothing was kept, and
  // the same request may succeed later.
  Result<ingest::WriteVerdict> Write(ingest::WriteProtocol protocol, std::string_view body);
  // `by` is who asks, as authenticated, for the audit log; "" = not known.
  Status AddChange(const std::string& json, const std::string& by = "");  // kInvalidArgument
  // engine_alerts.cc: Alertmanager's API v2. What is answered 200 is durable; reads know of it.
  ingest::ApiAnswer PostAlerts(std::string_view body);
  ingest::ApiAnswer PostSilence(std::string_view body, const std::string& by = "");
  Status ExpireSilence(const std::string& id, const std::string& by = "");  // kNotFound
  [[nodiscard]] AlertView Alerts();
  [[nodiscard]] std::vector<std::string> ReceiverNames() const;
  [[nodiscard]] ReceivedStatus received() const;
  [[nodiscard]] const config::AlertsConfig& alerts_config() const { return alerts_; }
  // engine_people.cc: what people did; it is durable once it is accepted. Acting: kNotFound,
  // kInvalidArgument (it is over, or the request makes no sense), kUnavailable.
  WebhookAnswer TakeWebhook(std::string_view signature, std::string_view body);
  Status Act(const std::string& incident, const PeopleRequest& request);
  // Tries it again, with what followed it. kNotFound; kInvalidArgument: its receiver is gone.
  Status RetryDeadLetter(std::uint64_t id, const std::string& by = "");
  [[nodiscard]] const PeopleCounters& people() const { return people_counters_; }
  // kNotFound, kInvalidArgument: unknown, or undone already. kUnavailable: not known yet.
  Status UndoAdoption(const std::string& id, const std::string& by = "");
  [[nodiscard]] std::vector<pipeline::AdoptionRow> Adoptions(size_t limit);
  // What "this is the new normal" would make of an open incident's signals, as JSON; saying so.
  // kNotFound, kInvalidArgument, kUnavailable: as above.
  Result<std::string> PreviewNormal(const std::string& incident);
  Status SayNormal(const std::string& incident, const std::string& by);
  // Takes over a configuration, or keeps the old one and says why. Thread-safe.
  Status Reload(const std::string& by = "");
  // Called with each configuration taken over, before Reload() returns, by the pipeline thread and
  // with a lock held: brief, and no call back into the engine. Set before Start().
  void OnReload(std::function<void(const config::Config&)> call) { on_reload_ = std::move(call); }

  // Called with what has moved (bits of News) once reads tell it, by the pipeline thread: brief,
  // and no call back into the engine. Set before Start().
  void OnNews(std::function<void(std::uint64_t)> call) { on_news_ = std::move(call); }

  // engine_models.cc: versions of what decides. Thread-safe.
  ModelAnswer ActOnModel(const ModelRequest& request);
  [[nodiscard]] std::string ModelsJson();
  [[nodiscard]] std::optional<std::string> ModelJson(const std::string& id);
  // Nothing where it was never in shadow, or another is.
  [[nodiscard]] std::optional<std::string> DifferencesJson(const std::string& id);
  [[nodiscard]] ModelsStatus models();
  // engine_score.cc. Thread-safe; takes hardly longer than the budget.
  [[nodiscard]] ScoreAnswer Score(const ScoreRequest& request);
  [[nodiscard]] std::uint64_t scored(models::Fallback fallback) const {
    return score_counts_.at(static_cast<size_t>(fallback));
  }
  // The version that decides (engine/models/version.h). Thread-safe.
  [[nodiscard]] models::Version model() const;

  [[nodiscard]] bool Ready() const { return ready_; }
  [[nodiscard]] EngineStatus status() const;
  // engine_signals.cc
  [[nodiscard]] SignalPage Signals(const SignalQuery& query);
  [[nodiscard]] std::optional<SignalPoints> PointsOf(std::uint64_t id, TimeMs since);
  [[nodiscard]] std::vector<incidents::Change> Changes(size_t limit);
  // Of signals that report, alerting ones first, at most export.signals_max.
  [[nodiscard]] exports::SignalSeriesSet SignalSeries();
  [[nodiscard]] const exports::Options& export_options() const { return exports_; }
  [[nodiscard]] exports::WriterCounters exported() const {
    return writer_ ? writer_->counters() : exports::WriterCounters{};
  }
  [[nodiscard]] ForecastRows Forecasts();
  [[nodiscard]] DriftRows Drifts();
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] paging::DelivererCounters delivery() const {
    const std::lock_guard lock(deliverer_mutex_);
    return deliverer_->counters();
  }
  [[nodiscard]] const config::Config& config() const { return config_; }
  [[nodiscard]] ingest::RegistryCounters series() const { return write_path_->series(); }
  [[nodiscard]] const ingest::RedactionCounters& redaction() const { return redaction_counters_; }
  [[nodiscard]] std::uint64_t journal_last() const { return journal_->LastSequence(); }

 private:
  Engine(config::Config config, Clock& clock)
      : config_(std::move(config)),
        clock_(clock),
        history_(config_.history),
        recorder_(history_),
        exports_(config_.exports),
        alerts_(config_.alerts),
        external_url_(config_.external_url) {}
  Status Open();
  void AcceptShorterJournal();
  Status OpenWritePath();
  Status OpenRedactor();
  using Receivers = std::vector<std::unique_ptr<paging::Receiver>>;
  Result<Receivers> MakeReceivers(const config::Config& config);
  // engine_changes.cc
  Status CheckChangesFile(const config::Config& config);
  void TakeChangesFile();
  void UseReceivers(Receivers receivers);  // under the present configuration
  Status LoadSnapshot();
  enum class Announce : std::uint8_t { kAlways, kIfCurrent };  // what is open at the journal's end
  Status Relearn(Announce announce);
  Status LearnHistory(const backfill::RelearnNote& note);
  void LogLearning(std::uint64_t records, DurationMs& logged_at);
  Status ResolveFormerIncidents(std::uint64_t sequence);
  Status TakeSnapshot();
  void PruneStore();
  void Loop();
  bool ApplyTail();  // true if anything was applied
  void CommitEffects(std::uint64_t sequence);
  void MaybeTick();
  void MaybeTellTime();
  size_t RefuseUnknown(std::vector<const ingest::ReceivedAlert*>& alerts);
  bool WaitApplied(std::uint64_t sequence, DurationMs wait_ms);  // false: not in time
  Status AppendSilences(const std::vector<ingest::Silence>& silences);
  void PublishStatus();
  void TellNews();
  void UseWebhookSecrets(const config::Config& config);
  WebhookAnswer JudgeWebhook(std::string_view signature, std::string_view body);
  Status AddMergeLabel(paging::HumanAction& action);
  Result<std::string> IncidentBody(const std::string& key);
  Status AppendAction(paging::HumanAction action);
  Status SeedFeedback(pipeline::Pipeline& pipeline);
  void SeedSilences(pipeline::Pipeline& pipeline);
  void TakeReload();
  // engine_models.cc
  Status MakePipeline(const config::Config& base);
  void SeedModels();
  void KeepRules();
  [[nodiscard]] std::shared_ptr<const SignalRules> Rules() const;
  [[nodiscard]] pipeline::Pipeline* PipelineOf(const std::string& model);
  void NoteVersion();
  [[nodiscard]] models::DataNow DataOfNow();
  [[nodiscard]] ModelContext ContextOfModels();
  Result<models::ModelAction> ModelActionOf(const ModelRequest& request);
  [[nodiscard]] ModelAnswer JudgeModelRequest(const ModelRequest& request,
                                              models::ModelAction& action);
  ModelAnswer AppendModelAction(const models::ModelAction& action);
  // engine_audit.cc: what is in force from now on, into the audit log where it is news.
  Status NoteConfig(const config::Config& config, const char* what, const std::string& by);
  void StartExport();
  [[nodiscard]] std::string SnapshotPath() const { return config_.data_dir + "/snapshot.quell"; }
  [[nodiscard]] std::string ModelsPath() const { return config_.data_dir + "/models.quell"; }
  [[nodiscard]] std::string SilencesPath() const { return config_.data_dir + "/silences.quell"; }

  config::Config config_;
  Clock& clock_;
  std::unique_ptr<ingest::Journal> journal_;
  std::unique_ptr<ingest::JournalReader> reader_;
  std::unique_ptr<const ingest::Redactor> redactor_;  // as at the start: a reload does not move it
  ingest::RedactionCounters redaction_counters_;
  std::unique_ptr<store::Store> store_;
  std::vector<std::unique_ptr<paging::Receiver>> receivers_;
  mutable std::mutex deliverer_mutex_;  // guards the pointer between a reload and /metrics
  std::unique_ptr<paging::Deliverer> deliverer_;
  std::mutex reload_mutex_;  // one reload at a time; taken before all others

  std::unique_ptr<signals::SeriesFilter> filter_;
  std::unique_ptr<WritePath> write_path_;

  exports::PointHistory history_;
  PointRecorder recorder_;
  mutable std::mutex pipeline_mutex_;  // guards pipeline_ between the thread and API readers
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<models::Governor> governor_;  // moves it; guarded likewise

  const exports::Options exports_;     // as at the start
  const config::AlertsConfig alerts_;  // as at the start
  const std::string external_url_;     // as at the start
  AlertCounters alert_counters_;
  PeopleCounters people_counters_;
  std::mutex webhook_mutex_;  // guards the secrets between a reload and webhooks
  std::vector<std::string> webhook_secrets_;
  mutable std::mutex rules_mutex_;  // guards the pointer
  std::shared_ptr<const SignalRules> rules_;
  std::array<std::atomic<std::uint64_t>, models::kFallbacks> score_counts_{};
  std::mutex models_mutex_;   // one action upon a version at a time; taken first
  std::string model_action_;  // the latest that was appended; guarded by models_mutex_
  std::array<std::atomic<std::uint64_t>, models::kActionKinds> model_refusals_{};
  std::mutex silences_mutex_;                      // one change of silences at a time; taken first
  std::atomic<bool> received_full_{false};         // the table of received alerts
  DurationMs told_time_ = 0;                       // pipeline thread only
  std::unique_ptr<exports::RemoteWriter> writer_;  // null where nothing is written out

  mutable std::mutex mutex_;  // guards the members below; taken after pipeline_mutex_
  std::condition_variable wake_;
  std::condition_variable published_;  // status_ has moved
  ReceivedStatus received_;
  EngineStatus status_;
  bool stop_ = false;
  std::unique_ptr<config::Config> reload_;  // to be taken over by the pipeline thread
  std::string reload_by_;
  models::Version model_;
  bool reload_done_ = false;
  Status reload_result_ = Ok{};
  std::function<void(const config::Config&)> on_reload_;  // not changed after Start()
  std::function<void(std::uint64_t)> on_news_;            // not changed after Start()

  std::uint64_t applied_ = 0;               // pipeline thread only
  std::uint64_t snapshot_sequence_ = 0;     // pipeline thread only
  DurationMs snapshot_at_ = 0;              // pipeline thread only
  DurationMs prune_at_ = 0;                 // monotonic, when next; pipeline thread only
  std::uint64_t census_step_ = 0;           // of the latest census; pipeline thread only
  std::uint64_t news_ = 0;                  // not told yet; pipeline thread only
  std::uint64_t deliveries_ = 0;            // as last told; pipeline thread only
  std::atomic<DurationMs> appended_at_{0};  // monotonic time of the last append
  std::atomic<bool> ready_{false};
  std::thread thread_;
};

}  // namespace quell::api
