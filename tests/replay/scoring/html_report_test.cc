#include "replay/scoring/html_report.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "replay/scoring/html_axis.h"
#include "replay/scoring/html_plot.h"
#include "replay/scoring/html_text.h"
#include "replay/scoring/words.h"
#include "tests/replay/scoring/sample_replay.h"

namespace quell::replay {
namespace {

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string Html(const SampleReplay& sample) {
  return HtmlReport(sample.result, Score(sample.result, sample.incidents, {}),
                    sample.incidents.size());
}

}  // namespace

TEST_CASE("Html: hostile strings are inert wherever they come from", "[scoring]") {
  const std::string evil = "\"><script>alert(1)</script><img src=x onerror='a()'>";
  SampleReplay sample = MakeSampleReplay(5);
  for (LabelledIncident& incident : sample.incidents) {
    incident.id += evil;
    incident.kind = evil;
    incident.severity = evil;
    incident.affected.push_back(Labels{{evil, evil}});
  }
  for (ReplayPage& page : sample.result.pages) {
    page.id += evil;
    page.summary = page.scope = page.severity = evil;
    page.evidence = page.changes = {evil};
    for (ReplayAlert& alert : page.members) {
      alert.signal = alert.why_joined = evil;
      alert.detectors = {evil};
      alert.labels.Set("x" + evil, evil);
    }
  }
  for (PlotSeries& plot : sample.result.plots) {
    plot.title = plot.unit = evil;
    if (!plot.page_id.empty()) plot.page_id += evil;
    if (!plot.incident_id.empty()) plot.incident_id += evil;
  }
  const std::string html = Html(sample);
  CHECK(Count(html, "<script") == 1);
  CHECK(Count(html, "<img") == 0);
  CHECK(Count(html, "onerror='") == 0);
  CHECK(Count(html, "&lt;script&gt;alert(1)") > 50);
  CHECK(Count(html, "<svg viewBox=\"0 0 560") > 10);
}

TEST_CASE("Html: text that turns writing around or breaks UTF-8 is replaced", "[scoring]") {
  const std::string mark = "\xEF\xBF\xBD";
  CHECK(EscapeHtml("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(EscapeHtml("\xC3\xA9\xF0\x9F\x92\xB3\n") == "\xC3\xA9\xF0\x9F\x92\xB3\n");
  CHECK(EscapeHtml(std::string("a\0b", 3)) == "a" + mark + "b");
  CHECK(EscapeHtml("\xE2\x80\xAE") == mark);
  CHECK(EscapeHtml("\xC0\xBC") == mark + mark);
  CHECK(EscapeHtml("\xE2\x82") == mark + mark);
}

TEST_CASE("Html: the report is one file that loads nothing", "[scoring]") {
  const std::string html = Html(MakeSampleReplay(5));
  CHECK(Count(html, "src=") == 0);
  CHECK(Count(html, "<link") == 0);
  CHECK(Count(html, "@import") == 0);
  CHECK(Count(html, "url(") == Count(html, "url(#hatch)"));
  CHECK_THAT(html, Catch::Contains("default-src 'none'"));
  CHECK_THAT(html, Catch::Contains("prefers-color-scheme:dark"));
}

TEST_CASE("Html: every incident and false page has its case, and every mark its target",
          "[scoring]") {
  const SampleReplay sample = MakeSampleReplay(5);
  const Report report = Score(sample.result, sample.incidents, {});
  const std::string html = HtmlReport(sample.result, report, sample.incidents.size());
  CHECK(Count(html, "<details") ==
        report.incidents.size() + static_cast<size_t>(report.all.false_pages));
  for (size_t at = html.find("href=\"#"); at != std::string::npos;
       at = html.find("href=\"#", at + 1)) {
    const std::string target = html.substr(at + 7, html.find('"', at + 7) - at - 7);
    INFO(target);
    CHECK(html.find("id=\"" + target + "\"") != std::string::npos);
  }
}

TEST_CASE("Html: an empty replay still makes a report", "[scoring]") {
  const std::string html = HtmlReport(ReplayResult{}, Score(ReplayResult{}, {}, {}), 0);
  CHECK_THAT(html, Catch::Contains("No incident was labelled") && Catch::EndsWith("</html>\n"));
  CHECK(Count(html, "nan") == Count(html, "NaN"));
}

TEST_CASE("Plot: thinning keeps the ends of time and the extremes", "[scoring]") {
  std::vector<PlotSeries::Point> points;
  for (int i = 0; i < 10000; ++i) {
    points.push_back({.time = i * 1000, .value = i == 7777 ? 99.0 : std::sin(i * 0.01)});
  }
  const auto thin = Downsample(points);
  CHECK(thin.size() <= kPlotPointsMax);
  CHECK(std::is_sorted(thin.begin(), thin.end(),
                       [](const auto& a, const auto& b) { return a.time < b.time; }));
  CHECK(std::any_of(thin.begin(), thin.end(), [](const auto& p) { return p.value == 99; }));
}

TEST_CASE("Plot: flat, broken and empty series do no harm", "[scoring]") {
  PlotSeries plot{.title = "t", .unit = "ratio", .page_id = "", .incident_id = "", .points = {}};
  CHECK(PlotFigure(plot, {}).empty());
  plot.points = {{.time = 0}, {.time = 1000}, {.time = 2000, .value = std::nan("")}};
  const std::string flat = PlotFigure(plot, {});
  CHECK_THAT(flat, Catch::Contains("<svg"));
  CHECK(flat.find("nan") == std::string::npos);
}

TEST_CASE("Axis: ticks are round and inside", "[scoring]") {
  CHECK(NiceTicks(0, 0.31, 4) == std::vector<double>{0, 0.1, 0.2, 0.30000000000000004});
  const auto hours = TimeTicks(kHourMs * 5 + 1, kHourMs * 11, 7);
  REQUIRE(hours.size() == 6);
  CHECK(hours[0].label == "06:00");
  CHECK(TimeTicks(0, 14 * kDayMs, 14)[1].label == "Jan 2");
}

TEST_CASE("Words: numbers and spans as people read them", "[scoring]") {
  CHECK(Percent(0.9333) == "93.3 %");
  CHECK(Percent(1) == "100 %");
  CHECK(Percent(0.00421) == "0.421 %");
  CHECK(SpanWords(95) == "1 m 35 s");
  CHECK(SpanWords(7260) == "2 h 1 m");
  CHECK(SpanWords(14 * 86400) == "14 d");
  CHECK(Grouped(1234567) == "1,234,567");
  CHECK(ShortNumber(12345) == "12.3k");
  CHECK(ValueInUnit(0.25, "seconds") == "250 ms");
  CHECK(ValueInUnit(420, "per_second") == "420/s");
}

}  // namespace quell::replay
