// Recorder: watches a pipeline and turns what it decides into a ReplayResult.
//
// Thread-compatible: called by the pipeline's owner.
#pragma once

#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/pipeline/pipeline.h"
#include "replay/scoring/incident_history.h"
#include "replay/scoring/result.h"

namespace quell::replay {

class Recorder final : public pipeline::PipelineObserver {
 public:
  // kPages leaves out what is only drawn: plots, and what each detector did alone.
  enum class What : std::uint8_t { kEverything, kPages };
  explicit Recorder(std::span<const LabelledIncident> incidents, What what = What::kEverything);
  // The pipeline watched; set before the first sample. Borrowed.
  void Watch(const pipeline::Pipeline* pipeline) { pipeline_ = pipeline; }

  void OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& point,
               const detectors::Verdict& verdict) override;
  void OnAlertFired(const incidents::Alert& alert) override;
  void OnAlertCleared(const incidents::Alert& alert) override;
  void OnIncident(const incidents::IncidentEvent& event) override;
  void OnNotification(const paging::Notification& sent) override;

  // Moves what was recorded into `result`; open pages keep end = 0.
  void Finish(ReplayResult& result);

 private:
  struct Ring {  // the latest points of a slot, for plots
    std::deque<PlotSeries::Point> points;
  };
  struct Alone {               // a detector by itself, for the ablation
    std::uint8_t run = 0;      // points below the threshold in a row
    std::int32_t firing = -1;  // index into firings_, -1 = quiet
  };
  struct Capture {  // a plot that is due when its time has come
    std::string page_id;
    std::string incident_id;
    std::vector<std::uint32_t> slots;
  };

  void WatchAlone(TimeMs step_end, const detectors::Verdict& verdict);
  void TakeCaptures(TimeMs now);
  void Plot(const Capture& capture);
  void CaptureMissed(TimeMs now);
  void PlotIncident(const LabelledIncident& incident);
  ReplayAlert Convert(const incidents::Alert& alert) const;

  What what_;
  std::vector<LabelledIncident> incidents_;  // by end
  size_t next_incident_ = 0;                 // the first whose plots are still to come
  const pipeline::Pipeline* pipeline_ = nullptr;
  std::map<std::uint64_t, ReplayAlert> alerts_;
  std::map<std::string, ReplayPage> pages_;                      // by incident key
  std::vector<Ring> rings_;                                      // by slot
  std::vector<std::array<Alone, detectors::kDetectors>> alone_;  // by slot
  std::vector<DetectorFiring> firings_;
  std::multimap<TimeMs, Capture> captures_;
  std::vector<PlotSeries> plots_;
};

}  // namespace quell::replay
