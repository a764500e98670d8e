// A batch of points to be scored: POST /api/v1/score, and its answer.
//
// Pure functions over the bodies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/models/score.h"

namespace quell::api {

inline constexpr size_t kScorePointsMax = 1000;

struct ScoreRequest {
  struct Point {
    std::uint64_t signal = 0;  // its id
    models::Asked asked;
  };
  std::string model;  // a version's id; "" = what decides
  DurationMs budget_ms = 100;
  std::vector<Point> points;
};

// kInvalidArgument naming the field and the point.
Result<ScoreRequest> ParseScoreRequest(std::string_view body);

struct ScoreAnswer {
  std::string model;  // asked for
  TimeMs as_of = 0;   // end of the step whose expectations were used; 0 = none were
  std::vector<models::Scored> points;
};
std::string ScoreJson(const ScoreRequest& request, const ScoreAnswer& answer);

}  // namespace quell::api
