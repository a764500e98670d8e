#include "replay/scoring/gate.h"

#include <algorithm>

#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

std::string OfIncidents(const Scores& scores) {
  return std::to_string(scores.caught) + " of " + std::to_string(scores.incidents) +
         (scores.incidents == 1 ? " incident caught" : " incidents caught");
}

std::string Left(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, text.size()), ' ');
}

GateCheck AtLeast(const std::string& name, double seen, double bound, const std::string& note) {
  return {name, seen, bound, false, seen >= bound, note};
}

GateCheck AtMost(const std::string& name, double seen, double bound, const std::string& note) {
  return {name, seen, bound, true, seen <= bound, note};
}

}  // namespace

bool GateVerdict::Passed() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const GateCheck& check) { return check.holds; });
}

Result<GateVerdict> JudgeGate(const Scores& scores, const GateBounds& bounds) {
  const bool needs_incidents =
      bounds.min_recall || bounds.max_pages_per_incident || bounds.max_detect_median_seconds;
  if (!needs_incidents && !bounds.min_precision && !bounds.max_false_per_week) {
    return MakeError(ErrorCode::kInvalidArgument, "the gate was given no bound");
  }
  if (needs_incidents && scores.incidents == 0) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "no labelled incident lies in the scored span, so there is nothing to catch");
  }
  GateVerdict verdict;
  if (bounds.min_recall) {
    verdict.checks.push_back(
        AtLeast("recall", scores.recall, *bounds.min_recall, OfIncidents(scores)));
  }
  if (bounds.min_precision) {
    const int judged = scores.true_pages + scores.false_pages;
    GateCheck check = AtLeast(
        "precision", scores.precision, *bounds.min_precision,
        std::to_string(scores.true_pages) + " of " + std::to_string(judged) + " pages true");
    check.holds = check.holds || judged == 0;
    verdict.checks.push_back(std::move(check));
  }
  if (bounds.max_false_per_week) {
    verdict.checks.push_back(AtMost("false pages per week", scores.false_pages_per_week,
                                    *bounds.max_false_per_week,
                                    std::to_string(scores.false_pages) + " in the scored span"));
  }
  const auto over_caught = [&](const char* name, double seen, double bound) {
    GateCheck check = AtMost(name, seen, bound, OfIncidents(scores));
    check.holds = check.holds && scores.caught > 0;
    verdict.checks.push_back(std::move(check));
  };
  if (bounds.max_pages_per_incident) {
    over_caught("pages per incident", scores.pages_per_incident, *bounds.max_pages_per_incident);
  }
  if (bounds.max_detect_median_seconds) {
    over_caught("median seconds to detect", scores.detect_median_seconds,
                *bounds.max_detect_median_seconds);
  }
  return verdict;
}

std::string FormatGate(const GateVerdict& verdict) {
  std::string out;
  for (const GateCheck& check : verdict.checks) {
    out += std::string(check.holds ? "  holds  " : "  FAILS  ") + Left(check.name, 26) +
           Left(Fixed(check.seen, 3), 10) + (check.at_most ? "at most " : "at least ") +
           ShortNumber(check.bound) + (check.note.empty() ? "" : "   (" + check.note + ")") + '\n';
  }
  return out + (verdict.Passed() ? "gate: passed\n" : "gate: NOT passed\n");
}

}  // namespace quell::replay
