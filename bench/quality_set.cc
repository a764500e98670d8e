#include "bench/quality_set.h"

#include <algorithm>
#include <filesystem>

#include "replay/bounds/baselines.h"
#include "replay/runner/history.h"
#include "replay/runner/recorder.h"
#include "replay/runner/trace_recorder.h"
#include "replay/simulator/openmetrics_files.h"

namespace quell::bench {
namespace {

constexpr DurationMs kLearning = 3 * kDayMs;  // of baselines, before noise is measured
constexpr double kFalsePerWeek = 1;

// What the clairvoyant may know of an incident: the truth of the simulator.
replay::KnownChange Known(const simulator::Scenario& scenario,
                          const replay::LabelledIncident& incident) {
  replay::KnownChange known;
  known.incident = incident;
  for (const simulator::Event& event : scenario.events()) {
    if (!event.incident || event.start != incident.start || event.kind != incident.kind) continue;
    for (const simulator::Effect& effect : event.effects) {
      const bool ramp = effect.shape == simulator::Shape::kRamp || effect.queue_per_second > 0;
      known.rise_ms =
          std::max(known.rise_ms, ramp ? incident.end - incident.start : effect.rise_ms);
      if (effect.shape == simulator::Shape::kFlap) known.on_share = 0.5;
    }
  }
  return known;
}

Result<replay::ReplayOptions> Simulate(simulator::Simulator& simulator, const std::string& folder) {
  const simulator::SimulatorOptions& options = simulator.options();
  simulator::OpenMetricsFiles files;
  QUELL_TRY(simulator.Run(options.start, options.start + options.duration_ms, files));
  QUELL_ASSIGN([[maybe_unused]] const auto counts,
               files.Write(simulator, folder, simulator::Compression::kZstd));
  replay::ReplayOptions out;
  QUELL_ASSIGN(const auto source, replay::ParseSource("openmetrics:" + folder + "/metrics.om.zst"));
  out.sources.push_back(source);
  out.changes = simulator.changes();
  out.evaluate_from = options.start + options.quiet_start_ms;
  out.pipeline.false_pages_per_week = kFalsePerWeek;
  return out;
}

struct Replayed {
  replay::ReplayResult result;
  replay::Traces traces;
};

Result<Replayed> Replay(const replay::ReplayOptions& options) {
  Replayed out;
  QUELL_ASSIGN(const auto history, replay::History::Read(options, nullptr));
  replay::Recorder recorder({}, replay::Recorder::What::kPages);
  replay::TraceRecorder traces(recorder, options.pipeline.signals.step_ms);
  QUELL_ASSIGN(const auto pipeline, pipeline::Pipeline::Create(options.pipeline, &traces));
  recorder.Watch(pipeline.get());
  traces.Watch(pipeline.get());
  for (const incidents::Change& change : options.changes) pipeline->AddChange(change);
  out.result.evaluate_from = options.evaluate_from;
  QUELL_TRY(history->Feed(*pipeline, options.pipeline, out.result,
                          [&](double) { pipeline->TakeEffects(); }));
  recorder.Finish(out.result);
  out.traces = traces.Finish();
  if (traces.not_kept() > 0) {
    return MakeError(ErrorCode::kResourceExhausted,
                     std::to_string(traces.not_kept()) + " points do not fit into memory");
  }
  return out;
}

}  // namespace

Result<QualitySet> RunQualitySet(const simulator::SimulatorOptions& options,
                                 const std::string& folder) {
  QUELL_ASSIGN(const auto simulator, simulator::Simulator::Create(options));
  QUELL_ASSIGN(const replay::ReplayOptions inputs, Simulate(*simulator, folder));
  QUELL_ASSIGN(const Replayed replayed, Replay(inputs));
  std::error_code gone;
  std::filesystem::remove(folder + "/metrics.om.zst", gone);
  const auto& incidents = simulator->incidents();
  QualitySet set;
  set.signals = replayed.traces.signals.size();
  set.quell = replay::ScoreStrictly(replayed.result, incidents);
  const auto grouped = [&](std::vector<replay::ReplayAlert> firings) {
    return replay::ScoreStrictly(replay::GroupByService(std::move(firings), replayed.result),
                                 incidents);
  };
  set.rules = grouped(replay::StaticRuleFirings(replayed.traces));
  for (const double limit : kZLimits) {
    set.robust_z.push_back(grouped(replay::RobustZFirings(replayed.traces, limit)));
  }
  std::vector<replay::KnownChange> changes;
  for (const replay::StrictOutcome& outcome : set.quell.incidents) {
    changes.push_back(Known(simulator->scenario(), outcome.incident));
  }
  set.bound = replay::ClairvoyantSightings(
      replayed.traces, changes, {options.start + kLearning, inputs.evaluate_from}, kFalsePerWeek);
  return set;
}

void Join(const QualitySet& more, QualitySet& into) {
  into.signals += more.signals;
  replay::Join(more.quell, into.quell);
  replay::Join(more.rules, into.rules);
  into.robust_z.resize(kZLimits.size());
  for (size_t i = 0; i < kZLimits.size(); ++i) replay::Join(more.robust_z[i], into.robust_z[i]);
  into.bound.insert(into.bound.end(), more.bound.begin(), more.bound.end());
}

}  // namespace quell::bench
