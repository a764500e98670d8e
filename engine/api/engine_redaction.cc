// What an engine redacts: how the redactor is made, and changes before they are journaled. Labels
// are redacted in Ingest().
#include "engine/api/change_redaction.h"
#include "engine/api/engine.h"
#include "engine/incidents/change_json.h"

namespace quell::api {

Status Engine::OpenRedactor() {
  QUELL_ASSIGN(std::string key,
               ingest::LoadOrMakeRedactionKey(config_.data_dir + "/redaction.key"));
  QUELL_ASSIGN(ingest::Redactor made, ingest::Redactor::Create(config_.redaction, std::move(key)));
  redactor_ = std::make_unique<const ingest::Redactor>(std::move(made));
  return Ok{};
}

Status Engine::AddChange(const std::string& json, const std::string& by) {
  const auto change = incidents::ParseChangeJson(json, "body");
  if (!change.ok()) {
    // It quotes what it refuses.
    return MakeError(change.error().code, ingest::MaskSensitive(change.error().message));
  }
  const auto appended = journal_->Append(ingest::RecordKind::kChange, clock_.WallMs(),
                                         RedactChange(json, *redactor_, redaction_counters_, by));
  if (!appended.ok()) return appended.error();
  wake_.notify_one();
  return Ok{};
}

}  // namespace quell::api
