#include <stdlib.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "ingest/history.h"
#include "replay/scoring/incident_history.h"
#include "replay/simulator/openmetrics_files.h"
#include "replay/simulator/text_format.h"
#include "tests/replay/simulator/collector.h"

namespace quell::simulator {
namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_("/tmp/quell-simulator-XXXXXX") {
    path_ = mkdtemp(path_.data()) != nullptr ? path_ : "";
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

SimulatorOptions EventfulOptions() {
  SimulatorOptions options = QuietOptions();
  options.regions = 1;
  options.restarts = true;
  options.inject = {"psp_outage,psp=acme;region=eu,+1h,20m",
                    "maintenance,psp=globex;region=eu,+3h,30m",
                    "one_step_blip,psp=globex;region=eu,+5h,30s"};
  return options;
}

RunCounts WriteRun(const SimulatorOptions& options, const std::string& folder,
                   Compression compression) {
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  OpenMetricsFiles files;
  REQUIRE((*simulator)->Run(options.start, options.start + options.duration_ms, files).ok());
  const auto counts = files.Write(**simulator, folder, compression);
  REQUIRE(counts.ok());
  return *counts;
}

class CountingSink final : public ingest::HistorySink {
 public:
  std::uint32_t Series(const Labels& labels) override {
    series_[labels] = static_cast<std::uint32_t>(series_.size());
    return series_[labels];
  }
  Status Add(std::uint32_t, TimeMs time, double value) override {
    ++samples;
    sum += value;
    first = first == 0 ? time : std::min(first, time);
    return Ok{};
  }
  std::uint64_t samples = 0;
  double sum = 0;
  TimeMs first = 0;
  std::map<Labels, std::uint32_t> series_;
};

}  // namespace

TEST_CASE("SeriesLog: gives back exactly what went in", "[simulator]") {
  SeriesLog log;
  const std::vector<ingest::Sample> samples = {{1780272000123, 0},
                                               {1780272030124, 17},
                                               {1780272060120, 0.1},
                                               {1780272060121, -0.0},
                                               {1780272090121, 1e18},
                                               {1780272099999, -5},
                                               {1780273000000, 9007199254740991.0}};
  for (const auto& sample : samples) log.Append(sample.time, sample.value);
  SeriesLog::Reader reader(log);
  for (const auto& sample : samples) {
    TimeMs time = 0;
    double value = 0;
    REQUIRE(reader.Next(time, value));
    CHECK(time == sample.time);
    CHECK(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(sample.value));
  }
  TimeMs time = 0;
  double value = 0;
  CHECK_FALSE(reader.Next(time, value));
  CHECK(log.size() == samples.size());
}

TEST_CASE("Text format: numbers, times and labels", "[simulator]") {
  std::string text;
  AppendNumber(12345678901, text);
  text += ' ';
  AppendNumber(0.25, text);
  text += ' ';
  AppendSeconds(1780272000007, text);
  text += ' ';
  AppendSeconds(1780272000000, text);
  CHECK(text == "12345678901 0.25 1780272000.007 1780272000");
  CHECK(SeriesText({{"__name__", "m"}, {"a", "x\"y\\z\n"}}) == "m{a=\"x\\\"y\\\\z\\n\"}");
  CHECK(FamilyOf("payments_total").type == "counter");
  CHECK(FamilyOf("a_seconds_bucket") == FamilyOf("a_seconds_count"));
}

TEST_CASE("Files: the same options give the same bytes", "[simulator]") {
  const TemporaryFolder a;
  const TemporaryFolder b;
  WriteRun(EventfulOptions(), a.path(), Compression::kNone);
  WriteRun(EventfulOptions(), b.path(), Compression::kNone);
  for (const char* name : {"/metrics.om", "/incidents.json", "/changes.json", "/manifest.json"}) {
    const auto first = ReadFile(a.path() + name);
    const auto second = ReadFile(b.path() + name);
    REQUIRE(first.ok());
    REQUIRE(second.ok());
    CAPTURE(name);
    CHECK(first->size() > 10);
    CHECK(*first == *second);
  }
}

TEST_CASE("Files: our own reader finds every sample, compressed or not", "[simulator]") {
  for (const auto& [compression, name] :
       {std::pair{Compression::kNone, "metrics.om"}, std::pair{Compression::kGzip, "metrics.om.gz"},
        std::pair{Compression::kZstd, "metrics.om.zst"}}) {
    const TemporaryFolder folder;
    const SimulatorOptions options = EventfulOptions();
    const RunCounts counts = WriteRun(options, folder.path(), compression);
    CountingSink sink;
    const auto read = ingest::ReadOpenMetrics(folder.path() + "/" + name, sink);
    CAPTURE(name);
    if (!read.ok()) FAIL(read.error().message);
    CHECK(sink.samples == counts.samples);
    CHECK(sink.series_.size() == counts.series);
    CHECK(sink.first >= options.start);
    CHECK(sink.first < options.start + options.interval_ms);
  }
}

TEST_CASE("Files: labels read back, look-alikes stand in the manifest alone", "[simulator]") {
  const TemporaryFolder folder;
  const SimulatorOptions options = EventfulOptions();
  WriteRun(options, folder.path(), Compression::kZstd);
  const auto incidents = replay::ReadIncidents(folder.path() + "/incidents.json");
  if (!incidents.ok()) FAIL(incidents.error().message);
  REQUIRE(incidents->size() == 1);
  CHECK(incidents->front().kind == "psp_outage");
  CHECK(incidents->front().start == options.start + kHourMs);
  CHECK(incidents->front().affected.front() == Labels{{"psp", "acme"}, {"region", "eu"}});
  const auto changes = replay::ReadChanges(folder.path() + "/changes.json");
  if (!changes.ok()) FAIL(changes.error().message);
  REQUIRE(changes->size() == 1);
  CHECK(changes->front().kind == incidents::ChangeKind::kMaintenance);
  const auto manifest = ReadFile(folder.path() + "/manifest.json");
  REQUIRE(manifest.ok());
  const auto json = nlohmann::json::parse(*manifest);
  REQUIRE(json["lookalikes"].size() == 2);
  CHECK(json["lookalikes"][0]["kind"] == "maintenance");
  CHECK(json["lookalikes"][0]["announced"] == true);
  CHECK(json["lookalikes"][1]["announced"] == false);
}

TEST_CASE("Files: too many samples or a folder that cannot be made are errors", "[simulator]") {
  const SimulatorOptions options = QuietOptions();
  const auto simulator = Simulator::Create(options);
  REQUIRE(simulator.ok());
  OpenMetricsFiles small(1000);
  const Status ran = (*simulator)->Run(options.start, options.start + kHourMs, small);
  REQUIRE_FALSE(ran.ok());
  CHECK(ran.error().code == ErrorCode::kResourceExhausted);
  const auto written = OpenMetricsFiles().Write(**simulator, "/proc/nowhere", Compression::kNone);
  REQUIRE_FALSE(written.ok());
  CHECK_THAT(written.error().message, Catch::Contains("/proc/nowhere"));
}

}  // namespace quell::simulator
