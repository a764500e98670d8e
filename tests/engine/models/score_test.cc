#include "engine/models/score.h"

#include <catch2/catch.hpp>

namespace quell::models {
namespace {

using detectors::SignalKind;
using detectors::VerdictReason;

constexpr double kThreshold = 1e-4;

pipeline::Reading Usual() { return {.value = 0.02, .expected = 0.02, .low = 0.01, .high = 0.03}; }

signals::SignalPolicy Policy(SignalKind kind = SignalKind::kRatio) {
  signals::SignalDef def;
  def.kind = kind;
  signals::ApplyKindDefaults(def);
  return signals::PolicyOf(def);
}

Scored Score(double value, double requests = 0, const signals::SignalPolicy& policy = Policy()) {
  return ScoreAgainst({value, requests}, SignalKind::kRatio, Usual(), policy, kThreshold);
}

TEST_CASE("Score: the odds of a value are those of its place in the expected band", "[models]") {
  CHECK(Score(0.02).tail_probability == Approx(1));
  CHECK(Score(0.03).tail_probability ==
        Approx(0.01).epsilon(0.02));  // the band is the central 99 %
  CHECK(Score(0.01).tail_probability == Approx(0.01).epsilon(0.02));
  const Scored far = Score(0.3);
  CHECK(far.tail_probability < 1e-100);
  CHECK(far.anomalous);
  CHECK(far.reason == VerdictReason::kAnomalous);
  CHECK(far.fallback == Fallback::kNone);
  CHECK(far.reading.expected == 0.02);
  CHECK(far.reading.value == 0.3);
}

TEST_CASE("Score: a share of few requests is held against their chance", "[models]") {
  CHECK(Score(0.1).anomalous);
  CHECK(Score(0.1, 10000).anomalous);
  const Scored few = Score(0.1, 10);  // one of ten
  CHECK_FALSE(few.anomalous);
  CHECK(few.reason == VerdictReason::kNormal);
  CHECK(few.tail_probability > kThreshold);
}

TEST_CASE("Score: what the policy does not ask for is no anomaly, its limits always are",
          "[models]") {
  CHECK(Score(0.0).reason == VerdictReason::kWrongDirection);
  pipeline::Reading narrow{.value = 0, .expected = 0.02, .low = 0.0199, .high = 0.0201};
  const auto score = [&](double value, const signals::SignalPolicy& policy) {
    return ScoreAgainst({value, 0}, SignalKind::kRatio, narrow, policy, kThreshold);
  };
  CHECK(score(0.01, Policy()).reason == VerdictReason::kWrongDirection);
  CHECK(score(0.025, Policy()).reason == VerdictReason::kBelowMinDeviation);
  auto capped = Policy();
  capped.rules.ceiling = 0.021;
  CHECK(score(0.0215, capped).reason == VerdictReason::kBeyondLimit);
  CHECK(score(0.0215, capped).anomalous);
}

TEST_CASE("Score: no band is no division by it; the same as expected is nothing", "[models]") {
  const pipeline::Reading flat{.value = 5, .expected = 5, .low = 5, .high = 5};
  const auto policy = Policy(SignalKind::kGauge);
  CHECK(ScoreAgainst({5, 0}, SignalKind::kGauge, flat, policy, kThreshold).tail_probability ==
        Approx(1));
  const Scored off = ScoreAgainst({9, 0}, SignalKind::kGauge, flat, policy, kThreshold);
  CHECK(off.anomalous);
  CHECK(off.tail_probability > 0);
}

TEST_CASE("Score: the rules are the ceiling, the floor and the static limit", "[models]") {
  const Scored above = ScoreByRules({0.26, 0}, Policy(), Fallback::kCold);
  CHECK(above.anomalous);
  CHECK(above.reason == VerdictReason::kStaticLimit);
  CHECK(above.fallback == Fallback::kCold);
  CHECK(above.tail_probability == 1);
  CHECK(ScoreByRules({0.25, 0}, Policy(), Fallback::kCold).reason == VerdictReason::kNormal);
  const Scored none = ScoreByRules({1e9, 0}, Policy(SignalKind::kRate), Fallback::kTooSlow);
  CHECK_FALSE(none.anomalous);
  CHECK(none.reason == VerdictReason::kInsufficientEvidence);
}

}  // namespace
}  // namespace quell::models
