#include "replay/scoring/label_check.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "replay/scoring/html_report.h"
#include "replay/scoring/output_json.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {
namespace {

LabelledIncident About(const std::string& id, std::vector<Labels> affected, TimeMs end = 100) {
  return {id, 0, end, "", "", std::move(affected)};
}

LabelCheck Check(const std::vector<LabelledIncident>& incidents, TimeMs from = 0) {
  const std::vector<Labels> signals = {Labels{{"psp", "acme"}, {"region", "eu"}},
                                       Labels{{"psp", "globex"}}};
  return CheckLabels(incidents, from, signals.size(),
                     [&](size_t i) -> const Labels& { return signals[i]; });
}

}  // namespace

TEST_CASE("Labels of records: what no signal carries is told with how many name it", "[scoring]") {
  const LabelCheck check = Check(
      {About("A", {Labels{{"psp", "acme"}, {"zone", "b"}}}), About("B", {Labels{{"psp", "acmee"}}}),
       About("C", {Labels{{"psp", "acmee"}}, Labels{{"region", "eu"}}}), About("D", {})});
  REQUIRE(check.strangers.size() == 2);
  CHECK(check.strangers[0].name == "psp");
  CHECK(check.strangers[0].value == "acmee");
  CHECK(check.strangers[0].incidents == 2);
  CHECK(check.strangers[1].name == "zone");
  CHECK(check.unmatchable == std::vector<std::string>{"B"});
}

TEST_CASE("Labels of records: incidents before the scored span are not looked at", "[scoring]") {
  const LabelCheck check = Check({About("B", {Labels{{"psp", "acmee"}}}, 100)}, 101);
  CHECK(check.strangers.empty());
  CHECK(check.unmatchable.empty());
}

TEST_CASE("Labels of records: every output says it, and none where all is well", "[scoring]") {
  ReplayResult result;
  result.labels = Check({About("B", {Labels{{"psp", "<acmee>"}}})});
  const Report report = Score(result, {}, {});
  const auto root = nlohmann::json::parse(ReportJson(result, report));
  CHECK(root["labels"]["on_no_signal"][0]["value"] == "<acmee>");
  CHECK(root["labels"]["incidents_without_signal"][0] == "B");
  CHECK_THAT(FormatReport(result, report), Catch::Contains("label on no signal  psp=<acmee>"));
  CHECK_THAT(FormatReport(result, report), Catch::Contains("no signal matches   B"));
  CHECK_THAT(HtmlReport(result, report, 1), Catch::Contains("psp=&lt;acmee&gt;"));
  result.labels = {};
  CHECK_FALSE(nlohmann::json::parse(ReportJson(result, report)).contains("labels"));
  CHECK_THAT(HtmlReport(result, report, 1), !Catch::Contains("which no signal carries"));
}

}  // namespace quell::replay
