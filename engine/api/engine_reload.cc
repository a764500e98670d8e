// How an engine takes over another configuration, and learns anew when its snapshot does not fit.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/log.h"
#include "engine/api/engine.h"
#include "engine/config/dedup_model_file.h"
#include "engine/paging/page_book.h"

namespace quell::api {
namespace {

constexpr DurationMs kReloadPollMs = 200;
constexpr DurationMs kLearningLogMs = 5 * kSecondMs;
// An incident that is open at the end of a history that ended longer ago than this is of the past.
constexpr DurationMs kCurrentMs = kHourMs;

}  // namespace

// Other signals, or a damaged snapshot: the journal teaches a fresh pipeline, whose decisions about
// the past are not acted upon. Incidents that were open under the former one are resolved; what is
// still wrong pages anew.
Status Engine::Relearn(Announce announce) {
  QUELL_ASSIGN(const std::uint64_t last_effect, store_->LastSequence());
  SeedModels();
  QUELL_TRY(MakePipeline(config_));
  history_.Clear();  // signals may have other numbers
  pipeline_->NumberFrom(last_effect + 1, last_effect + 1);
  QUELL_TRY(SeedFeedback(*pipeline_));
  SeedSilences(*pipeline_);
  QUELL_ASSIGN(auto reader, ingest::JournalReader::Open(config_.journal.folder, 1));
  DurationMs logged_at = clock_.MonotonicMs();
  for (std::uint64_t records = 1;; ++records) {
    QUELL_ASSIGN(const auto record, reader->Next());
    if (!record) break;
    governor_->Apply(*record);
    governor_->TakeEffects();
    if (record->context) continue;
    applied_ = record->sequence;
    LogLearning(records, logged_at);
  }
  QUELL_TRY(governor_->EnsureBeside());
  QUELL_TRY(ResolveFormerIncidents(last_effect));
  QUELL_ASSIGN(const std::uint64_t resolved, store_->LastSequence());
  pipeline_->NumberFrom(resolved + 1, 0);
  const bool current = clock_.WallMs() - pipeline_->event_time() <= kCurrentMs;
  if (announce == Announce::kAlways || current) pipeline_->AnnounceOpen();
  const std::vector<store::Effect> effects = governor_->TakeEffects();
  NoteVersion();
  if (!effects.empty()) QUELL_TRY(store_->Commit(std::to_string(applied_), effects));
  return Ok{};
}

void Engine::LogLearning(std::uint64_t records, DurationMs& logged_at) {
  const DurationMs now = clock_.MonotonicMs();
  if (now - logged_at < kLearningLogMs) return;
  logged_at = now;
  const std::uint64_t total = journal_->LastSequence();
  Log(LogLevel::kInfo, "learning from the journal",
      {{"records", records},
       {"percent", total == 0 ? 100 : 100 * applied_ / total},
       {"samples", pipeline_->samples()},
       {"signals", pipeline_->signals().signals().size()},
       {"event_time", FormatRfc3339(pipeline_->event_time())}});
}

// A history was put into the journal. The note goes only when a snapshot holds what it taught.
Status Engine::LearnHistory(const backfill::RelearnNote& note) {
  const DurationMs started = clock_.MonotonicMs();
  Log(LogLevel::kInfo, "learning from the journal, without acting on its past",
      {{"reason", note.reason},
       {"from", FormatRfc3339(note.from)},
       {"to", FormatRfc3339(note.to)},
       {"records", journal_->LastSequence()}});
  QUELL_TRY(Relearn(Announce::kIfCurrent));
  QUELL_TRY(TakeSnapshot());
  Log(LogLevel::kInfo, "learned",
      {{"samples", pipeline_->samples()},
       {"signals", pipeline_->signals().signals().size()},
       {"points", pipeline_->counters().points},
       {"pages_not_sent", pipeline_->counters().pages},
       {"seconds", (clock_.MonotonicMs() - started) / kSecondMs}});
  return backfill::RemoveRelearnNote(config_.data_dir);
}

Status Engine::ResolveFormerIncidents(std::uint64_t sequence) {
  constexpr size_t kIncidentsMax = 10000;
  QUELL_ASSIGN(const auto rows, store_->Incidents(kIncidentsMax));
  QUELL_ASSIGN(const std::vector<std::string> unresolved, store_->UnresolvedKeys());
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
    const auto owe = [&](const std::string& key) {
      effects.push_back({.sequence = ++sequence,
                         .kind = store::EffectKind::kOutbox,
                         .at = row.at,
                         .id = key,
                         .body = paging::ToJson(notification),
                         .urgency = paging::UrgencyOf(notification),
                         .deed = {.what = "page_resolve", .detail = "learned anew"}});
    };
    owe(row.id);
    for (std::uint32_t page = 2; page <= paging::kPagesMaxCritical; ++page) {
      notification.page_key = paging::PageKey(row.id, page);
      if (!std::binary_search(unresolved.begin(), unresolved.end(), notification.page_key))
        continue;
      owe(notification.page_key);
    }
  }
  if (effects.empty()) return Ok{};
  return store_->Commit(std::to_string(applied_), effects);
}

