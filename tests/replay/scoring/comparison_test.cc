#include "replay/scoring/comparison.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "replay/scoring/html_report.h"
#include "replay/scoring/output_json.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1786356000000;  // 2026-08-10T10:00:00Z

ReplayResult Paged(std::vector<std::pair<TimeMs, std::string>> pages) {
  ReplayResult result;
  result.first = kStart;
  result.last = kStart + kWeekMs;
  for (const auto& [at, psp] : pages) {
    ReplayPage page;
    page.id = std::to_string(at);
    page.start = at;
    page.members.emplace_back().labels = Labels{{"psp", psp}};
    result.pages.push_back(std::move(page));
  }
  return result;
}

const std::vector<LabelledIncident> kIncidents = {
    {"I<1>", kStart + kHourMs, kStart + 2 * kHourMs, "", "outage", {Labels{{"psp", "acme"}}}},
    {"I2", kStart + kDayMs, kStart + kDayMs + kHourMs, "", "outage", {Labels{{"psp", "globex"}}}}};

Report Both(const ReplayResult& here) {
  Report report = Score(here, kIncidents, {});
  const ReplayResult there =
      Paged({{kStart + kDayMs + kMinuteMs, "globex"}, {kStart + 2 * kDayMs, "globex"}});
  report.compared = CompareWith("b<.yaml", there, kIncidents, {});
  return report;
}

}  // namespace

TEST_CASE("Comparison: both stand side by side, with what only one caught", "[scoring]") {
  const ReplayResult here = Paged({{kStart + kHourMs + kMinuteMs, "acme"}});
  const Report report = Both(here);
  const std::string text = FormatReport(here, report);
  CHECK_THAT(text, Catch::Contains("side by side                      this       b<.yaml"));
  CHECK_THAT(text, Catch::Contains("precision                        100 %          50 %"));
  CHECK_THAT(text, Catch::Contains("false pages per week              0.00          1.00"));
  CHECK_THAT(text, Catch::Contains("caught by this alone: I<1>\n"));
  CHECK_THAT(text, Catch::Contains("caught by b<.yaml alone: I2\n"));
  const std::string html = HtmlReport(here, report, 2);
  CHECK_THAT(html, Catch::Contains("<th class=\"n\">b&lt;.yaml</th>"));
  CHECK_THAT(html, Catch::Contains("recall of outage"));
  CHECK_THAT(html, Catch::Contains("Caught by this alone: <code class=\"chip\">I&lt;1&gt;"));
  const auto root = nlohmann::json::parse(ReportJson(here, report));
  CHECK(root["compared"]["configuration"] == "b<.yaml");
  CHECK(root["compared"]["scores"]["false_pages"] == 1);
  CHECK(root["compared"]["incidents"][0]["caught"] == false);
}

TEST_CASE("Comparison: without another there is none", "[scoring]") {
  const ReplayResult here = Paged({});
  const Report report = Score(here, kIncidents, {});
  CHECK(ComparisonText(report).empty());
  CHECK(ComparisonSection(report).empty());
  CHECK_FALSE(nlohmann::json::parse(ReportJson(here, report)).contains("compared"));
}

TEST_CASE("Comparison: the cost is weighed as told", "[scoring]") {
  ScoringOptions options;
  options.cost_missed = 7;
  const Compared none = CompareWith("none", Paged({}), kIncidents, options);
  CHECK(none.all.cost == 14);
}

}  // namespace quell::replay
