// What an engine has adopted as normal, and taking it back: journaled, so that a replay decides
// alike.
#include "engine/api/engine.h"

namespace quell::api {
namespace {

constexpr DurationMs kNormalWaitMs = 2 * kSecondMs;

}  // namespace

std::vector<pipeline::AdoptionRow> Engine::Adoptions(size_t limit) {
  const std::lock_guard lock(pipeline_mutex_);
  return pipeline_->LatestAdoptions(limit);
}

Status Engine::UndoAdoption(const std::string& id, const std::string& by) {
  {
    const std::lock_guard lock(pipeline_mutex_);
    // The journal may still say that it was adopted, or that it was taken back.
    if (!ready_) {
      return MakeError(ErrorCode::kUnavailable,
                       "adoption " + id + " is not known yet: the journal is still being learned");
    }
    QUELL_TRY(pipeline_->CheckAdoption(id));
  }
  const auto appended = journal_->Append(ingest::RecordKind::kOperation, clock_.WallMs(),
                                         pipeline::UndoAdoptionJson(id, by));
  if (!appended.ok()) return appended.error();
  wake_.notify_one();
  return Ok{};
}

Result<std::string> Engine::PreviewNormal(const std::string& incident) {
  QUELL_TRY(IncidentBody(incident));
  const std::lock_guard lock(pipeline_mutex_);
  if (!ready_) {
    return MakeError(ErrorCode::kUnavailable, "the journal is still being learned: try again");
  }
  const auto rows = pipeline_->PreviewNormal(incident);
  if (rows.ok()) return pipeline::NewNormalJson(incident, *rows);
  // It is known, but over.
  return MakeError(ErrorCode::kInvalidArgument, rows.error().message);
}

Status Engine::SayNormal(const std::string& incident, const std::string& by) {
  QUELL_TRY(PreviewNormal(incident));
  const auto appended = journal_->Append(ingest::RecordKind::kOperation, clock_.WallMs(),
                                         pipeline::SaidNormalJson(incident, by));
  if (!appended.ok()) return appended.error();
  wake_.notify_one();
  WaitApplied(journal_->LastSequence(), kNormalWaitMs);  // so that who asks next sees it
  return Ok{};
}

}  // namespace quell::api
