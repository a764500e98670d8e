#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "engine/backfill/source.h"
#include "tests/ingest/temp_folder.h"

namespace quell::backfill {
namespace {

std::string Written(const ingest::TempFolder& folder, const std::string& name,
                    const std::string& text) {
  const std::string path = folder.path() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

// Series by series, out of order inside one.
constexpr auto kOpenMetrics =
    "a{x=\"1\"} 3 300\n"
    "a{x=\"1\"} 1 100\n"
    "b 7 200\n"
    "unwanted 1 50\n"
    "# EOF\n";

bool Wanted(const Labels& labels) { return labels.MetricName() != "unwanted"; }

}  // namespace

TEST_CASE("File source: the range is that of the wanted samples, windows hold what is theirs") {
  const ingest::TempFolder folder;
  const auto source =
      MakeFileSource(FileKind::kOpenMetrics, Written(folder, "h.om", kOpenMetrics), 100, Wanted);
  const auto plan = source->Prepare(0, 0, nullptr);
  if (!plan.ok()) FAIL(plan.error().message);
  CHECK(plan->from == 100000);
  CHECK(plan->to == 300001);
  auto window = source->Window(100000, 300000);
  REQUIRE(window.ok());
  CHECK(window->series.size() == 2);
  CHECK(window->samples.size() == 2);
  const auto asked = source->Prepare(150000, 250000, nullptr);
  CHECK(asked->from == 150000);
  CHECK(asked->to == 250000);
}

TEST_CASE("File source: more than fits into memory is refused; CSV works alike; errors say where") {
  const ingest::TempFolder folder;
  const auto small =
      MakeFileSource(FileKind::kOpenMetrics, Written(folder, "h.om", kOpenMetrics), 1, Wanted);
  CHECK(small->Window(0, 1000000).error().code == ErrorCode::kResourceExhausted);
  CHECK(small->Window(150000, 250000).ok());
  const auto csv = MakeFileSource(
      FileKind::kCsv, Written(folder, "h.csv", "timestamp,metric,value\n100,a,1\n200,a,2\n"), 100,
      nullptr);
  CHECK(csv->Prepare(0, 0, nullptr)->to == 200001);
  CHECK(csv->Window(0, 1000000)->samples.size() == 2);
  const auto bad =
      MakeFileSource(FileKind::kOpenMetrics, Written(folder, "bad.om", "a{ 1 1\n"), 100, nullptr);
  CHECK_THAT(bad->Prepare(0, 0, nullptr).error().message, Catch::Contains("bad.om:1:"));
  const auto none = MakeFileSource(FileKind::kOpenMetrics, folder.path() + "/h.om", 100,
                                   [](const Labels&) { return false; });
  CHECK(none->Prepare(0, 0, nullptr).error().code == ErrorCode::kNotFound);
}

}  // namespace quell::backfill
