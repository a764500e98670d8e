// What an engine has adopted as normal, and taking it back: journaled, so that a replay decides
// alike.
#include "engine/api/engine.h"

namespace quell::api {

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

}  // namespace quell::api
