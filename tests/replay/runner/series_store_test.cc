#include "replay/runner/series_store.h"

#include <catch2/catch.hpp>

namespace quell::replay {
namespace {

const Labels kA{{"__name__", "orders_total"}, {"service", "a"}};
const Labels kB{{"__name__", "orders_total"}, {"service", "b"}};
const Labels kNoise{{"__name__", "go_goroutines"}};

TEST_CASE("SeriesStore: sorts samples by time and columns by labels", "[replay]") {
  signals::SeriesFilter filter({}, true);
  SeriesStore store(filter, 100);
  const auto b = store.Series(kB);
  const auto a = store.Series(kA);
  CHECK(store.Series(kB) == b);
  for (const TimeMs time : {30, 10, 20}) REQUIRE(store.Add(a, time, 1).ok());
  REQUIRE(store.Add(b, 5, 1).ok());
  REQUIRE(store.Add(a, 10, 2).ok());
  store.Sort();
  REQUIRE(store.columns().size() == 2);
  CHECK(store.columns()[0].labels == kA);
  const auto& samples = store.columns()[0].samples;
  REQUIRE(samples.size() == 4);
  CHECK(samples[0].time == 10);
  CHECK(samples[0].value == 1);  // of equal times in order of arrival
  CHECK(samples[1].value == 2);
  CHECK(samples[3].time == 30);
  CHECK(store.first() == 5);
  CHECK(store.last() == 30);
  CHECK(store.samples() == 5);
}

TEST_CASE("SeriesStore: series that no signal uses are not kept", "[replay]") {
  signals::SeriesFilter filter({}, true);
  SeriesStore store(filter, 1);
  const auto noise = store.Series(kNoise);
  CHECK(noise == ingest::HistorySink::kNoSeries);
  for (int i = 0; i < 10; ++i) REQUIRE(store.Add(noise, i, 1).ok());
  CHECK(store.samples() == 0);
}

TEST_CASE("SeriesStore: the bound on samples is an error that names it", "[replay]") {
  signals::SeriesFilter filter({}, true);
  SeriesStore store(filter, 2);
  const auto a = store.Series(kA);
  REQUIRE(store.Add(a, 1, 1).ok());
  REQUIRE(store.Add(a, 2, 1).ok());
  const auto status = store.Add(a, 3, 1);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == ErrorCode::kResourceExhausted);
  CHECK_THAT(status.error().message, Catch::Matchers::Contains("more than 2 samples"));
}

}  // namespace
}  // namespace quell::replay
