#include "engine/pipeline/relevance.h"

#include <catch2/catch.hpp>

namespace quell::pipeline {
namespace {

using detectors::SignalKind;
constexpr DurationMs kInterval = 30 * kSecondMs;
const signals::AlertRules kRules;

detectors::Point Requests(double bad, double all) {
  detectors::Point point;
  point.k = bad;
  point.n = all;
  point.value = all > 0 ? bad / all : 0;
  return point;
}

detectors::Verdict Volume(double seen, double expected) {
  detectors::Verdict verdict;
  verdict.value = seen;
  verdict.expected = expected;
  verdict.deviation_sign = seen < expected ? -1 : 1;
  return verdict;
}

TEST_CASE("Relevance: some failures among few requests are few, among many are not", "[pipeline]") {
  Relevance relevance;
  for (int i = 0; i < 20; ++i)
    relevance.Observe(SignalKind::kRatio, Requests(4, 12), 0, kInterval, kRules);
  CHECK(relevance.LastingPoints(0, kInterval, kRules) == 40);
  for (int i = 0; i < 20; ++i)
    relevance.Observe(SignalKind::kRatio, Requests(20, 60), 0, kInterval, kRules);
  CHECK(relevance.LastingPoints(0, kInterval, kRules) == 0);
  // Twelve a point are many where a point is ten seconds.
  Relevance fast;
  for (int i = 0; i < 20; ++i)
    fast.Observe(SignalKind::kRatio, Requests(4, 12), 0, kInterval, kRules);
  CHECK(fast.LastingPoints(0, 10 * kSecondMs, kRules) == 0);
}

TEST_CASE("Relevance: spans are told in points, also where scrapes jitter", "[pipeline]") {
  CHECK(Relevance::PartialPoints(kInterval, kRules) == 3);
  CHECK(Relevance::PartialPoints(30'400, kRules) == 3);  // as it was measured
  CHECK(Relevance::PartialPoints(15 * kSecondMs, kRules) == 5);
  CHECK(Relevance::PartialPoints(kMinuteMs, kRules) == 2);
  CHECK(Relevance::PartialPoints(10, kRules) == 60);
  signals::AlertRules off;
  off.partial_lasting_ms = 0;
  CHECK(Relevance::PartialPoints(kInterval, off) == 0);
}

TEST_CASE("Relevance: where nearly all of few requests fail they are enough", "[pipeline]") {
  Relevance relevance;
  for (int i = 0; i < 20; ++i)
    relevance.Observe(SignalKind::kRatio, Requests(0, 3), 0, kInterval, kRules);
  CHECK(relevance.LastingPoints(0, kInterval, kRules) == 40);
  relevance.Observe(SignalKind::kRatio, Requests(3, 3), 0, kInterval, kRules);
  CHECK(relevance.LastingPoints(0, kInterval, kRules) == 40);  // three say little
  relevance.Observe(SignalKind::kRatio, Requests(2, 2), 0, kInterval, kRules);
  CHECK(relevance.LastingPoints(0, kInterval, kRules) == 0);
  relevance.Observe(SignalKind::kRatio, Requests(0, 0), 0, kInterval,
                    kRules);  // nobody paid: says nothing
  CHECK(relevance.LastingPoints(0, kInterval, kRules) == 0);
  relevance.Observe(SignalKind::kRatio, Requests(0, 3), 0, kInterval, kRules);
  CHECK(relevance.LastingPoints(0, kInterval, kRules) == 40);
}

TEST_CASE("Relevance: latency is told by the latest requests together", "[pipeline]") {
  Relevance relevance;
  CHECK_NOTHROW(relevance.Observe(SignalKind::kQuantile, Requests(0, 100), 0.5, kInterval, kRules));
  for (int i = 0; i < 20; ++i)
    relevance.Observe(SignalKind::kQuantile, Requests(5, 100), 0.5, kInterval, kRules);
  relevance.Observe(SignalKind::kQuantile, Requests(5, 10), 0.8, kInterval,
                    kRules);  // ten slow ones
  CHECK(relevance.HardlySlower(0, 0.5, kRules));
  relevance.Observe(SignalKind::kQuantile, Requests(50, 100), 1.5, kInterval, kRules);
  CHECK_FALSE(relevance.HardlySlower(0, 0.5, kRules));
}

TEST_CASE("Relevance: traffic that all but stops need not do so abruptly", "[pipeline]") {
  CHECK(Relevance::AbruptWithin(Volume(0.05, 1), kInterval, kRules) == 0);
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kInterval, kRules) == 16);
  CHECK(Relevance::AbruptWithin(Volume(3, 1), kInterval, kRules) == 16);
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kHourMs, kRules) == 3);
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kSecondMs, kRules) == 24);
  Relevance relevance;
  relevance.Observe(SignalKind::kRatio, Requests(0, 0), 0, kInterval, kRules);
  CHECK(relevance.LastingPoints(0, kMinuteMs, kRules) == 20);
  CHECK(relevance.LastingPoints(0, kSecondMs, kRules) == 60);
}

