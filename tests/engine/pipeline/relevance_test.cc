#include "engine/pipeline/relevance.h"

#include <catch2/catch.hpp>

namespace quell::pipeline {
namespace {

using detectors::SignalKind;
constexpr DurationMs kInterval = 30 * kSecondMs;

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
  for (int i = 0; i < 20; ++i) relevance.Observe(SignalKind::kRatio, Requests(4, 12), 0, kInterval);
  CHECK(relevance.FewRequests(0, kInterval));
  for (int i = 0; i < 20; ++i)
    relevance.Observe(SignalKind::kRatio, Requests(20, 60), 0, kInterval);
  CHECK_FALSE(relevance.FewRequests(0, kInterval));
  // Twelve a point are many where a point is ten seconds.
  Relevance fast;
  for (int i = 0; i < 20; ++i) fast.Observe(SignalKind::kRatio, Requests(4, 12), 0, kInterval);
  CHECK_FALSE(fast.FewRequests(0, 10 * kSecondMs));
}

TEST_CASE("Relevance: where nearly all of few requests fail they are enough", "[pipeline]") {
  Relevance relevance;
  for (int i = 0; i < 20; ++i) relevance.Observe(SignalKind::kRatio, Requests(0, 3), 0, kInterval);
  CHECK(relevance.FewRequests(0, kInterval));
  relevance.Observe(SignalKind::kRatio, Requests(3, 3), 0, kInterval);
  CHECK(relevance.FewRequests(0, kInterval));  // three say little
  relevance.Observe(SignalKind::kRatio, Requests(2, 2), 0, kInterval);
  CHECK_FALSE(relevance.FewRequests(0, kInterval));
  relevance.Observe(SignalKind::kRatio, Requests(0, 0), 0, kInterval);  // nobody paid: says nothing
  CHECK_FALSE(relevance.FewRequests(0, kInterval));
  relevance.Observe(SignalKind::kRatio, Requests(0, 3), 0, kInterval);
  CHECK(relevance.FewRequests(0, kInterval));
}

TEST_CASE("Relevance: latency is told by the latest requests together", "[pipeline]") {
  Relevance relevance;
  CHECK_NOTHROW(relevance.Observe(SignalKind::kQuantile, Requests(0, 100), 0.5, kInterval));
  for (int i = 0; i < 20; ++i)
    relevance.Observe(SignalKind::kQuantile, Requests(5, 100), 0.5, kInterval);
  relevance.Observe(SignalKind::kQuantile, Requests(5, 10), 0.8, kInterval);  // ten slow ones
  CHECK(relevance.HardlySlower(0, 0.5));
  relevance.Observe(SignalKind::kQuantile, Requests(50, 100), 1.5, kInterval);
  CHECK_FALSE(relevance.HardlySlower(0, 0.5));
}

TEST_CASE("Relevance: traffic that all but stops need not do so abruptly", "[pipeline]") {
  CHECK(Relevance::AbruptWithin(Volume(0.05, 1), kInterval) == 0);
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kInterval) == 16);
  CHECK(Relevance::AbruptWithin(Volume(3, 1), kInterval) == 16);
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kHourMs) == 3);
  CHECK(Relevance::AbruptWithin(Volume(0.5, 1), kSecondMs) == 24);
  CHECK(Relevance::LastingPoints(kMinuteMs) == 20);
  CHECK(Relevance::LastingPoints(kSecondMs) == 60);
}

TEST_CASE("Relevance: a volume must itself have changed, not only what is expected", "[pipeline]") {
  const auto at = [](double per_second) {
    detectors::Point point;
    point.value = per_second;
    return point;
  };
  Relevance relevance;
  for (int i = 0; i < 60; ++i) relevance.Observe(SignalKind::kRate, at(10), 0, kInterval);
  CHECK(relevance.HardlyChanged(Volume(10, 25)));  // the full hour expects more
  relevance.Observe(SignalKind::kRate, at(4), 0, kInterval);
  CHECK_FALSE(relevance.HardlyChanged(Volume(4, 10)));
  CHECK(relevance.HardlyChanged(Volume(4, 1)));  // a surge does not fall
  // An hour's way down to half: never much within minutes.
  Relevance slow;
  double level = 10;
  for (int i = 0; i < 120; ++i) {
    slow.Observe(SignalKind::kRate, at(level), 0, kInterval);
    level -= 5.0 / 120;
  }
  CHECK(slow.HardlyChanged(Volume(level, 10)));
}

TEST_CASE("Relevance: saved and loaded it says the same", "[pipeline]") {
  Relevance relevance;
  for (int i = 0; i < 5; ++i) relevance.Observe(SignalKind::kRatio, Requests(4, 5), 0, kInterval);
  ByteWriter out;
  relevance.Save(out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  Relevance loaded;
  loaded.Load(in);
  REQUIRE(in.ok());
  CHECK(loaded.FewRequests(0, kInterval) == relevance.FewRequests(0, kInterval));
  relevance.Observe(SignalKind::kRatio, Requests(1, 5), 0, kInterval);
  loaded.Observe(SignalKind::kRatio, Requests(1, 5), 0, kInterval);
  ByteWriter a, b;
  relevance.Save(a);
  loaded.Save(b);
  CHECK(a.Take() == b.Take());
}

}  // namespace
}  // namespace quell::pipeline
