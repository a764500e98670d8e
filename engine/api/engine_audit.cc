// What an engine puts into the audit log itself: the configuration and version in force.
#include "engine/api/engine.h"
#include "engine/api/version.h"

namespace quell::api {

models::Version Engine::model() const {
  const std::lock_guard lock(mutex_);
  return model_;
}

// A start under what was in force before is no change: the log stays as it was.
Status Engine::NoteConfig(const config::Config& config, const char* what, const std::string& by) {
  const models::Version version = models::VersionOf(config, kVersion, kCommit);
  const std::string detail = "settings " + version.settings + ", program " + version.code +
                             (config.file.empty() ? ", no file" : ", file " + config.file);
  QUELL_ASSIGN(const auto latest, store_->AuditRows({.kind = "config"}, 1));
  const bool news = latest.empty() || latest[0].digest != version.config ||
                    latest[0].model != version.id || !by.empty();
  if (news) {
    store::AuditRow row;
    row.at = clock_.WallMs();
    row.kind = "config";
    row.what = what;
    row.actor = by;
    row.detail = detail;
    row.digest = version.config;
    row.model = version.id;
    QUELL_TRY(store_->AppendAudit(row));
  }
  store_->UseModel(version.id);
  QUELL_ASSIGN(const store::AuditHead head, store_->AuditLogHead());
  Log(LogLevel::kInfo, "audit log",
      {{"entry", head.entry}, {"hash", head.hash}, {"model", version.id}});
  const std::lock_guard lock(mutex_);
  model_ = version;
  return Ok{};
}

// Once an hour, and soon again where there was more than one transaction's worth.
void Engine::PruneStore() {
  constexpr DurationMs kSoonMs = 10 * kSecondMs;
  const auto pruned = store_->Prune(config_.retention, clock_.WallMs());
  prune_at_ = clock_.MonotonicMs() + kHourMs;
  if (!pruned.ok()) {
    Log(LogLevel::kError, "cannot prune the store", {{"error", pruned.error().message}});
    return;
  }
  if (pruned->total() == 0) return;
  if (pruned->total() >= store::kPrunedAtOnce) prune_at_ = clock_.MonotonicMs() + kSoonMs;
  Log(LogLevel::kInfo, "rows beyond their retention removed",
      {{"incidents", pruned->incidents},
       {"alerts", pruned->alerts},
       {"decisions", pruned->decisions},
       {"pages", pruned->pages},
       {"dead_letters", pruned->dead_letters},
       {"feedback", pruned->feedback}});
  const std::lock_guard lock(mutex_);
  store::Pruned& all = status_.pruned;
  all.incidents += pruned->incidents;
  all.alerts += pruned->alerts;
  all.decisions += pruned->decisions;
  all.pages += pruned->pages;
  all.dead_letters += pruned->dead_letters;
  all.feedback += pruned->feedback;
}

}  // namespace quell::api
