#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "replay/scoring/output_json.h"
#include "tests/replay/scoring/sample_replay.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1'786'352'400'000;  // 2026-08-10T09:00:00Z

// One incident with a page of two alerts, a repeated page, a false page and a missed incident.
SampleReplay SmallReplay() {
  SampleReplay sample;
  const auto incident = [&](const std::string& id, int from_minute, const std::string& psp) {
    LabelledIncident out;
    out.id = id;
    out.start = kStart + from_minute * kMinuteMs;
    out.end = out.start + 30 * kMinuteMs;
    out.kind = psp == "acme" ? "psp_outage" : "";
    out.affected = {Labels{{"psp", psp}}};
    sample.incidents.push_back(out);
  };
  const auto page = [&](const std::string& id, int at_minute, const std::string& psp, int members) {
    ReplayPage out;
    out.id = id;
    out.start = kStart + at_minute * kMinuteMs;
    out.onset = out.start - kMinuteMs;
    out.end = id == "p3" ? 0 : out.start + 20 * kMinuteMs;
    out.severity = "critical";
    out.summary = "failure ratio 24 % at psp=" + psp;
    out.scope = "psp=" + psp;
    out.evidence = {"288 of 1,200 failed"};
    for (int m = 0; m < members; ++m) {
      ReplayAlert alert;
      alert.id = sample.result.alerts.size() + 1;
      alert.labels = Labels{{"alertname", "failure_ratio"}, {"psp", psp}};
      alert.signal = "failure_ratio";
      alert.kind = "ratio";
      alert.severity = "critical";
      alert.start = out.start - 30 * kSecondMs + m * kMinuteMs;
      alert.onset = alert.start - 30 * kSecondMs;
      alert.end = out.end;
      alert.notified = out.start + m * kMinuteMs;
      alert.k = 288;
      alert.n = 1200;
      alert.value = 0.24;
      alert.expected = 0.0125;
      alert.band_high = 0.03;
      alert.tail_probability = 1e-12;
      alert.detectors = {"seasonal", "ewma_fast"};
      alert.reason = m == 0 ? "paged" : "duplicate_of";
      alert.incident_key = id;
      alert.why_joined = m == 0 ? "first" : "same psp";
      out.members.push_back(alert);
      sample.result.alerts.push_back(alert);
    }
    sample.result.pages.push_back(out);
  };
  sample.result.first = kStart - kWeekMs;
  sample.result.last = kStart + kWeekMs;
  sample.result.evaluate_from = kStart;
  sample.result.series = 12;
  sample.result.samples = 483840;
  sample.result.signals = 4;
  sample.result.steps = 40320;
  sample.result.wall_seconds = 3.25;
  incident("INC-1", 0, "acme");
  incident("INC-2", 600, "delta");
  page("p1", 2, "acme", 2);
  page("p2", 12, "acme", 1);
  page("p3", 300, "acme", 1);
  sample.result.raw_firings = sample.result.alerts.size();
  sample.result.decisions = {R"({"at":"2026-08-10T09:02:00.000Z","decision":"page"})"};
  sample.result.detector_firings = {{detectors::DetectorId::kSeasonal, Labels{{"psp", "acme"}},
                                     kStart + kMinuteMs, kStart + 9 * kMinuteMs}};
  return sample;
}

// Compares with tests/golden/scoring/<name>; QUELL_UPDATE_GOLDEN=1 rewrites it instead.
void CheckGolden(const std::string& name, const std::string& text) {
  const std::string path = std::string(QUELL_SOURCE_DIR) + "/tests/golden/scoring/" + name;
  if (std::getenv("QUELL_UPDATE_GOLDEN") != nullptr) {
    REQUIRE(WriteFileAtomic(path, text).ok());
  }
  const auto golden = ReadFile(path);
  REQUIRE(golden.ok());
  CHECK(*golden == text);
}

}  // namespace

