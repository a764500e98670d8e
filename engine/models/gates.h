// Gates: what a version must show before it decides: the quality that it was measured with, and the
// engine's data as they are now.
//
// Pure. A gate that is asked for and cannot be judged does not hold.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/models_config.h"

namespace quell::models {

struct GateFinding {
  std::string_view name;       // "recall", "false_per_week", "incidents", "live", "drift"
  std::optional<double> seen;  // nothing: not measured
  double bound = 0;
  bool at_most = false;  // else at least
  bool holds = false;
};

// Of the running engine.
struct DataNow {
  size_t signals = 0, live = 0;
  size_t judged = 0, drifted = 0;  // of those that have a verdict of drift, which advise to retrain
};

// `quality` as replay's report.json has its scores; "" = not measured. An engine without signals is
// not judged by them.
std::vector<GateFinding> JudgeGates(const config::ModelGates& gates, const std::string& quality,
                                    const DataNow& now);
bool Hold(const std::vector<GateFinding>& findings);
// "recall 0.75 < 0.8" of each that does not hold, else of all.
std::string GateWords(const std::vector<GateFinding>& findings);

}  // namespace quell::models
