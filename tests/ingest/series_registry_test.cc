#include "ingest/series_registry.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/ingest/registry_support.h"

namespace quell::ingest {
namespace {

constexpr TimeMs kStart = 1755856800000;

Labels Named(const std::string& metric, int number) {
  return Labels{{"__name__", metric}, {"n", std::to_string(number)}};
}

// Looks a series up as a request would: its raw form is its text.
Status See(SeriesRegistry& registry, const Labels& labels, TimeMs now, KeptSeries*& kept,
           const std::string& raw_form = "") {
  SeriesRegistry::Session session(registry, now);
  const Hash128 key = registry.Key(raw_form + labels.ToString(), SeriesType::kFloat);
  if (session.Find(key, kept)) return Ok{};
  return session.Add(key, SeriesRegistry::Form::kRaw, labels, SeriesType::kFloat, kept);
}

KeptSeries* MustSee(SeriesRegistry& registry, const Labels& labels, TimeMs now = kStart,
                    const std::string& raw_form = "") {
  KeptSeries* kept = nullptr;
  const Status seen = See(registry, labels, now, kept, raw_form);
  if (!seen.ok()) FAIL(seen.error().message);
  return kept;
}

TEST_CASE("Registry: the policy is asked once a series", "[ingest]") {
  PrefixPolicy policy("pay");
  SeriesRegistry registry({}, policy, 1);
  KeptSeries* kept = MustSee(registry, Named("pay", 1));
  REQUIRE(kept != nullptr);
  CHECK(MustSee(registry, Named("pay", 1)) == kept);
  CHECK(MustSee(registry, Named("go", 1)) == nullptr);
  CHECK(MustSee(registry, Named("go", 1)) == nullptr);
  CHECK(policy.asked == 2);
  CHECK(registry.counters().live == 2);
  CHECK(registry.counters().kept == 1);
}

TEST_CASE("Registry: several raw forms of the same labels are one series", "[ingest]") {
  PrefixPolicy policy;
  SeriesRegistry registry({}, policy, 1);
  KeptSeries* first = MustSee(registry, Named("pay", 1), kStart, "v1");
  CHECK(MustSee(registry, Named("pay", 1), kStart, "v2") == first);
  CHECK(MustSee(registry, Named("pay", 2), kStart, "v2") != first);
}

TEST_CASE("Registry: grows and still finds every series", "[ingest]") {
  PrefixPolicy policy;
  SeriesRegistry registry({}, policy, 1);
  std::vector<KeptSeries*> kept;
  for (int i = 0; i < 20000; ++i) kept.push_back(MustSee(registry, Named("m", i)));
  for (int i = 0; i < 20000; ++i) {
    if (MustSee(registry, Named("m", i)) != kept[static_cast<size_t>(i)]) FAIL(i);
  }
  CHECK(policy.asked == 20000);
}

TEST_CASE("Registry: new series above live_series_max are refused, known ones are not",
          "[ingest]") {
  PrefixPolicy policy("pay");
  SeriesLimits limits;
  limits.series_max = 3;
  SeriesRegistry registry(limits, policy, 1);
  for (int i = 0; i < 2; ++i) MustSee(registry, Named("pay", i));
  MustSee(registry, Named("go", 0));  // series that no signal uses count, too
  KeptSeries* kept = nullptr;
  const Status refused = See(registry, Named("pay", 9), kStart, kept);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::kResourceExhausted);
  CHECK(refused.error().message ==
        "a new series is refused: there are 3 live series, the limit is live_series_max");
  CHECK(MustSee(registry, Named("pay", 1)) != nullptr);
  CHECK(registry.counters().refused == 1);
}

TEST_CASE("Registry: one metric's flood leaves room for the others", "[ingest]") {
  PrefixPolicy policy;
  SeriesLimits limits;
  limits.series_per_metric_max = 2;
  SeriesRegistry registry(limits, policy, 1);
  MustSee(registry, Named("flood", 1));
  MustSee(registry, Named("flood", 2));
  KeptSeries* kept = nullptr;
  const Status refused = See(registry, Named("flood", 3), kStart, kept);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message ==
        "a new series is refused: metric \"flood\" has 2 live series, the limit is "
        "live_series_per_metric_max");
  MustSee(registry, Named("other", 1));
  CHECK(registry.counters().refused_of_metric == 1);
}

TEST_CASE("Registry: an idle series makes room, and its number rests before it is used again",
          "[ingest]") {
  PrefixPolicy policy;
  SeriesLimits limits;
  limits.series_max = 2;
  limits.idle_ms = 30 * kMinuteMs;
  SeriesRegistry registry(limits, policy, 1);
  KeptSeries* idle = MustSee(registry, Named("m", 1));
  const std::uint32_t idle_id = idle->id;
  MustSee(registry, Named("m", 2));
  TimeMs now = kStart + 20 * kMinuteMs;
  MustSee(registry, Named("m", 2), now);
  KeptSeries* kept = nullptr;
  CHECK_FALSE(See(registry, Named("m", 3), now, kept).ok());
  now = kStart + 40 * kMinuteMs;
  MustSee(registry, Named("m", 2), now);
  CHECK(MustSee(registry, Named("m", 3), now)->id != idle_id);
  CHECK(registry.counters().live == 2);
  CHECK(registry.counters().expired == 1);
  // Half an hour on, both places are free, and the resting number is rested.
  now = kStart + 80 * kMinuteMs;
  KeptSeries* reborn = MustSee(registry, Named("m", 4), now);
  CHECK(reborn->id == idle_id);
  CHECK(reborn->defined_epoch == 0);
  CHECK(reborn->definition.find('4') != std::string::npos);
}

TEST_CASE("Registry: a clock that jumps back refuses and expires nothing", "[ingest]") {
  PrefixPolicy policy;
  SeriesRegistry registry({}, policy, 1);
  MustSee(registry, Named("m", 1), kStart);
  MustSee(registry, Named("m", 2), kStart - 5 * kHourMs);
  MustSee(registry, Named("m", 3), kStart + kMinuteMs);
  CHECK(registry.counters().live == 3);
}

TEST_CASE("Registry: threads that meet the same new series agree on it", "[ingest]") {
  PrefixPolicy policy;
  SeriesRegistry registry({}, policy, 1);
  constexpr int kSeries = 500;
  std::vector<std::vector<KeptSeries*>> seen(4);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&registry, &mine] {
      for (int i = 0; i < kSeries; ++i) {
        KeptSeries* kept = nullptr;
        if (See(registry, Named("m", i), kStart, kept).ok()) mine.push_back(kept);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : seen) CHECK(mine == seen[0]);
  CHECK(registry.counters().live == kSeries);
}

}  // namespace
}  // namespace quell::ingest