TEST_CASE("Outputs: pages, alerts, report and terminal text match the golden files", "[scoring]") {
  const SampleReplay sample = SmallReplay();
  const Report report = Score(sample.result, sample.incidents, {});
  CheckGolden("pages.json", PagesJson(sample.result));
  CheckGolden("alerts.json", AlertsJson(sample.result));
  CheckGolden("report.json", ReportJson(sample.result, report));
  CheckGolden("report.txt", FormatReport(sample.result, report));
}

TEST_CASE("Outputs: pages.json has the agreed shape", "[scoring]") {
  const auto root = nlohmann::json::parse(PagesJson(SmallReplay().result));
  CHECK(root["raw_firings"] == 4);
  const auto& page = root["pages"][2];
  CHECK(page["end"].is_null());
  CHECK(page["start"] == "2026-08-10T14:00:00.000Z");
  CHECK(page["members"][0]["labels"]["psp"] == "acme");
  CHECK(page["members"][0]["start"] == "2026-08-10T13:59:30.000Z");
  CHECK(page["members"][0]["notified"] == "2026-08-10T14:00:00.000Z");
  CHECK(page["members"][0]["signal"] == "failure_ratio");
}

TEST_CASE("Outputs: pages before evaluate_from stay out of pages.json", "[scoring]") {
  SampleReplay sample = SmallReplay();
  sample.result.evaluate_from = kStart + 5 * kMinuteMs;
  CHECK(nlohmann::json::parse(PagesJson(sample.result))["pages"].size() == 2);
}

TEST_CASE("Outputs: written twice, and with another wall time, the bytes are equal", "[scoring]") {
  const TemporaryFolder folder;
  SampleReplay sample = MakeSampleReplay(3);
  const auto write = [&](const std::string& name) {
    const Report report = Score(sample.result, sample.incidents, {});
    REQUIRE(WriteOutputs(sample.result, report, sample.incidents, folder.path() + name).ok());
  };
  write("/a");
  sample.result.wall_seconds = 99;
  write("/b");
  for (const char* name :
       {"pages.json", "alerts.json", "decisions.jsonl", "report.json", "report.html"}) {
    INFO(name);
    const auto one = ReadFile(folder.path() + "/a/" + name);
    REQUIRE(one.ok());
    CHECK_FALSE(one->empty());
    CHECK(*one == *ReadFile(folder.path() + "/b/" + name));
  }
}

TEST_CASE("Outputs: numbers are finite and broken UTF-8 does not break JSON", "[scoring]") {
  SampleReplay sample = SmallReplay();
  ReplayAlert& alert = sample.result.pages[0].members[0];
  alert.value = std::nan("");
  alert.band_high = std::numeric_limits<double>::infinity();
  sample.result.pages[0].summary = "bad \xFF byte";
  const auto root = nlohmann::json::parse(PagesJson(sample.result));
  CHECK(root["pages"][0]["members"][0]["seen"] == 0);
  CHECK(root["pages"][0]["members"][0]["expected_high"] == 0);
  CHECK(root["pages"][0]["summary"] == "bad \xEF\xBF\xBD byte");
}

TEST_CASE("Outputs: an unwritable folder is an error that names it", "[scoring]") {
  const TemporaryFolder folder;
  const std::string file = folder.File("taken", "x");
  const Status written = WriteOutputs(ReplayResult{}, Report{}, {}, file + "/out");
  REQUIRE_FALSE(written.ok());
  CHECK_THAT(written.error().message, Catch::Contains("taken"));
}

TEST_CASE("Terminal: control characters of names do not reach it", "[scoring]") {
  SampleReplay sample = SmallReplay();
  sample.incidents[0].kind = "evil\x1b[31m";
  sample.incidents[1].id = "missed\r\n\x07";
  const Report report = Score(sample.result, sample.incidents, {});
  const std::string text = FormatReport(sample.result, report);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  CHECK_THAT(text, Catch::Contains("evil?[31m"));
}

}  // namespace quell::replay
