// The store's audit log: an entry with each effect that matters, and those of others.
#include "core/hash.h"
#include "engine/store/sqlite_store.h"

namespace quell::store {
namespace {

// nullptr: the audit log has nothing of it.
const char* AuditKindOf(const Effect& effect) {
  switch (effect.kind) {
    case EffectKind::kDecision:
    case EffectKind::kOutcome:
      return effect.deed.by_people ? "action" : "decision";
    case EffectKind::kOutbox:
      return "page";
    case EffectKind::kFeedback:
    case EffectKind::kDeed:
      return "action";
    case EffectKind::kModel:
      return "model";
    case EffectKind::kIncident:
    case EffectKind::kAlert:
    case EffectKind::kPeople:
      return nullptr;  // a decision stands beside each
  }
  return nullptr;
}

}  // namespace

Status SqliteStore::Audit(const Effect& effect, AuditHead& head) {
  const char* const kind = AuditKindOf(effect);
  if (kind == nullptr) return Ok{};
  AuditRow row;
  row.sequence = effect.sequence;
  row.at = effect.at;
  row.kind = kind;
  row.what = effect.deed.what;
  row.key = effect.id;
  row.actor = effect.deed.actor;
  row.detail = effect.deed.detail;
  row.digest = Sha256Hex(effect.body);
  row.model = effect.model.empty() ? model_ : effect.model;
  return audit_.Append(std::move(row), head);
}

void SqliteStore::UseModel(std::string version) {
  const std::lock_guard lock(mutex_);
  model_ = std::move(version);
}

Status SqliteStore::AppendAuditLocked(const AuditRow& row) {
  QUELL_ASSIGN(AuditHead head, audit_.Head());
  QUELL_TRY(audit_.Append(row, head));
  return audit_.Save(head);
}

Status SqliteStore::AppendAudit(const AuditRow& row) {
  const std::lock_guard lock(mutex_);
  QUELL_ASSIGN(Transaction transaction, Transaction::Begin(database_, "append to the audit log"));
  QUELL_TRY(AppendAuditLocked(row));
  return transaction.Commit();
}

Result<AuditHead> SqliteStore::AuditLogHead() {
  const std::lock_guard lock(mutex_);
  return audit_.Head();
}

Result<std::vector<AuditRow>> SqliteStore::AuditRows(const AuditQuery& query, size_t limit) {
  const std::lock_guard lock(mutex_);
  return audit_.Rows(query, limit);
}

}  // namespace quell::store