TEST_CASE("Relevance: a volume must itself have changed, not only what is expected", "[pipeline]") {
  const auto at = [](double per_second) {
    detectors::Point point;
    point.value = per_second;
    return point;
  };
  Relevance relevance;
  for (int i = 0; i < 60; ++i) relevance.Observe(SignalKind::kRate, at(10), 0, kInterval, kRules);
  CHECK(relevance.HardlyChanged(Volume(10, 25)));  // the full hour expects more
  relevance.Observe(SignalKind::kRate, at(4), 0, kInterval, kRules);
  CHECK_FALSE(relevance.HardlyChanged(Volume(4, 10)));
  CHECK(relevance.HardlyChanged(Volume(4, 1)));  // a surge does not fall
  // An hour's way down to half: never much within minutes.
  Relevance slow;
  double level = 10;
  for (int i = 0; i < 120; ++i) {
    slow.Observe(SignalKind::kRate, at(level), 0, kInterval, kRules);
    level -= 5.0 / 120;
  }
  CHECK(slow.HardlyChanged(Volume(level, 10)));
}

TEST_CASE("Relevance: each rule has its number, and 0 switches it off", "[pipeline]") {
  Relevance relevance;
  for (int i = 0; i < 20; ++i)
    relevance.Observe(SignalKind::kRatio, Requests(4, 12), 0, kInterval, kRules);
  for (int i = 0; i < 20; ++i) {
    detectors::Point point = Requests(5, 100);
    point.slot = 1;
    relevance.Observe(SignalKind::kQuantile, point, 0.5, kInterval, kRules);
  }
  signals::AlertRules rules;
  rules.few_requests_per_minute = 20;  // there are 24
  CHECK(relevance.LastingPoints(0, kInterval, rules) == 0);
  rules.few_requests_per_minute = 60;
  rules.few_requests_lasting_ms = 5 * kMinuteMs;
  CHECK(relevance.LastingPoints(0, kInterval, rules) == 10);
  rules.few_requests_lasting_ms = 0;
  CHECK(relevance.LastingPoints(0, kInterval, rules) == 0);
  rules.abrupt_within_ms = 4 * kMinuteMs;
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kInterval, rules) == 8);
  rules.abrupt_within_ms = 0;
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kInterval, rules) == 0);
  CHECK(relevance.HardlySlower(1, 0.45, rules));
  rules.latency_rise = 0.1;
  CHECK_FALSE(relevance.HardlySlower(1, 0.45, rules));
  CHECK(relevance.HardlySlower(1, 1, rules));
  rules.latency_rise = 0;
  CHECK_FALSE(relevance.HardlySlower(1, 1, rules));
}

TEST_CASE("Relevance: a limit is not held against a handful of requests", "[pipeline]") {
  Relevance relevance;
  relevance.Observe(SignalKind::kRatio, Requests(2, 2), 0, kInterval, kRules);
  CHECK_FALSE(relevance.Supported(0, SignalKind::kRatio, 1));
  CHECK(relevance.Supported(0, SignalKind::kGauge, 1));
  relevance.Observe(SignalKind::kRatio, Requests(3, 9), 0, kInterval, kRules);
  CHECK(relevance.Supported(0, SignalKind::kRatio, 1));
  relevance.Observe(SignalKind::kRatio, Requests(0, 9), 0, kInterval, kRules);
  CHECK_FALSE(relevance.Supported(0, SignalKind::kRatio, 1));
  CHECK(relevance.Supported(0, SignalKind::kRatio, -1));
}

TEST_CASE("Relevance: saved and loaded it says the same", "[pipeline]") {
  Relevance relevance;
  for (int i = 0; i < 5; ++i)
    relevance.Observe(SignalKind::kRatio, Requests(4, 5), 0, kInterval, kRules);
  ByteWriter out;
  relevance.Save(out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  Relevance loaded;
  loaded.Load(in);
  REQUIRE(in.ok());
  CHECK(loaded.LastingPoints(0, kInterval, kRules) ==
        relevance.LastingPoints(0, kInterval, kRules));
  relevance.Observe(SignalKind::kRatio, Requests(1, 5), 0, kInterval, kRules);
  loaded.Observe(SignalKind::kRatio, Requests(1, 5), 0, kInterval, kRules);
  ByteWriter a, b;
  relevance.Save(a);
  loaded.Save(b);
  CHECK(a.Take() == b.Take());
}

}  // namespace
}  // namespace quell::pipeline
