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

// What the rules made of kIncidents: they caught I2 and paged once for nothing.
StaticRules SomeRules() {
  StaticRules rules;
  rules.files = {"a<.yml", "b.yml"};
  rules.scored = CompareWith(
      "static rules",
      Paged({{kStart + kDayMs + 6 * kMinuteMs, "globex"}, {kStart + 3 * kDayMs, "globex"}}),
      kIncidents, {});
  rules.rules = {{"Slow", "a<.yml:4", 0, 0, 0, 0}, {"Fail<ing", "b.yml:9", 5, 3, 1, 1}};
  rules.pages = {{{"p1", kStart + kDayMs, "", PageVerdict::kTrue, "I2"},
                  "Fail<ing",
                  kStart + kDayMs + kHourMs},
                 {{"p2", kStart + 3 * kDayMs, "", PageVerdict::kFalse, ""}, "Fail<ing", 0}};
  rules.notes = {"2 <recording> rules left out\x1b"};
  return rules;
}

TEST_CASE("Comparison: static rules have a column and a table of their own", "[scoring]") {
  const ReplayResult here = Paged({{kStart + kHourMs + kMinuteMs, "acme"}});
  Report report = Score(here, kIncidents, {});
  report.static_rules = SomeRules();
  const std::string text = FormatReport(here, report);
  CHECK_THAT(text, Catch::Contains(R"(
  side by side                      this  static rules
  recall                            50 %          50 %
  precision                        100 %          50 %
  F1                               0.667         0.500
  pages                                1             2
  false pages per week              0.00          1.00
  pages per incident                1.00          1.00
  median time to detect              1 m           6 m
  p90 time to detect                 1 m           6 m
  grouping F1                      0.000         0.000
  cost                              50.2          52.2
  caught by this alone: I<1>
  caught by static rules alone: I2

  static rule                            alerts      pages       true  duplicate      false
  Fail<ing                                    5          3          1          1          1
  Slow                                        0          0          0          0          0
  static rules: 2 <recording> rules left out?
)"));
  const std::string html = HtmlReport(here, report, 2);
  CHECK_THAT(html, Catch::Contains("<th class=\"n\">static rules</th>"));
  CHECK_THAT(html, Catch::Contains("<th>Fail&lt;ing <span class=\"soft\">b.yml:9</span></th>"));
  CHECK_THAT(html, Catch::Contains("<code>a&lt;.yml</code>"));
  CHECK_THAT(html, Catch::Contains("2 &lt;recording&gt; rules left out"));
  const auto root = nlohmann::json::parse(ReportJson(here, report))["static_rules"];
  CHECK(root["files"] == nlohmann::json({"a<.yml", "b.yml"}));
  CHECK(root["scores"]["false_pages"] == 1);
  CHECK(root["incidents"][1]["caught"] == true);
  CHECK(root["rules"][1]["place"] == "b.yml:9");
  CHECK(root["rules"][1]["alerts"] == 5);
  CHECK(root["pages"][0]["incident"] == "I2");
  CHECK(root["pages"][0]["start"] == "2026-08-11T10:00:00.000Z");
  CHECK(root["pages"][1]["verdict"] == "false");
  CHECK(root["pages"][1]["end"].is_null());
  CHECK(root["notes"].size() == 1);
}

TEST_CASE("Comparison: another configuration and static rules stand in one table", "[scoring]") {
  const ReplayResult here = Paged({{kStart + kHourMs + kMinuteMs, "acme"}});
  Report report = Both(here);
  report.static_rules = SomeRules();
  const std::string text = FormatReport(here, report);
  CHECK_THAT(text, Catch::Contains("                this       b<.yaml  static rules\n"));
  CHECK_THAT(text, Catch::Contains("caught by this, not by b<.yaml: I<1>\n"));
  CHECK_THAT(text, Catch::Contains("caught by static rules, not by this: I2\n"));
  const std::string html = HtmlReport(here, report, 2);
  CHECK_THAT(html, Catch::Contains("Caught by this, not by b&lt;.yaml: <code"));
  const auto root = nlohmann::json::parse(ReportJson(here, report));
  CHECK(root["compared"]["configuration"] == "b<.yaml");
  CHECK_FALSE(root["static_rules"].contains("configuration"));
}

TEST_CASE("Comparison: without another there is none", "[scoring]") {
  const ReplayResult here = Paged({});
  const Report report = Score(here, kIncidents, {});
  CHECK(ComparisonText(report).empty());
  CHECK(ComparisonSection(report).empty());
  CHECK_THAT(FormatReport(here, report), !Catch::Contains("static rule"));
  CHECK_THAT(HtmlReport(here, report, 2), !Catch::Contains("id=\"static-rules\""));
  CHECK_FALSE(nlohmann::json::parse(ReportJson(here, report)).contains("compared"));
  CHECK_FALSE(nlohmann::json::parse(ReportJson(here, report)).contains("static_rules"));
}

TEST_CASE("Comparison: the cost is weighed as told", "[scoring]") {
  ScoringOptions options;
  options.cost_missed = 7;
  const Compared none = CompareWith("none", Paged({}), kIncidents, options);
  CHECK(none.all.cost == 14);
}

}  // namespace quell::replay
