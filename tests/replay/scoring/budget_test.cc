// What a replay says about page budgets: scores of each, and how they are shown.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "replay/scoring/html_budgets.h"
#include "replay/scoring/html_report.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1786356000000;  // 2026-08-10T10:00:00Z

ReplayPage Page(const std::string& id, DurationMs at, const std::string& psp) {
  ReplayPage page;
  page.id = id;
  page.summary = "page " + id;
  page.start = kStart + at;
  ReplayAlert member;
  member.id = static_cast<std::uint64_t>(at);
  member.labels = Labels{{"psp", psp}};
  member.start = page.start;
  page.members.push_back(member);
  return page;
}

// Two incidents: a tight budget finds one, the configured one both, a wide one pages for nothing
// too.
struct History {
  ReplayResult result;
  std::vector<LabelledIncident> incidents = {
      {"INC-1", kStart, kStart + kHourMs, "", "", {Labels{{"psp", "acme"}}}},
      {"INC-2", kStart + kDayMs, kStart + kDayMs + kHourMs, "", "", {Labels{{"psp", "globex"}}}}};

  History() {
    result.first = kStart - kDayMs;
    result.last = result.first + 2 * kWeekMs;
    result.budget = 1;
    const ReplayPage one = Page("1", kMinuteMs, "acme");
    const ReplayPage two = Page("2", kDayMs + 2 * kMinuteMs, "globex");
    const ReplayPage wrong = Page("3", 3 * kDayMs, "acme");
    result.pages = {one, two};
    result.budgets = {{0.5, 1, {one}, {}}, {1, 2, {one, two}, {}}, {10, 3, {one, two, wrong}, {}}};
  }
  [[nodiscard]] Report Scored() const { return Score(result, incidents, {}); }
};

}  // namespace

TEST_CASE("Budgets: each is scored by its own pages over the same span", "[scoring]") {
  const Report report = History().Scored();
  REQUIRE(report.budgets.size() == 3);
  CHECK(report.budgets[0].scores.recall == 0.5);
  CHECK_FALSE(report.budgets[0].configured);
  CHECK(report.budgets[1].configured);
  CHECK(report.budgets[1].scores.recall == report.all.recall);
  CHECK(report.budgets[2].scores.recall == 1);
  CHECK(report.budgets[2].scores.precision == Approx(2.0 / 3));
  CHECK(report.budgets[2].scores.false_pages_per_week == 0.5);
  CHECK(report.budgets[2].scores.noise_reduction == 1);
}

TEST_CASE("Budgets: report.json has them only where they were replayed", "[scoring]") {
  History history;
  const auto with = nlohmann::json::parse(ReportJson(history.result, history.Scored()));
  REQUIRE(with["by_budget"].size() == 3);
  CHECK(with["by_budget"][0]["budget"] == 0.5);
  CHECK(with["by_budget"][1]["configured"] == true);
  CHECK(with["by_budget"][2]["scores"]["pages_per_incident"] == 1);
  CHECK(with["by_budget"][2]["scores"]["false_pages_per_week"] == 0.5);
  const auto& wide = with["by_budget"][2];
  REQUIRE(wide["pages"].size() == 3);
  CHECK(wide["pages"][1]["incident"] == "INC-2");
  CHECK(wide["pages"][1]["start"] == "2026-08-11T10:02:00.000Z");
  CHECK(wide["pages"][2]["summary"] == "page 3");
  CHECK(wide["pages"][2]["verdict"] == "false");
  CHECK(with["by_budget"][0]["incidents"][1]["caught"] == false);
  CHECK(wide["incidents"][1]["detect_seconds"] == 120);
  CHECK(with["by_budget"][1]["incidents"] == with["incidents"]);
  history.result.budgets.clear();
  const auto without = nlohmann::json::parse(ReportJson(history.result, history.Scored()));
  CHECK_FALSE(without.contains("by_budget"));
}

TEST_CASE("Budgets: the terminal shows a row for each and marks the configured one", "[scoring]") {
  const History history;
  const std::string text = FormatReport(history.result, history.Scored());
  CHECK_THAT(text, Catch::Contains("page budget, a week"));
  CHECK_THAT(text, Catch::Contains("1 (configured)                  100 %"));
  CHECK_THAT(text, Catch::Contains("10                              100 %     66.7 %   0.800"));
}

TEST_CASE("Budgets: the curve has a point for each outcome, named by its budgets", "[scoring]") {
  History history;
  const std::string curve = BudgetCurve(history.Scored());
  CHECK_THAT(curve, Catch::Contains(">0.5</text>"));
  CHECK_THAT(curve, Catch::Contains("circle class=\"at set\""));
  CHECK_THAT(curve, Catch::Contains(">10</text>"));
  CHECK_THAT(curve, !Catch::Contains("nan"));

  SECTION("budgets that came out alike share one") {
    history.result.budgets[0].pages = history.result.budgets[1].pages;
    CHECK_THAT(BudgetCurve(history.Scored()), Catch::Contains(">0.5, 1</text>"));
  }
  SECTION("without incidents there is a table and no curve") {
    history.incidents.clear();
    CHECK(BudgetCurve(history.Scored()).empty());
    CHECK_THAT(BudgetSection(history.Scored()), Catch::Contains("10 a week"));
  }
  SECTION("without budgets there is nothing") {
    history.result.budgets.clear();
    CHECK(BudgetSection(history.Scored()).empty());
  }
}

}  // namespace quell::replay
