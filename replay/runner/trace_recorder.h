// TraceRecorder: keeps every point that a pipeline judges (replay/bounds/trace.h), and passes what
// it sees on to another observer.
//
// Thread-compatible: called by the pipeline's owner.
#pragma once

#include "engine/pipeline/pipeline.h"
#include "replay/bounds/trace.h"

namespace quell::replay {

class TraceRecorder final : public pipeline::PipelineObserver {
 public:
  // `next` is borrowed. `step_ms` is the pipeline's. Points above `points_max` (16 bytes each) are
  // not kept, but counted.
  TraceRecorder(pipeline::PipelineObserver& next, DurationMs step_ms,
                std::uint64_t points_max = 200000000)
      : next_(next), points_max_(points_max) {
    traces_.step_ms = step_ms;
  }

  // The pipeline watched; set before the first sample. Borrowed.
  void Watch(const pipeline::Pipeline* pipeline) { pipeline_ = pipeline; }

  void OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& point,
               const detectors::Verdict& verdict) override;
  void OnAlertFired(const incidents::Alert& alert) override { next_.OnAlertFired(alert); }
  void OnAlertCleared(const incidents::Alert& alert) override { next_.OnAlertCleared(alert); }
  void OnIncident(const incidents::IncidentEvent& event) override { next_.OnIncident(event); }
  void OnNotification(const paging::Notification& sent) override { next_.OnNotification(sent); }

  Traces Finish();  // what was kept, with the signals' names
  [[nodiscard]] std::uint64_t not_kept() const { return not_kept_; }

 private:
  pipeline::PipelineObserver& next_;
  const pipeline::Pipeline* pipeline_ = nullptr;
  std::uint64_t points_max_, points_ = 0, not_kept_ = 0;
  Traces traces_;
};

}  // namespace quell::replay
