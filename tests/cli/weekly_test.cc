// The weekly digest. QUELL_UPDATE_GOLDEN=1 rewrites tests/golden/weekly/week.md.
#include "cli/client/weekly.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr TimeMs kMonday = 1787529600000;  // 2026-08-24T00:00:00Z

Json Incident(const std::string& key, int hour, const std::string& state, bool paged,
              const std::string& team, const std::string& signal, const std::string& reason) {
  const TimeMs onset = kMonday + hour * kHourMs;
  return {{"key", key},
          {"state", state},
          {"severity", hour % 2 == 0 ? "critical" : "warning"},
          {"summary", "trouble of " + signal},
          {"scope", {{"team", team}}},
          {"onset", FormatRfc3339(onset)},
          {"paged_at", paged ? Json(FormatRfc3339(onset + kMinuteMs)) : Json(nullptr)},
          {"members",
           Json::array({{{"signal", signal}, {"labels", {{"team", team}}}, {"reason", reason}}})}};
}

Json Said(const std::string& incident, const std::string& verdict) {
  return {{"incident", incident}, {"verdict", verdict}};
}

WeeklyInput Week() {
  WeeklyInput input;
  input.from = kMonday;
  input.until = kMonday + kWeekMs;
  input.incidents =
      Json::array({Incident("a1", 2, "resolved", true, "cards", "failure_ratio", "paged"),
                   Incident("a2", 5, "resolved", true, "cards", "queue_depth", "paged"),
                   Incident("a3", 9, "resolved", true, "cards", "queue_depth", "paged"),
                   Incident("a4", 30, "open", true, "<img src=x> *b*", "latency", "paged"),
                   Incident("b1", 31, "suppressed", false, "cards", "queue_depth", "flapping"),
                   Incident("b2", 32, "suppressed", false, "", "volume|x`", "below_budget"),
                   Incident("b3", 33, "merged", false, "cards", "volume", "duplicate_of")});
  // Newest first: what was said last holds, and a merge is no judgement.
  input.feedback = Json::array({Said("b2", "real"), Said("a1", "merge"), Said("a1", "real"),
                                Said("a2", "not_an_incident"), Said("a3", "expected"),
                                Said("a3", "real"), Said("zz", "real")});
  input.metrics =
      "# HELP quell_forecast_seconds_to_limit x\n"
      "quell_forecast_seconds_to_limit{signal=\"disk\",bound=\"lower\"} 60\n"
      "quell_forecast_seconds_to_limit{signal=\"disk\",host=\"<b>\",bound=\"median\"} 7200\n"
      "quell_forecast_seconds_to_limit{signal=\"pool\",bound=\"median\"} 1800\n"
      "quell_signal_drift_psi{signal=\"latency\",psp=\"acme\",advice=\"watch\"} 0.1534\n"
      "quell_signal_drift_psi{signal=\"volume\",advice=\"retrain\"} 0.4\n"
      "quell_signal_drift_psi{signal=\"calm\",advice=\"none\"} 0.01\n";
  return input;
}

}  // namespace

TEST_CASE("Weekly digest: a week is told as in the golden file", "[cli]") {
  const std::string path = std::string(QUELL_SOURCE_DIR) + "/tests/golden/weekly/week.md";
  const std::string text = WeeklyText(Week());
  if (std::getenv("QUELL_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::stringstream golden;
  golden << file.rdbuf();
  CHECK(text == golden.str());
}

TEST_CASE("Weekly digest: the order of what is fetched changes no byte", "[cli]") {
  WeeklyInput input = Week();
  const std::string text = WeeklyText(input);
  std::reverse(input.incidents.begin(), input.incidents.end());
  CHECK(WeeklyText(input) == text);
}

TEST_CASE("Weekly digest: in numbers", "[cli]") {
  const Json json = WeeklyJson(Week());
  CHECK(json["paged"] == 4);
  CHECK(json["held_back"] == 2);
  CHECK(json["merged"] == 1);
  CHECK(json["real"] == 1);
  CHECK(json["not_an_incident"] == 1);
  CHECK(json["expected"] == 1);
  CHECK(json["unjudged"] == 1);
  CHECK(json["missed"] == Json::array({"b2"}));
}

TEST_CASE("Weekly digest: of nothing it says that there was nothing", "[cli]") {
  WeeklyInput input;
  input.from = kMonday;
  input.until = kMonday + kWeekMs;
  input.incidents = input.feedback = Json::array();
  const std::string text = WeeklyText(input);
  CHECK(text.find("0 incidents paged.") != std::string::npos);
  CHECK(text.find("Nothing that the week shows.") != std::string::npos);
}

TEST_CASE("Weekly digest: hostile text is no markup, and no longer than a line", "[cli]") {
  WeeklyInput input = Week();
  const std::string hostile =
      "<script>alert(1)</script>\n# heading\n| x |\x1b[2J\xe2\x80\xae" + std::string(5000, 'y');
  input.incidents =
      Json::array({Incident("a1", 2, "suppressed", false, hostile, hostile, "too_short")});
  input.feedback = Json::array({Said("a1", "real")});
  const std::string text = WeeklyText(input);
  CHECK(text.find("<script>") == std::string::npos);
  CHECK(text.find("\n# heading") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  CHECK(text.size() < 5000);
}

}  // namespace quell::cli
