#include "engine/api/score_request.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/hash.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr DurationMs kBudgetMax = 5 * kSecondMs;
constexpr double kRequestsMax = 1e12;

Error Bad(const std::string& message) { return MakeError(ErrorCode::kInvalidArgument, message); }

Result<std::uint64_t> SignalId(const Json& value, const std::string& path) {
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  std::uint64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id, 16);
  if (text.empty() || text.size() > 16 || read.ec != std::errc() || read.ptr != end) {
    return Bad(path + ".signal must be a signal's id: up to 16 hexadecimal digits");
  }
  return id;
}

Status ReadNumber(const Json& value, const std::string& path, double least, double most,
                  double& out) {
  if (!value.is_number()) return Bad(path + " must be a number");
  out = value.get<double>();
  if (!std::isfinite(out) || out < least || out > most) return Bad(path + " is out of range");
  return Ok{};
}

Result<ScoreRequest::Point> ReadPoint(const Json& json, const std::string& path) {
  if (!json.is_object()) return Bad(path + " must be an object");
  ScoreRequest::Point out;
  for (const char* needed : {"signal", "value"}) {
    if (!json.contains(needed)) return Bad(path + '.' + needed + " is missing");
  }
  constexpr double kMost = 1e300;
  for (const auto& [key, value] : json.items()) {
    if (key == "signal") {
      QUELL_ASSIGN(out.signal, SignalId(value, path));
    } else if (key == "value") {
      QUELL_TRY(ReadNumber(value, path + ".value", -kMost, kMost, out.asked.value));
    } else if (key == "requests") {
      QUELL_TRY(ReadNumber(value, path + ".requests", 0, kRequestsMax, out.asked.requests));
    } else {
      return Bad("unknown field \"" + path + '.' + key + '"');
    }
  }
  return out;
}

Status ReadPoints(const Json& value, ScoreRequest& out) {
  if (!value.is_array() || value.empty() || value.size() > kScorePointsMax) {
    return Bad("points must be a list of 1 to 1000 points");
  }
  for (const Json& one : value) {
    const std::string path = "points[" + std::to_string(out.points.size()) + ']';
    QUELL_ASSIGN(const auto point, ReadPoint(one, path));
    out.points.push_back(point);
  }
  return Ok{};
}

Status ReadModel(const Json& value, std::string& out) {
  if (!value.is_string()) return Bad("model must be a version's id");
  out = value.get<std::string>();
  if (out.size() > 64 || out.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return Bad("model must be a version's id: up to 64 hexadecimal digits");
  }
  return Ok{};
}

}  // namespace

Result<ScoreRequest> ParseScoreRequest(std::string_view body) {
  const Json root = Json::parse(body, nullptr, false);
  if (!root.is_object()) return Bad("the body is not a JSON object");
  ScoreRequest out;
  for (const auto& [key, value] : root.items()) {
    if (key == "model") {
      QUELL_TRY(ReadModel(value, out.model));
    } else if (key == "budget_ms") {
      double budget = 0;
      QUELL_TRY(ReadNumber(value, "budget_ms", 1, kBudgetMax, budget));
      out.budget_ms = static_cast<DurationMs>(budget);
    } else if (key == "points") {
      QUELL_TRY(ReadPoints(value, out));
    } else {
      return Bad("unknown field \"" + key + '"');
    }
  }
  if (out.points.empty()) return Bad("points is missing");
  return out;
}

std::string ScoreJson(const ScoreRequest& request, const ScoreAnswer& answer) {
  Json rows = Json::array();
  size_t fallbacks = 0;
  for (size_t i = 0; i < answer.points.size(); ++i) {
    const models::Scored& one = answer.points[i];
    const bool by_model = one.fallback == models::Fallback::kNone;
    const auto expected = [&](double value) { return by_model ? Json(value) : Json(nullptr); };
    fallbacks += by_model ? 0 : 1;
    rows.push_back(
        {{"signal", Hex64(request.points[i].signal)},
         {"value", one.reading.value},
         {"anomalous", one.anomalous},
         {"reason", detectors::VerdictReasonName(one.reason)},
         {"by", by_model ? "model" : "rules"},
         {"fallback", by_model ? Json(nullptr) : Json(models::FallbackName(one.fallback))},
         {"tail_probability", expected(one.tail_probability)},
         {"expected", expected(one.reading.expected)},
         {"low", expected(one.reading.low)},
         {"high", expected(one.reading.high)}});
  }
  const Json out = {
      {"model", answer.model},
      {"as_of", answer.as_of == 0 ? Json(nullptr) : Json(FormatRfc3339(answer.as_of))},
      {"fallbacks", fallbacks},
      {"points", std::move(rows)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace quell::api