Status Engine::Reload(const std::string& by) {
  const std::lock_guard one_at_a_time(reload_mutex_);
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
  // Said at the start, by file or flag; a reload does not take it back.
  loaded->allow_unauthenticated = loaded->allow_unauthenticated || config_.allow_unauthenticated;
  QUELL_TRY(config::CheckExposure(*loaded));
  if (loaded->data_dir != config_.data_dir) return fixed("data_dir");
  if (loaded->listen_host != config_.listen_host || loaded->listen_port != config_.listen_port) {
    return fixed("listen");
  }
  loaded->journal.folder = config_.journal.folder;
  if (loaded->journal != config_.journal) return fixed("journal");
  if (loaded->front.tls != config_.front.tls) return fixed("tls");
  if (loaded->limits != config_.limits || loaded->series_limits != config_.series_limits ||
      loaded->decoding_bytes_max != config_.decoding_bytes_max || loaded->front != config_.front) {
    return fixed("limits");
  }
  if (loaded->alerts != config_.alerts) return fixed("alerts");
  QUELL_TRY(CheckChangesFile(*loaded));
  // Redacted values name series: half of them under other rules would be others.
  if (loaded->redaction != config_.redaction) return fixed("redaction");
  if (!loaded->exports.SameButSecrets(exports_)) return fixed("export");
  if (loaded->history != config_.history) return fixed("server");
  if (writer_) writer_->UseToken(loaded->exports.remote_write.bearer_token);
  std::unique_lock lock(mutex_);
  reload_ = std::make_unique<config::Config>(std::move(*loaded));
  reload_by_ = by;
  reload_done_ = false;
  wake_.notify_all();
  while (!reload_done_) clock_.WaitFor(wake_, lock, kReloadPollMs);
  return reload_result_;
}

void Engine::TakeReload() {
  std::unique_ptr<config::Config> next;
  std::string by;
  {
    const std::lock_guard lock(mutex_);
    if (reload_ == nullptr || reload_done_) return;
    next = std::make_unique<config::Config>(*reload_);
    by = reload_by_;
  }
  config::UseDedupModel(*next);
  const auto adopt = [&]() -> Status {
    const std::lock_guard lock(pipeline_mutex_);
    QUELL_ASSIGN(const config::Config effective, governor_->Effective(*next));
    QUELL_ASSIGN(auto fresh, pipeline::Pipeline::Create(effective.pipeline, &recorder_));
    const Status loaded = fresh->Load(pipeline_->Save());
    if (!loaded.ok()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "signal definitions or step changed: restart to learn them from the "
                       "journal (" +
                           loaded.error().message + ")");
    }
    // What the store cannot record is not done.
    QUELL_TRY(NoteConfig(*next, "config_reloaded", by));
    fresh->TakeSeriesNumbers(*pipeline_);
    pipeline_ = std::move(fresh);
    recorder_.Watch(pipeline_.get());
    QUELL_TRY(governor_->UseBase(*next));
    NoteVersion();
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
    UseWebhookSecrets(config_);
    deliverer_->Start();
    TakeChangesFile();
  }
  const std::lock_guard lock(mutex_);
  if (result.ok() && on_reload_) on_reload_(config_);
  reload_result_ = result;
  reload_done_ = true;
  reload_.reset();
  wake_.notify_all();
}

}  // namespace quell::api
