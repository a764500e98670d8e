#include "tests/replay/scoring/sample_replay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "core/check.h"
#include "core/file.h"
#include "core/random.h"

namespace quell::replay {
namespace {

constexpr TimeMs kFirst = 1'785'715'200'000;  // 2026-08-03T00:00:00Z, a Monday
constexpr std::array<const char*, 5> kKinds = {"psp_outage", "latency", "slow_burn", "volume_drop",
                                               "error_spike"};
constexpr std::array<const char*, 4> kPsps = {"acme", "borealis", "cirrus", "delta"};
constexpr std::array<const char*, 3> kRegions = {"eu", "us", "ap"};

struct Maker {
  explicit Maker(std::uint64_t seed) : random(seed) {}

  ReplayAlert Alert(const std::string& psp, const std::string& region, TimeMs start, TimeMs end,
                    bool latency) {
    ReplayAlert alert;
    alert.id = ++last_id;
    alert.signal = latency ? "payment_seconds:slow_share" : "payments_total:failure_ratio";
    alert.labels = Labels{
        {"alertname", alert.signal}, {"psp", psp}, {"region", region}, {"service", "checkout"}};
    alert.kind = latency ? "quantile" : "ratio";
    alert.severity = "critical";
    alert.onset = start - 60 * kSecondMs;
    alert.start = start;
    alert.end = end;
    alert.n = 1200;
    alert.k = 200 + static_cast<double>(random.Below(300));
    alert.value = alert.k / alert.n;
    alert.expected = 0.012;
    alert.band_low = 0.004;
    alert.band_high = 0.024;
    alert.tail_probability = 1e-12;
    alert.detectors = {"seasonal", "ewma_fast"};
    alert.reason = "duplicate_of";
    return alert;
  }

  void Fire(const ReplayAlert& alert, double chance_forest) {
    using detectors::DetectorId;
    sample.result.detector_firings.push_back(
        {DetectorId::kSeasonal, alert.labels, alert.start - 30 * kSecondMs, alert.end});
    sample.result.detector_firings.push_back(
        {DetectorId::kEwmaFast, alert.labels, alert.start, alert.end});
    if (random.Uniform() < chance_forest) {
      sample.result.detector_firings.push_back(
          {DetectorId::kForest, alert.labels, alert.start + 90 * kSecondMs, alert.end});
    }
  }

  void Plot(const std::string& title, const std::string& unit, const std::string& page_id,
            const std::string& incident_id, TimeMs from, TimeMs to, double height) {
    PlotSeries plot{
        .title = title, .unit = unit, .page_id = page_id, .incident_id = incident_id, .points = {}};
    const double base = unit == "seconds" ? 0.24 : (unit == "per_second" ? 420 : 0.012);
    for (TimeMs at = from - 3 * kHourMs; at < to + 90 * kMinuteMs; at += 30 * kSecondMs) {
      PlotSeries::Point point;
      point.time = at;
      const double day = static_cast<double>(at % kDayMs) / static_cast<double>(kDayMs);
      point.expected = base * (1 + 0.25 * std::sin(6.283 * day));
      point.low = point.expected * 0.55;
      point.high = point.expected * 1.6;
      const double ramp = std::clamp(static_cast<double>(at - from) / (3.0 * kMinuteMs), 0.0, 1.0) *
                          std::clamp(static_cast<double>(to - at) / (4.0 * kMinuteMs), 0.0, 1.0);
      point.value =
          std::max(0.0, point.expected * (1 + 0.13 * random.Normal()) * (1 + height * ramp));
      plot.points.push_back(point);
    }
    sample.result.plots.push_back(std::move(plot));
  }

  ReplayPage Page(const std::string& psp, const std::string& region, TimeMs start, TimeMs end,
                  size_t members) {
    ReplayPage page;
    page.id = "inc-" + std::to_string(100 + sample.result.pages.size());
    page.start = start;
    page.end = end;
    page.onset = start - 90 * kSecondMs;
    page.severity = "critical";
    page.summary = "checkout: failure ratio 24 % (expected 1.2 %) at psp=" + psp + ", region " +
                   region + ", since " + FormatRfc3339(page.onset).substr(11, 5) + " UTC";
    page.scope = "psp=" + psp + ", region=" + region;
    page.evidence = {
        "failure ratio of checkout at psp=" + psp + ": 291 of 1,200 failed, 9 to 20 were expected",
        "odds of this by chance: under 1 in 10^12; seasonal and ewma_fast agree",
        "latency rose 20 s later with the same psp and region; 3 alerts folded in"};
    page.changes = {"deploy checkout 2026.31.4 in " + region + ", 6 minutes before"};
    for (size_t m = 0; m < members; ++m) {
      ReplayAlert alert =
          Alert(psp, region, start + static_cast<TimeMs>(m) * 20 * kSecondMs, end, m % 2 == 1);
      alert.notified = alert.start + 30 * kSecondMs;
      alert.incident_key = page.id;
      alert.why_joined = m == 0
                             ? "first of the incident"
                             : "same psp and region, onset " + std::to_string(20 * m) + " s later";
      if (m == 0) alert.reason = "paged";
      Fire(alert, 0.7);
      page.members.push_back(alert);
      sample.result.alerts.push_back(alert);
    }
    return page;
  }

