#include "engine/api/engine.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bytes.h"
#include "core/file.h"
#include "engine/incidents/change_json.h"
#include "ingest/remote_write.h"

namespace quell::api {
namespace {

constexpr size_t kRecordsPerCommit = 256;
constexpr DurationMs kTickMs = 15 * kSecondMs;
constexpr DurationMs kIdleWaitMs = 200;
constexpr DurationMs kStoreRetryMs = 1000;
constexpr std::string_view kSnapshotMagic = "quell-snapshot-1";

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
  QUELL_TRY(MakeFolders(config_.data_dir));
  config_.journal.folder = config_.data_dir + "/journal";
  QUELL_ASSIGN(journal_, ingest::Journal::Open(config_.journal, clock_));
  QUELL_ASSIGN(store_, store::OpenSqliteStore(config_.data_dir + "/quell.db"));
  QUELL_ASSIGN(auto receivers, MakeReceivers(config_));
  UseReceivers(std::move(receivers));
  filter_ = std::make_shared<signals::SeriesFilter>(config_.pipeline.definitions,
                                                    config_.pipeline.signals.discover);
  QUELL_ASSIGN(pipeline_, pipeline::Pipeline::Create(config_.pipeline, nullptr));
  QUELL_TRY(LoadSnapshot());
  QUELL_ASSIGN(reader_, ingest::JournalReader::Open(config_.journal.folder, applied_ + 1));
  return Ok{};
}

Result<Engine::Receivers> Engine::MakeReceivers(const config::Config& config) {
  Receivers out;
  for (const config::ReceiverConfig& receiver : config.receivers) {
    switch (receiver.kind) {
      case config::ReceiverKind::kConsole:
        out.push_back(paging::MakeConsoleReceiver());
        break;
      case config::ReceiverKind::kFile: {
        QUELL_ASSIGN(auto made, paging::MakeFileReceiver(receiver.path));
        out.push_back(std::move(made));
        break;
      }
      case config::ReceiverKind::kPagerDuty: {
        paging::PagerDutyOptions options;
        options.url = receiver.url;
        options.routing_key = receiver.routing_key;
        options.ca_file = receiver.ca_file;
        options.client_url = config.external_url;
        QUELL_ASSIGN(auto made, paging::MakePagerDutyReceiver(options));
        out.push_back(std::move(made));
        break;
      }
    }
  }
  return out;
}

void Engine::UseReceivers(Receivers receivers) {
  receivers_ = std::move(receivers);
  std::vector<paging::Receiver*> borrowed;
  borrowed.reserve(receivers_.size());
  for (const auto& receiver : receivers_) borrowed.push_back(receiver.get());
  deliverer_ =
      std::make_unique<paging::Deliverer>(*store_, clock_, borrowed, paging::DelivererOptions{});
}

Status Engine::LoadSnapshot() {
  const auto bytes = ReadFile(SnapshotPath());
  if (!bytes.ok()) {
    if (bytes.error().code == ErrorCode::kNotFound) return Ok{};
    return bytes.error();
  }
  ByteReader in(*bytes);
  const std::string magic = in.GetString();
  const auto sequence = in.Get<std::uint64_t>();
  const size_t header = sizeof(std::uint32_t) + magic.size() + sizeof(std::uint64_t);
  const Status loaded = in.ok() && magic == kSnapshotMagic
                            ? pipeline_->Load(std::string_view(*bytes).substr(header))
                            : Status(MakeError(ErrorCode::kCorrupt, "not a snapshot"));
  if (loaded.ok()) {
    applied_ = snapshot_sequence_ = sequence;
    return Ok{};
  }
  Log(LogLevel::kWarn, "snapshot not used; learning from the journal instead",
      {{"path", SnapshotPath()}, {"reason", loaded.error().message}});
  return Relearn();
}

// Other signals, or a damaged snapshot: the journal teaches a fresh pipeline, whose decisions about
// the past are not acted upon. Incidents that were open under the former one are resolved; what is
// still wrong pages anew.
Status Engine::Relearn() {
  QUELL_ASSIGN(const std::uint64_t last_effect, store_->LastSequence());
  QUELL_ASSIGN(pipeline_, pipeline::Pipeline::Create(config_.pipeline, nullptr));
  pipeline_->NumberFrom(last_effect + 1, last_effect + 1);
  QUELL_ASSIGN(auto reader, ingest::JournalReader::Open(config_.journal.folder, 1));
  for (;;) {
    QUELL_ASSIGN(const auto record, reader->Next());
    if (!record) break;
    pipeline_->Apply(*record);
    pipeline_->TakeEffects();
    applied_ = record->sequence;
  }
  QUELL_TRY(ResolveFormerIncidents(last_effect));
  QUELL_ASSIGN(const std::uint64_t resolved, store_->LastSequence());
  pipeline_->NumberFrom(resolved + 1, 0);
  pipeline_->AnnounceOpen();
  const std::vector<store::Effect> effects = pipeline_->TakeEffects();
  if (!effects.empty()) QUELL_TRY(store_->Commit(std::to_string(applied_), effects));
  return Ok{};
}

Status Engine::ResolveFormerIncidents(std::uint64_t sequence) {
  constexpr size_t kIncidentsMax = 10000;
  QUELL_ASSIGN(const auto rows, store_->Incidents(kIncidentsMax));
  std::vector<store::Effect> effects;
  for (const auto& row : rows) {
    auto json = nlohmann::ordered_json::parse(row.body, nullptr, false);
    if (!json.is_object() || json.value("state", "") != "open") continue;
    json["state"] = "resolved";
    paging::Notification notification;
    notification.action = paging::Action::kResolve;
    notification.incident_key = row.id;
    notification.at = notification.onset = row.at;
    notification.summary = json.value("summary", "");
    notification.source = "quell";
    effects.push_back({++sequence, store::EffectKind::kIncident, row.at, row.id, json.dump()});
    effects.push_back(
        {++sequence, store::EffectKind::kOutbox, row.at, row.id, paging::ToJson(notification)});
  }
  if (effects.empty()) return Ok{};
  return store_->Commit(std::to_string(applied_), effects);
}

Status Engine::TakeSnapshot() {
  ByteWriter out;
  out.PutString(kSnapshotMagic);
  out.Put(applied_);
  std::string bytes = out.Take();
  {
    const std::lock_guard lock(pipeline_mutex_);
    bytes += pipeline_->Save();
  }
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
  thread_ = std::thread([this] { Loop(); });
}

void Engine::Stop(DurationMs drain_ms) {
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

Status Engine::Ingest(const ingest::SampleBatch& batch) {
  std::shared_ptr<signals::SeriesFilter> filter;
  {
    const std::lock_guard lock(filter_mutex_);
    filter = filter_;
  }
  ingest::SampleBatch wanted;
  for (const auto& series : batch.series) {
    if (series.begin == series.end || !filter->Wants(series.labels)) continue;
    const auto begin = static_cast<std::uint32_t>(wanted.samples.size());
    wanted.samples.insert(wanted.samples.end(), batch.samples.begin() + series.begin,
                          batch.samples.begin() + series.end);
    wanted.series.push_back(
        {series.labels, begin, static_cast<std::uint32_t>(wanted.samples.size())});
  }
  if (wanted.series.empty()) return Ok{};
  const auto appended =
      journal_->Append(ingest::RecordKind::kSamples, clock_.WallMs(), ingest::EncodeBatch(wanted));
  if (!appended.ok()) return appended.error();
  appended_at_ = clock_.MonotonicMs();
  wake_.notify_one();
  return Ok{};
}

Status Engine::AddChange(const std::string& json) {
  const auto change = incidents::ParseChangeJson(json, "body");
  if (!change.ok()) return change.error();
  const auto appended = journal_->Append(ingest::RecordKind::kChange, clock_.WallMs(), json);
  if (!appended.ok()) return appended.error();
  wake_.notify_one();
  return Ok{};
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
    if (!record->has_value()) break;
    const std::lock_guard lock(pipeline_mutex_);
    pipeline_->Apply(**record);
    applied_ = (*record)->sequence;
    any = true;
  }
  if (any) CommitEffects(applied_);
  return any;
}

void Engine::CommitEffects(std::uint64_t sequence) {
  std::vector<store::Effect> effects;
  {
    const std::lock_guard lock(pipeline_mutex_);
    effects = pipeline_->TakeEffects();
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
  const std::lock_guard lock(mutex_);
  status_.last_error.clear();
}

void Engine::PublishStatus() {
  const std::lock_guard pipeline_lock(pipeline_mutex_);
  const std::lock_guard lock(mutex_);
  status_.journal_sequence = applied_;
  status_.event_time = pipeline_->event_time();
  status_.series = pipeline_->signals().series_count();
  status_.signals = pipeline_->signals().signals().size();
  status_.open_alerts = pipeline_->open_alerts();
  status_.open_incidents = pipeline_->incidents().Open().size();
  status_.pipeline = pipeline_->counters();
  status_.samples = pipeline_->signals().counters();
}

void Engine::Loop() {
  for (;;) {
    const bool any = ApplyTail();
    TakeReload();
    if (any) PublishStatus();
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
    if (any) continue;
    std::unique_lock lock(mutex_);
    if (stop_ && (caught_up || !status_.last_error.empty())) break;
    clock_.WaitFor(wake_, lock, kIdleWaitMs);
    lock.unlock();
    MaybeTick();
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

std::vector<SignalRow> Engine::SignalRows(size_t limit) {
  const std::lock_guard lock(pipeline_mutex_);
  const signals::SignalEngine& signals = pipeline_->signals();
  std::vector<SignalRow> out;
  for (std::uint32_t slot = 0; slot < signals.signals().size() && out.size() < limit; ++slot) {
    const signals::SignalDef& def = signals.Definition(slot);
    SignalRow row;
    row.name = def.name;
    row.kind = detectors::SignalKindName(def.kind);
    row.what = def.what;
    row.unit = def.unit;
    row.state = signals::SignalStateName(signals.State(slot, pipeline_->event_time()));
    row.labels = signals.signals()[slot].labels;
    row.labels.Set("alertname", "");
    if (const detectors::Verdict* verdict = pipeline_->LastVerdict(slot)) {
      row.reason = detectors::VerdictReasonName(verdict->reason);
      row.value = verdict->value;
      row.expected = verdict->expected;
      row.band_low = verdict->band_low;
      row.band_high = verdict->band_high;
      row.tail_probability = verdict->tail_probability;
    }
    out.push_back(std::move(row));
  }
  return out;
}

Status Engine::Reload() {
  if (config_.file.empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "running on embedded defaults: there is no file to reload");
  }
  auto loaded = config::LoadConfig(config_.file);
  if (!loaded.ok()) return loaded.error();
  const auto fixed = [](const char* key) {
    return MakeError(ErrorCode::kInvalidArgument,
                     std::string(key) + " cannot change without a restart");
  };
  if (loaded->data_dir != config_.data_dir) return fixed("data_dir");
  if (loaded->listen_host != config_.listen_host || loaded->listen_port != config_.listen_port) {
    return fixed("listen");
  }
  if (loaded->journal.fsync != config_.journal.fsync ||
      loaded->journal.segment_bytes_max != config_.journal.segment_bytes_max) {
    return fixed("journal");
  }
  std::unique_lock lock(mutex_);
  if (reload_ != nullptr) {
    return MakeError(ErrorCode::kUnavailable, "another reload is under way");
  }
  reload_ = std::make_unique<config::Config>(std::move(*loaded));
  reload_done_ = false;
  wake_.notify_all();
  while (!reload_done_) clock_.WaitFor(wake_, lock, kIdleWaitMs);
  return reload_result_;
}

void Engine::TakeReload() {
  std::unique_ptr<config::Config> next;
  {
    const std::lock_guard lock(mutex_);
    if (reload_ == nullptr || reload_done_) return;
    next = std::make_unique<config::Config>(*reload_);
  }
  const auto adopt = [&]() -> Status {
    QUELL_ASSIGN(auto fresh, pipeline::Pipeline::Create(next->pipeline, nullptr));
    const std::lock_guard lock(pipeline_mutex_);
    const Status loaded = fresh->Load(pipeline_->Save());
    if (!loaded.ok()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "signal definitions or step changed: restart to learn them from the "
                       "journal (" +
                           loaded.error().message + ")");
    }
    pipeline_ = std::move(fresh);
    return Ok{};
  };
  auto receivers = MakeReceivers(*next);
  Status result = receivers.ok() ? adopt() : Status(receivers.error());
  if (result.ok()) {
    next->journal.folder = config_.journal.folder;
    config_ = std::move(*next);
    // Receivers are made anew with their secrets; the outbox is in the store and goes on.
    deliverer_->Stop();
    UseReceivers(*std::move(receivers));
    deliverer_->Start();
    const std::lock_guard lock(filter_mutex_);
    filter_ = std::make_shared<signals::SeriesFilter>(config_.pipeline.definitions,
                                                      config_.pipeline.signals.discover);
  }
  const std::lock_guard lock(mutex_);
  reload_result_ = result;
  reload_done_ = true;
  reload_.reset();
  wake_.notify_all();
}

}  // namespace quell::api
