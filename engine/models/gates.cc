#include "engine/models/gates.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace quell::models {
namespace {

std::optional<double> ScoreOf(const nlohmann::json& quality, const char* key) {
  if (!quality.is_object()) return std::nullopt;
  const auto at = quality.find(key);
  if (at == quality.end() || !at->is_number()) return std::nullopt;
  const double value = at->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::optional<double> Share(size_t part, size_t all) {
  if (all == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(all);
}

}  // namespace

std::vector<GateFinding> JudgeGates(const config::ModelGates& gates, const std::string& quality,
                                    const DataNow& now) {
  std::vector<GateFinding> out;
  const auto ask = [&](std::string_view name, std::optional<double> bound,
                       std::optional<double> seen, bool at_most) {
    if (!bound) return;
    const bool holds = seen && (at_most ? *seen <= *bound : *seen >= *bound);
    out.push_back({name, seen, *bound, at_most, holds});
  };
  const auto scores = nlohmann::json::parse(quality, nullptr, false);
  ask("recall", gates.min_recall, ScoreOf(scores, "recall"), false);
  ask("false_per_week", gates.max_false_per_week, ScoreOf(scores, "false_pages_per_week"), true);
  ask("incidents", gates.min_incidents, ScoreOf(scores, "incidents"), false);
  // Without signals nothing is judged, and so nothing can be judged wrongly; a new engine has no
  // verdict of drift for its first days.
  ask("live", gates.min_live_ratio, now.signals == 0 ? 1 : Share(now.live, now.signals), false);
  ask("drift", gates.max_drifted_ratio, now.judged == 0 ? 0 : Share(now.drifted, now.judged), true);
  return out;
}

bool Hold(const std::vector<GateFinding>& findings) {
  return std::all_of(findings.begin(), findings.end(),
                     [](const GateFinding& one) { return one.holds; });
}

std::string GateWords(const std::vector<GateFinding>& findings) {
  const bool all = Hold(findings);
  std::string out;
  for (const GateFinding& one : findings) {
    if (!all && one.holds) continue;
    const std::string sign = one.at_most == one.holds ? " <= " : one.at_most ? " > " : " >= ";
    const std::string what =
        one.seen ? Short(*one.seen) + (one.holds || one.at_most ? sign : " < ")
                 : "not measured, asked for: " + std::string(one.at_most ? "<= " : ">= ");
    out += (out.empty() ? "" : ", ") + std::string(one.name) + ' ' + what + Short(one.bound);
  }
  return out.empty() ? "none asked for" : out;
}

}  // namespace quell::models
