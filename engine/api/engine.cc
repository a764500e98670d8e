#include "engine/api/engine.h"

#include <openssl/rand.h>

#include <algorithm>
#include <optional>

#include "core/bytes.h"
#include "core/file.h"
#include "engine/api/kept_silences.h"
#include "engine/api/version.h"
#include "engine/backfill/swap.h"
#include "engine/config/dedup_model_file.h"
#include "ingest/remote_write.h"

namespace quell::api {
namespace {

constexpr size_t kRecordsPerCommit = 256;
constexpr DurationMs kTickMs = 15 * kSecondMs;
constexpr DurationMs kIdleWaitMs = 200;
constexpr DurationMs kStoreRetryMs = 1000;
constexpr int kStopPatience = 25;  // idle rounds
constexpr std::string_view kSnapshotMagic = "quell-snapshot-2";
constexpr std::string_view kWithoutModels = "quell-snapshot-1";  // read, too

// Nobody may be able to choose series whose hashes collide.
Result<std::uint64_t> SecretSeed() {
  std::uint64_t seed = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed) == 1) return seed;
  return MakeError(ErrorCode::kIo, "the system gives no random bytes");
}

// What people and programs announce or ask for; samples and alerts tell by what they cause.
bool IsAnnounced(ingest::RecordKind kind) {
  return kind == ingest::RecordKind::kChange || kind == ingest::RecordKind::kOperation ||
         kind == ingest::RecordKind::kSilence || kind == ingest::RecordKind::kConfig;
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::Create(const config::Config& config, Clock& clock) {
  std::unique_ptr<Engine> engine(new Engine(config, clock));
  QUELL_TRY(engine->Open());
  return engine;
}

Engine::~Engine() {
  if (thread_.joinable()) Stop(0);
}

Status Engine::Open() {
  QUELL_ASSIGN(const auto opening, backfill::TakeDataDir(config_.data_dir));
  QUELL_TRY(backfill::FinishSwap(config_.data_dir, nullptr));
  QUELL_ASSIGN(const auto note, backfill::ReadRelearnNote(config_.data_dir));
  config_.journal.folder = config_.data_dir + "/journal";
  QUELL_ASSIGN(journal_, ingest::Journal::Open(config_.journal, clock_));
  QUELL_TRY(OpenRedactor());
  QUELL_ASSIGN(store_, store::OpenSqliteStore(config_.data_dir + "/quell.db"));
  QUELL_ASSIGN(auto receivers, MakeReceivers(config_));
  UseReceivers(std::move(receivers));
  UseWebhookSecrets(config_);
  QUELL_TRY(OpenWritePath());
  config::UseDedupModel(config_);
  QUELL_TRY(NoteConfig(config_, "config_started", ""));
  governor_ = std::make_unique<models::Governor>(config_, kVersion, kCommit, pipeline_, &recorder_);
  governor_->OnMove([this](const pipeline::Pipeline& now) { recorder_.Watch(&now); });
  QUELL_TRY(MakePipeline(config_));
  QUELL_TRY(CheckChangesFile(config_));
  QUELL_TRY(note ? LearnHistory(*note) : LoadSnapshot());
  AcceptShorterJournal();
  QUELL_ASSIGN(reader_, ingest::JournalReader::Open(config_.journal.folder, applied_ + 1));
  return Ok{};
}

// A power loss under `fsync: never`, or damage at the very end, can take records that were decided
// upon and are part of the snapshot. They stay decided; what comes now takes their numbers, and
// must not be taken for them.
void Engine::AcceptShorterJournal() {
  const std::uint64_t last = journal_->LastSequence();
  if (last >= applied_) return;
  Log(LogLevel::kWarn,
      "the journal ends before its snapshot: the records between are lost, what was "
      "decided on them stands",
      {{"journal", last}, {"snapshot", applied_}});
  applied_ = snapshot_sequence_ = last;
}

// Which series are wanted depends on the signal definitions and discovery alone, and neither
// changes without a restart.
Status Engine::OpenWritePath() {
  filter_ = std::make_unique<signals::SeriesFilter>(config_.pipeline.definitions,
                                                    config_.pipeline.signals.discover);
  WritePathOptions options;
  options.limits = config_.limits;
  options.series = config_.series_limits;
  options.decoding_bytes_max = config_.decoding_bytes_max;
  QUELL_ASSIGN(options.hash_seed, SecretSeed());
  write_path_ = std::make_unique<WritePath>(options, *filter_, *redactor_, redaction_counters_,
                                            *journal_, clock_);
  return Ok{};
}

Status Engine::LoadSnapshot() {
  const auto bytes = ReadFile(SnapshotPath());
  if (!bytes.ok()) {
    if (bytes.error().code != ErrorCode::kNotFound) return bytes.error();
    SeedSilences(*pipeline_);
    return Ok{};
  }
  ByteReader in(*bytes);
  const std::string magic = in.GetString();
  const auto sequence = in.Get<std::uint64_t>();
  const std::string governor = magic == kSnapshotMagic ? in.GetString() : "";
  const auto load = [&]() -> Status {
    if (!in.ok() || (magic != kSnapshotMagic && magic != kWithoutModels)) {
      return MakeError(ErrorCode::kCorrupt, "not a snapshot");
    }
    if (!governor.empty()) {
      QUELL_TRY(governor_->Load(governor));
      QUELL_TRY(MakePipeline(config_));
    }
    const size_t header = sizeof(std::uint32_t) + magic.size() + sizeof(std::uint64_t) +
                          (magic == kSnapshotMagic ? sizeof(std::uint32_t) + governor.size() : 0);
    QUELL_TRY(pipeline_->Load(std::string_view(*bytes).substr(header)));
    return governor_->EnsureBeside();
  };
  const Status loaded = load();
  if (loaded.ok()) {
    NoteVersion();
    applied_ = snapshot_sequence_ = sequence;
    return Ok{};
  }
  Log(LogLevel::kWarn, "snapshot not used; learning from the journal instead",
      {{"path", SnapshotPath()}, {"reason", loaded.error().message}});
  return Relearn(Announce::kAlways);
}

Status Engine::TakeSnapshot() {
  ByteWriter header;
  header.PutString(kSnapshotMagic);
  header.Put(applied_);
  std::string bytes, models, registry;
  std::vector<ingest::Silence> silences;
  {
    const std::lock_guard lock(pipeline_mutex_);
    models = governor_->Save();
    registry = governor_->SaveRegistry();
    bytes = pipeline_->Save();
    silences = pipeline_->incidents().silences().All();
  }
  header.PutString(models);
  bytes.insert(0, header.bytes());
  QUELL_TRY(WriteFileAtomic(ModelsPath(), registry));
  QUELL_TRY(KeepSilences(SilencesPath(), silences));
  QUELL_TRY(WriteFileAtomic(SnapshotPath(), bytes));
  snapshot_sequence_ = applied_;
  journal_->AllowDeleteBelow(applied_);
  const std::lock_guard lock(mutex_);
  ++status_.snapshots;
  status_.snapshot_bytes = bytes.size();
  return Ok{};
}

void Engine::Start() {
  appended_at_ = clock_.MonotonicMs();
  snapshot_at_ = clock_.MonotonicMs();
  deliverer_->Start();
  TakeChangesFile();
  thread_ = std::thread([this] { Loop(); });
  StartExport();
}

void Engine::Stop(DurationMs drain_ms) {
  if (writer_) writer_->Stop();
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  const DurationMs deadline = clock_.MonotonicMs() + drain_ms;
  std::mutex local;
  std::condition_variable never;
  while (clock_.MonotonicMs() < deadline) {
    const auto pending = store_->CountOutbox(store::OutboxState::kPending);
    if (!pending.ok() || *pending == 0) break;
    deliverer_->Wake();
    std::unique_lock lock(local);
    clock_.WaitFor(never, lock, 50);
  }
  deliverer_->Stop();
}

Result<ingest::WriteVerdict> Engine::Write(ingest::WriteProtocol protocol, std::string_view body) {
  bool appended = false;
  auto verdict = write_path_->Write(protocol, body, appended);
  if (appended) {
    appended_at_ = clock_.MonotonicMs();
    wake_.notify_one();
  }
  return verdict;
}

void Engine::MaybeTick() {
  if (clock_.MonotonicMs() - appended_at_ < kTickMs) return;
  appended_at_ = clock_.MonotonicMs();
  const auto appended = journal_->Append(ingest::RecordKind::kTick, clock_.WallMs(), {});
  if (!appended.ok()) {
    Log(LogLevel::kError, "cannot append a tick", {{"error", appended.error().message}});
  }
}

bool Engine::ApplyTail() {
  bool any = false;
  // Only what is durable is decided upon.
  const std::uint64_t durable = journal_->LastSequence();
  for (size_t i = 0; i < kRecordsPerCommit && applied_ < durable; ++i) {
    auto record = reader_->Next();
    if (!record.ok()) {
      const std::lock_guard lock(mutex_);
      if (status_.last_error != record.error().message) {
        Log(LogLevel::kError, "cannot read the journal", {{"error", record.error().message}});
      }
      status_.last_error = record.error().message;
      return false;
    }
    if (!record->has_value()) {
      // A repair can leave a gap of numbers at the end: there is nothing to wait for.
      if (!ready_) applied_ = durable;
      break;
    }
    const std::lock_guard lock(pipeline_mutex_);
    governor_->Apply(**record);
    any = true;
    if (IsAnnounced((*record)->kind)) news_ |= kChangeNews;
    if ((*record)->context) continue;
    applied_ = (*record)->sequence;
  }
  if (any) CommitEffects(applied_);
  return any;
}

void Engine::CommitEffects(std::uint64_t sequence) {
  std::vector<store::Effect> effects;
  {
    const std::lock_guard lock(pipeline_mutex_);
    effects = governor_->TakeEffects();
  }
  if (effects.empty()) return;
  const bool pages = std::any_of(effects.begin(), effects.end(), [](const store::Effect& effect) {
    return effect.kind == store::EffectKind::kOutbox;
  });
  for (;;) {
    const Status committed = store_->Commit(std::to_string(sequence), effects);
    if (committed.ok()) break;
    // Decisions wait until the store takes them; ingest goes on into the journal.
    Log(LogLevel::kError, "store refused effects; retrying",
        {{"error", committed.error().message}, {"effects", effects.size()}});
    std::unique_lock lock(mutex_);
    ++status_.store_retries;
    status_.last_error = committed.error().message;
    if (stop_) return;  // they come again from the journal at the next start
    clock_.WaitFor(wake_, lock, kStoreRetryMs);
  }
  if (pages) deliverer_->Wake();
  news_ |= kIncidentNews;
  NoteVersion();
  const std::lock_guard lock(mutex_);
  status_.last_error.clear();
}

void Engine::PublishStatus() {
  const std::lock_guard pipeline_lock(pipeline_mutex_);
  std::optional<pipeline::Census> census;  // once a step: it looks at every signal
  const std::uint64_t steps = pipeline_->counters().steps;
  if (steps != census_step_) {
    census = pipeline_->TakeCensus();
    news_ |= kSignalNews;
  }
  census_step_ = steps;
  KeepRules();
  const alerts::LiveAlerts& received = pipeline_->received();
  received_full_ = received.full();
  const std::lock_guard lock(mutex_);
  received_.counters = received.counters();
  received_.firing = received.firing();
  received_.waiting = received.waiting();
  received_.kept = received.kept();
  received_.silences = pipeline_->incidents().silences().size();
  received_.taken = pipeline_->counters().received_alerts;
  received_.silenced = pipeline_->counters().silenced;
  published_.notify_all();
  status_.journal_sequence = applied_;
  status_.dedup = config_.dedup_state;
  status_.event_time = pipeline_->event_time();
  status_.series = pipeline_->signals().series_count();
  status_.signals = pipeline_->signals().signals().size();
  status_.open_alerts = pipeline_->open_alerts();
  status_.open_incidents = pipeline_->incidents().Open().size();
  status_.linked_pages = pipeline_->linked_pages();
  status_.pipeline = pipeline_->counters();
  status_.policy = pipeline_->policy_counters();
  if (census) status_.census = *census;
  status_.samples = pipeline_->signals().counters();
}

void Engine::TellNews() {
  const paging::DelivererCounters delivery = this->delivery();
  const std::uint64_t deliveries = delivery.delivered + delivery.retried + delivery.dead +
                                   delivery.obsolete + delivery.coalesced + delivery.skipped;
  if (deliveries != deliveries_) news_ |= kPageNews;
  deliveries_ = deliveries;
  if (news_ != 0 && on_news_) on_news_(news_);
  news_ = 0;
}

void Engine::Loop() {
  int idle_at_stop = 0;
  for (;;) {
    const bool any = ApplyTail();
    TakeReload();
    if (any) PublishStatus();
    TellNews();
    const bool caught_up = applied_ >= journal_->LastSequence();
    if (caught_up && !ready_) {
      PublishStatus();
      ready_ = true;
    }
    const DurationMs now = clock_.MonotonicMs();
    if (now - snapshot_at_ >= config_.snapshot_interval_ms && applied_ > snapshot_sequence_) {
      snapshot_at_ = now;
      const Status taken = TakeSnapshot();
      if (!taken.ok()) {
        Log(LogLevel::kError, "cannot take a snapshot", {{"error", taken.error().message}});
      }
    }
    if (ready_ && now >= prune_at_) PruneStore();
    if (any) continue;
    std::unique_lock lock(mutex_);
    // What cannot be applied now comes again from the journal at the next start.
    if (stop_ && (caught_up || !status_.last_error.empty() || ++idle_at_stop > kStopPatience))
      break;
    clock_.WaitFor(wake_, lock, kIdleWaitMs);
    lock.unlock();
    MaybeTick();
    MaybeTellTime();
  }
  if (applied_ <= snapshot_sequence_) return;
  const Status taken = TakeSnapshot();
  if (!taken.ok()) {
    Log(LogLevel::kError, "cannot take the last snapshot", {{"error", taken.error().message}});
  }
}

EngineStatus Engine::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace quell::api