  void Incident(size_t n) {
    LabelledIncident incident;
    const std::string psp = kPsps.at(random.Below(kPsps.size()));
    const std::string region = kRegions.at(random.Below(kRegions.size()));
    incident.id = "INC-2026-" + std::to_string(801 + n);
    incident.kind = kKinds.at(n % kKinds.size());
    incident.severity = n % 3 == 0 ? "sev1" : "sev2";
    incident.start = kFirst + 7 * kDayMs + static_cast<TimeMs>(n) * 19 * kHourMs +
                     static_cast<TimeMs>(random.Below(9 * kHourMs));
    incident.start -= incident.start % kSecondMs;
    incident.end =
        incident.start + 20 * kMinuteMs + static_cast<TimeMs>(random.Below(70)) * kMinuteMs;
    incident.affected = {Labels{{"psp", psp}, {"region", region}}};
    sample.incidents.push_back(incident);
    const bool missed = n == 6 || n == 11;
    if (missed) {
      Plot("failure ratio {psp=" + psp + ", region=" + region + "}", "ratio", "", incident.id,
           incident.start, incident.end, 0.5);
      return;
    }
    const TimeMs sent =
        incident.start + 40 * kSecondMs + static_cast<TimeMs>(random.Below(200)) * kSecondMs;
    sample.result.pages.push_back(Page(psp, region, sent, incident.end + 5 * kMinuteMs, 2 + n % 4));
    const std::string page_id = sample.result.pages.back().id;
    Plot("failure ratio {psp=" + psp + ", region=" + region + "}", "ratio", page_id, incident.id,
         incident.start, incident.end, 14);
    Plot("p95 latency {psp=" + psp + ", region=" + region + "}", "seconds", page_id, "",
         incident.start, incident.end, 3.5);
    if (n == 3) {
      sample.result.pages.push_back(
          Page(psp, region, sent + 12 * kMinuteMs, incident.end + 5 * kMinuteMs, 1));
    }
  }

  Random random;
  SampleReplay sample;
  std::uint64_t last_id = 0;
};

}  // namespace

SampleReplay MakeSampleReplay(std::uint64_t seed) {
  Maker maker(seed);
  ReplayResult& result = maker.sample.result;
  result.first = kFirst;
  result.last = kFirst + 21 * kDayMs;
  result.evaluate_from = kFirst + 7 * kDayMs;
  result.series = 1000;
  result.samples = 120'960'000;
  result.signals = 312;
  result.steps = 60480;
  for (size_t n = 0; n < 16; ++n) maker.Incident(n);
  const TimeMs quiet = kFirst + 20 * kDayMs + 9 * kHourMs;
  result.pages.push_back(maker.Page("delta", "ap", quiet, quiet + 25 * kMinuteMs, 2));
  maker.Plot("volume {psp=delta, region=ap}", "per_second", result.pages.back().id, "", quiet,
             quiet + 20 * kMinuteMs, 1.6);
  for (int i = 0; i < 14; ++i) {  // one detector's nerves
    const TimeMs at = kFirst + 7 * kDayMs + i * 23 * kHourMs + 3 * kHourMs;
    const Labels labels{{"psp", kPsps.at(static_cast<size_t>(i) % kPsps.size())}};
    result.detector_firings.push_back({detectors::DetectorId::kForest, labels, at, at + kMinuteMs});
    if (i % 2 == 0) {
      result.detector_firings.push_back(
          {detectors::DetectorId::kEwmaSlow, labels, at + kMinuteMs, at + 9 * kMinuteMs});
    }
  }
  std::sort(result.pages.begin(), result.pages.end(),
            [](const ReplayPage& a, const ReplayPage& b) { return a.start < b.start; });
  result.raw_firings = result.alerts.size();
  result.decisions = {R"({"at":"2026-08-10T00:00:00.000Z","decision":"page"})"};
  return std::move(maker.sample);
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "quell-scoring-XXXXXX").string();
  const char* made = mkdtemp(pattern.data());
  QUELL_CHECK(made != nullptr);
  path_ = made;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::File(const std::string& name, const std::string& text) const {
  const std::string path = path_ + '/' + name;
  const Status written = WriteFileAtomic(path, text);
  QUELL_CHECK(written.ok());
  return path;
}

}  // namespace quell::replay
