// PointRecorder: what a pipeline judges goes into the history that plots are drawn from.
//
// One to an engine, told which pipeline is the present one; it only looks. Not thread-safe: it is
// called by the pipeline's owner.
#pragma once

#include "engine/export/point_history.h"
#include "engine/pipeline/pipeline.h"

namespace quell::api {

class PointRecorder final : public pipeline::PipelineObserver {
 public:
  explicit PointRecorder(exports::PointHistory& history) : history_(history) {}
  // Points come from this one from now on. Borrowed.
  void Watch(const pipeline::Pipeline* pipeline) { pipeline_ = pipeline; }

  void OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& point,
               const detectors::Verdict& verdict) override;
  void OnAlertFired(const incidents::Alert& /*alert*/) override {}
  void OnAlertCleared(const incidents::Alert& /*alert*/) override {}
  void OnIncident(const incidents::IncidentEvent& /*event*/) override {}

 private:
  exports::PointHistory& history_;
  const pipeline::Pipeline* pipeline_ = nullptr;
};

}  // namespace quell::api
