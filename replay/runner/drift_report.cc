#include "replay/runner/drift_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>

#include "replay/runner/history.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

std::string NameOf(const pipeline::Pipeline& pipeline, std::uint32_t slot) {
  static const std::vector<std::string> kHidden = {"alertname"};
  const std::string labels = pipeline.signals().signals()[slot].labels.Without(kHidden).ToString();
  return pipeline.signals().Definition(slot).name + (labels == "{}" ? std::string() : labels);
}

}  // namespace

Result<DriftOutcome> RunDrift(const ReplayOptions& options, const ProgressCall& progress) {
  QUELL_ASSIGN(const auto history, History::Read(options, progress));
  QUELL_ASSIGN(const auto pipeline, pipeline::Pipeline::Create(options.pipeline, nullptr));
  for (const incidents::Change& change : options.changes) pipeline->AddChange(change);
  ReplayResult result;
  std::uint64_t stretches = 0;
  QUELL_TRY(history->Feed(*pipeline, options.pipeline, result, [&](double done) {
    pipeline->TakeEffects();
    if (++stretches % 64 == 0 && progress && done >= 0) progress("replaying", done);
  }));
  if (progress) progress("replaying", 1);
  DriftOutcome outcome;
  outcome.counters = pipeline->drifts().counters();
  for (const pipeline::DriftReading& reading : pipeline->drifts().Read(pipeline->event_time())) {
    outcome.signals.push_back({NameOf(*pipeline, reading.slot), reading.verdict});
  }
  const size_t all = pipeline->signals().signals().size();
  outcome.left_out = pipeline::Drifts::LeftOut(all);
  outcome.learning = all - outcome.left_out - outcome.signals.size();
  if (outcome.left_out > 0) {
    outcome.first_left_out = NameOf(*pipeline, pipeline::Drifts::kSignalsMax);
  }
  std::sort(outcome.signals.begin(), outcome.signals.end(), [](const auto& a, const auto& b) {
    const auto key = [](const DriftOfSignal& s) {
      return std::tuple(-static_cast<int>(detectors::AdviceOf(s.verdict)), -s.verdict.psi);
    };
    return std::pair(key(a), a.name) < std::pair(key(b), b.name);
  });
  return outcome;
}

std::string FormatDrift(const DriftOutcome& outcome, size_t rows) {
  std::array<size_t, 3> advised{};
  for (const auto& signal : outcome.signals) {
    ++advised[static_cast<size_t>(detectors::AdviceOf(signal.verdict))];
  }
  const pipeline::DriftCounters& all = outcome.counters;
  char line[256];
  std::string out = "last day: " + std::to_string(outcome.signals.size()) + " signals judged, " +
                    std::to_string(advised[2]) + " to retrain, " + std::to_string(advised[1]) +
                    " to watch; " + std::to_string(outcome.learning) + " without a verdict\n";
  std::snprintf(line, sizeof line,
                "all days: %llu verdicts, %llu to retrain, %llu to watch; p below 0.05 in %.1f %%, "
                "below 0.01 in %.1f %%\n",
                static_cast<unsigned long long>(all.verdicts),
                static_cast<unsigned long long>(all.retrain),
                static_cast<unsigned long long>(all.watch),
                100.0 * static_cast<double>(all.below_5_percent) /
                    static_cast<double>(std::max<std::uint64_t>(all.verdicts, 1)),
                100.0 * static_cast<double>(all.below_1_percent) /
                    static_cast<double>(std::max<std::uint64_t>(all.verdicts, 1)));
  out += line;
  if (outcome.left_out > 0) {
    out += std::to_string(outcome.left_out) + " signals are not watched, beyond the first " +
           std::to_string(pipeline::Drifts::kSignalsMax) + ": " + outcome.first_left_out +
           (outcome.left_out > 1 ? " and those after it\n" : "\n");
  }
  out += "advice   psi     p        day ended         signal\n";
  for (size_t i = 0; i < std::min(rows, outcome.signals.size()); ++i) {
    const DriftOfSignal& signal = outcome.signals[i];
    std::snprintf(
        line, sizeof line, "%-8s %-7.3f %-8.2g %-17s ",
        std::string(detectors::DriftAdviceName(detectors::AdviceOf(signal.verdict))).c_str(),
        signal.verdict.psi, signal.verdict.p, UtcMinute(signal.verdict.day).c_str());
    out += line + signal.name + '\n';
  }
  return out;
}

}  // namespace quell::replay
