#include "engine/backfill/slices.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/engine/backfill/history.h"

namespace quell::backfill {
namespace {

std::string Described(const ingest::SampleBatch& window, const SliceOptions& options) {
  std::string out;
  const Status done = ForEachRecord(
      window, options, [&](TimeMs slice_end, std::span<const SeriesRun> runs) -> Status {
        out += std::to_string(slice_end) + ':';
        for (const SeriesRun& run : runs) {
          out += ' ' + window.series[run.series].labels.ToString();
          for (std::uint32_t i = run.begin; i < run.end; ++i) {
            out += '@' + std::to_string(window.samples[i].time);
          }
        }
        out += '\n';
        return Ok{};
      });
  REQUIRE(done.ok());
  return out;
}

ingest::SampleBatch Window(const std::vector<ScrapedSeries>& series) {
  MemorySource source(series);
  auto batch = source.Window(0, kMonday + kWeekMs);
  REQUIRE(batch.ok());
  return *std::move(batch);
}

}  // namespace

TEST_CASE("Slices: samples of a slice share a record, by first sample, then by labels") {
  auto window = Window({{Labels{{"__name__", "b"}}, {{10000, 1}, {14999, 1}, {31000, 1}}},
                        {Labels{{"__name__", "a"}}, {{12000, 1}, {15000, 1}}},
                        {Labels{{"__name__", "c"}}, {{10000, 1}}}});
  SortWindow(window);
  CHECK(Described(window, {}) ==
        "15000: b@10000@14999 c@10000 a@12000\n"
        "30000: a@15000\n"
        "45000: b@31000\n");
  SliceOptions small;
  small.record_samples_max = 2;
  CHECK(Described(window, small) ==
        "15000: b@10000@14999\n"
        "15000: c@10000 a@12000\n"
        "30000: a@15000\n"
        "45000: b@31000\n");
}

TEST_CASE("Slices: what came in whatever order is sorted, equal times as they came") {
  auto window = Window({{Labels{{"__name__", "b"}}, {{20000, 2}, {10000, 1}}},
                        {Labels{{"__name__", "a"}}, {{11000, 7}}},
                        {Labels{{"__name__", "b"}}, {{10000, 3}}}});
  SortWindow(window);
  REQUIRE(window.series.size() == 2);
  CHECK(window.series[0].labels.MetricName() == "a");
  const auto& b = window.series[1];
  REQUIRE(b.end - b.begin == 3);
  CHECK(window.samples[b.begin].value == 1);
  CHECK(window.samples[b.begin + 1].value == 3);
  CHECK(window.samples[b.begin + 2].value == 2);
}

TEST_CASE("Slices: records do not depend on how a history was cut into windows") {
  const auto history = MakeHistory(3, 20 * kHourMs, 7 * kSecondMs);
  auto whole = Window(history);
  SortWindow(whole);
  const std::string expected = Described(whole, {});
  MemorySource source(history);
  std::string pieces;
  DurationMs length = 15 * kSecondMs;
  for (TimeMs at = kMonday; at < kMonday + kDayMs; length = (length * 3) % (5 * kHourMs)) {
    auto window = source.Window(at, at + length);
    REQUIRE(window.ok());
    SortWindow(*window);
    pieces += Described(*window, {});
    at += length;
  }
  CHECK(pieces == expected);
}

TEST_CASE("Slices: the first error ends it") {
  auto window = Window(MakeHistory(1, kHourMs, 30 * kSecondMs));
  SortWindow(window);
  int calls = 0;
  const Status done = ForEachRecord(window, {}, [&](TimeMs, std::span<const SeriesRun>) -> Status {
    if (++calls == 3) return MakeError(ErrorCode::kIo, "full");
    return Ok{};
  });
  CHECK(done.error().message == "full");
  CHECK(calls == 3);
}

}  // namespace quell::backfill
