// The gate: are a replay's scores good enough? For CI.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

// What must hold; a bound that is met exactly holds. None = not asked for.
struct GateBounds {
  std::optional<double> min_recall;     // 0 to 1
  std::optional<double> min_precision;  // 0 to 1
  std::optional<double> max_false_per_week;
  std::optional<double> max_pages_per_incident;
  std::optional<double> max_detect_median_seconds;
};

struct GateCheck {
  std::string name;  // "recall"
  double seen = 0;
  double bound = 0;
  bool at_most = false;  // else at least
  bool holds = false;
  std::string note;  // of what it is made; may be empty
};

struct GateVerdict {
  std::vector<GateCheck> checks;
  [[nodiscard]] bool Passed() const;
};

// kInvalidArgument where nothing is asked for, or where recall, pages per incident or time to
// detect is asked for and no incident was scored: an empty history must not pass. Where incidents
// were scored and none was caught, pages per incident and time to detect do not hold. Precision
// holds where there was no page to judge.
Result<GateVerdict> JudgeGate(const Scores& scores, const GateBounds& bounds);
// A line a bound, and the verdict.
std::string FormatGate(const GateVerdict& verdict);

}  // namespace quell::replay
