// The weekly digest: what paged, what people said of it, what was missed, whose noise it was, what
// to tune, what will be full, what drifts. From an engine's answers alone; the same ones give the
// same bytes. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/time.h"

namespace quell::cli {

struct WeeklyInput {
  TimeMs from = 0;
  TimeMs until = 0;                  // exclusive
  nlohmann::ordered_json incidents;  // whole ones that began within, any order
  nlohmann::ordered_json feedback;   // rows, newest first
  std::string metrics;               // text of /metrics: forecasts and drift
  std::string owner_label = "team";  // of scope, else of the members where all agree
  bool incidents_cut = false, feedback_cut = false;  // there are more than were fetched
};

// Markdown; text of others is inert, and none of it can become markup.
std::string WeeklyText(const WeeklyInput& input);
// The same in numbers.
nlohmann::ordered_json WeeklyJson(const WeeklyInput& input);

}  // namespace quell::cli
