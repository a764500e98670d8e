#include "detectors/bank.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "bank_driver.h"

namespace quell::detectors {
namespace {

constexpr DurationMs kTrained = 8 * kDayMs + 14 * kHourMs;  // to an afternoon

int Delay(SignalKind kind, double peak, double factor, double odds) {
  BankDriver driver;
  for (std::uint32_t i = 0; i < 4; ++i) driver.Add(ShapeOf(kind, peak), {}, i);
  driver.Run(kTrained);
  return driver.StepsToDetect(factor, odds, 60);
}

}  // namespace

TEST_CASE("Bank: an option out of range is refused by name", "[detectors]") {
  const auto bank = DetectorBank::Create({.forest_trees = 0});
  REQUIRE_FALSE(bank.ok());
  CHECK(bank.error().code == ErrorCode::kOutOfRange);
  CHECK(bank.error().message.find("forest_trees") != std::string::npos);
  CHECK_FALSE(DetectorBank::Create({.fast_half_life_ms = 0}).ok());
}

TEST_CASE("Bank: outages are caught in one or two steps", "[detectors]") {
  CHECK(Delay(SignalKind::kRatio, 2000, 20, 1e-7) <= 1);
  CHECK(Delay(SignalKind::kRatio, 200, 30, 1e-7) <= 2);
  CHECK(Delay(SignalKind::kRate, 200, 0, 1e-7) <= 2);
  CHECK(Delay(SignalKind::kQuantile, 2000, 10, 1e-7) <= 1);
  CHECK(Delay(SignalKind::kGauge, 0, 4, 1e-7) <= 2);
}

TEST_CASE("Bank: smaller incidents are caught within minutes", "[detectors]") {
  CHECK(Delay(SignalKind::kRatio, 2000, 4, 1e-6) <= 10);
  CHECK(Delay(SignalKind::kRatio, 200, 10, 1e-6) <= 10);
  CHECK(Delay(SignalKind::kRate, 2000, 0.5, 1e-6) <= 10);
  CHECK(Delay(SignalKind::kQuantile, 2000, 4, 1e-6) <= 6);
  CHECK(Delay(SignalKind::kGauge, 0, 2.5, 1e-6) <= 8);
}

TEST_CASE("Bank: the verdict names value, band, direction and the agreeing detectors",
          "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRatio, 2000));
  driver.Run(kTrained);
  const Verdict calm = driver.verdict(0);
  CHECK(calm.expected == Approx(0.015).epsilon(0.4));
  CHECK(calm.band_low < calm.expected);
  CHECK(calm.band_high > calm.expected);
  driver.Run(2 * kMinuteMs, 10);
  const Verdict& v = driver.verdict(0);
  CHECK(v.reason == VerdictReason::kAnomalous);
  CHECK(v.deviation_sign == 1);
  CHECK(v.value > v.band_high);
  CHECK(v.tail[static_cast<size_t>(DetectorId::kSeasonal)] < 1e-4);
  CHECK(v.tail[static_cast<size_t>(DetectorId::kEwmaFast)] < 1e-4);
  CHECK(driver.bank().EstimatedOnset(0) >= driver.now() - 150 * kSecondMs);
  CHECK(driver.bank().EstimatedOnset(0) <= driver.now() - 60 * kSecondMs);
  CHECK(driver.bank().RecentZ(0).back() == Approx(v.z));
  CHECK(driver.bank().RecentZ(0).size() == 64);
}

TEST_CASE("Bank: with little history it says so, and falls back on the static limit",
          "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRatio, 2000), {}, 0, 0.10);
  bool early = false;
  driver.Run(90 * kMinuteMs, 1, [&](TimeMs, const std::vector<Verdict>& verdicts) {
    early = early || verdicts[0].reason != VerdictReason::kInsufficientEvidence;
  });
  CHECK_FALSE(early);
  driver.Run(kMinuteMs, 20);
  CHECK(driver.verdict(0).reason == VerdictReason::kStaticLimit);
  CHECK(driver.verdict(0).deviation_sign == 1);
}

TEST_CASE("Bank: a few requests over the static limit are no evidence, many together are",
          "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRatio, 4), {}, 0, 0.25);
  std::vector<double> surprises;
  const auto note = [&](TimeMs, const std::vector<Verdict>& verdicts) {
    if (verdicts[0].reason == VerdictReason::kStaticLimit) {
      surprises.push_back(-std::log(verdicts[0].tail_probability));
    }
  };
  driver.Run(30 * kMinuteMs, 12, note);  // about one in five fails
  for (const double surprise : surprises) CHECK(surprise < 12);
  surprises.clear();
  driver.Run(kHourMs, 1000, note);  // all of them
  REQUIRE_FALSE(surprises.empty());
  CHECK(*std::max_element(surprises.begin(), surprises.end()) > 16);
}

TEST_CASE("Bank: a queue that is empty now and then is odd when it grows, not when it is empty",
          "[detectors]") {
  auto bank = *DetectorBank::Create({});
  SignalSpec spec;
  spec.kind = SignalKind::kGauge;
  spec.policy = {Direction::kUp, 0, 0.5};
  const Slot slot = bank.AddSignal(spec);
  Random random(5);
  TimeMs now = 1'800'000'000'000;
  Verdict verdict;
  const auto step = [&](double value) {
    now += spec.interval_ms;
    const Point point{.slot = slot, .value = value, .n = 1};
    bank.Observe(now, {&point, 1}, {&verdict, 1});
  };
  double oddest = 1;
  for (int i = 0; i < 8 * 2880; ++i) {
    const double depth = std::floor(4 * std::exp(0.9 * random.Normal()));  // 0 one time in 16
    step(depth);
    if (depth == 0 && i > 2880) oddest = std::min(oddest, verdict.tail_probability);
  }
  CHECK(oddest > 1e-4);
  for (int i = 1; i <= 12; ++i) step(250.0 * i);
  CHECK(verdict.reason == VerdictReason::kAnomalous);
  CHECK(verdict.tail_probability < 1e-9);
}

TEST_CASE("Bank: a volume can be held against another usual", "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRate, 2000));
  driver.Run(kTrained);
  driver.Run(7 * kMinuteMs, 0.5);
  const auto under = [&driver](double factor) {
    return driver.bank().TailUnder(driver.point(0), driver.now(), {factor, factor});
  };
  CHECK(driver.verdict(0).tail_probability < 1e-5);
  CHECK(under(0.9) < 1e-4);
  CHECK(under(0.5) > 1e-2);
  CHECK(under(0.3) > 1e-2);  // off to the other side is no evidence of this one
}

TEST_CASE("Bank: policy bars the wrong direction and small deviations", "[detectors]") {
  BankDriver down;
  down.Add(ShapeOf(SignalKind::kRatio, 2000), {.direction = Direction::kDown});
  down.Run(kTrained);
  down.Run(3 * kMinuteMs, 10);
  CHECK(down.verdict(0).reason == VerdictReason::kWrongDirection);
  BankDriver small;
  small.Add(ShapeOf(SignalKind::kRatio, 2000), {.min_abs_deviation = 0.5});
  small.Run(kTrained);
  small.Run(3 * kMinuteMs, 10);
  CHECK(small.verdict(0).reason == VerdictReason::kBelowMinDeviation);
}

TEST_CASE("Bank: a frozen slot does not learn the incident", "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRatio, 2000));
  driver.Run(kTrained);
  const double before = driver.verdict(0).expected;
  driver.bank().SetFrozen(0, true);
  driver.Run(2 * kHourMs, 10);
  CHECK(driver.verdict(0).expected == Approx(before).epsilon(0.15));
  CHECK(driver.verdict(0).reason == VerdictReason::kAnomalous);
  driver.bank().SetFrozen(0, false);
  driver.Run(15 * kMinuteMs);
  CHECK(driver.verdict(0).tail_probability > 1e-3);
}

TEST_CASE("Bank: a lasting shift is adopted after the stated time, and said so", "[detectors]") {
  BankDriver driver({.adopt_after_ms = 2 * kHourMs});
  driver.Add(ShapeOf(SignalKind::kRatio, 2000));
  driver.Run(kTrained);
  driver.bank().SetFrozen(0, true);
  const TimeMs start = driver.now();
  TimeMs adopted = 0;
  driver.Run(6 * kHourMs, 4, [&](TimeMs at, const std::vector<Verdict>&) {
    if (!driver.bank().Adopted().empty()) adopted = at;
  });
  REQUIRE(adopted > 0);
  CHECK(adopted - start >= 2 * kHourMs);
  CHECK(adopted - start <= 4 * kHourMs);
  CHECK(driver.verdict(0).expected == Approx(0.06).epsilon(0.35));
  CHECK(driver.verdict(0).reason == VerdictReason::kNormal);
}

TEST_CASE("Bank: a total stop is not adopted as the new normal", "[detectors]") {
  BankDriver driver({.adopt_after_ms = 2 * kHourMs});
  driver.Add(ShapeOf(SignalKind::kRate, 200));
  driver.Run(kTrained);
  driver.bank().SetFrozen(0, true);
  driver.Run(6 * kHourMs, 0,
             [&](TimeMs, const std::vector<Verdict>&) { CHECK(driver.bank().Adopted().empty()); });
  CHECK(driver.verdict(0).reason == VerdictReason::kAnomalous);
}

TEST_CASE("Bank: after an incident the verdicts calm down within minutes", "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRatio, 200));
  driver.Run(kTrained);
  driver.Run(3 * kMinuteMs, 20);
  driver.bank().SetFrozen(0, true);
  driver.Run(20 * kMinuteMs, 20);
  driver.Run(10 * kMinuteMs);
  CHECK(driver.verdict(0).tail_probability > 1e-3);
}

TEST_CASE("Bank: a routine deviation is learned for its time of day", "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRate, 2000), {.direction = Direction::kUp});
  driver.Run(kTrained);
  const double before = driver.verdict(0).expected;
  driver.bank().SetRoutine(0);
  driver.Run(30 * kMinuteMs, 3);
  driver.bank().SetFrozen(0, false);
  driver.Run(kDayMs - 15 * kMinuteMs);
  CHECK(driver.verdict(0).expected > 1.6 * before);
  driver.Run(2 * kMinuteMs, 3);
  CHECK(driver.verdict(0).tail_probability > 1e-6);
}

TEST_CASE("Bank: a constant gauge is calm, and a large step of it is not", "[detectors]") {
  auto bank = DetectorBank::Create({});
  const Slot slot = bank->AddSignal({.kind = SignalKind::kGauge, .interval_ms = kMinuteMs});
  Verdict verdict;
  TimeMs at = kDriverStart;
  for (int i = 0; i < 3000; ++i) {
    const Point point{.slot = slot, .value = 100};
    bank->Observe(at += kMinuteMs, {&point, 1}, {&verdict, 1});
    REQUIRE(std::isfinite(verdict.z));
    REQUIRE(verdict.tail_probability > 0.01);
  }
  const Point half{.slot = slot, .value = 50};
  bank->Observe(at + kMinuteMs, {&half, 1}, {&verdict, 1});
  CHECK(verdict.reason == VerdictReason::kAnomalous);
  CHECK(verdict.tail_probability < 1e-8);
}

TEST_CASE("Bank: wild numbers stay finite", "[detectors]") {
  auto bank = DetectorBank::Create({});
  for (const SignalKind kind : {SignalKind::kRatio, SignalKind::kRate, SignalKind::kGauge}) {
    bank->AddSignal({.kind = kind, .interval_ms = kMinuteMs});
  }
  Random random(3);
  std::vector<Verdict> verdicts(3);
  for (int i = 1; i < 5000; ++i) {
    const double size = std::pow(10, 30 * random.Uniform() - 15);
    const double n = std::floor(1e9 * random.Uniform() * random.Uniform());
    const std::vector<Point> points = {
        {0, 0, std::floor(n * random.Uniform()), n, 60},
        {1, 0, n, n, 60},
        {2, random.Uniform() < 0.5 ? size : -size, 0, 0, 0},
    };
    bank->Observe(kDriverStart + i * kMinuteMs, points, verdicts);
    for (const Verdict& v : verdicts) {
      for (const double x : {v.tail_probability, v.z, v.expected, v.band_low, v.band_high,
                             v.tail[0], v.tail[1], v.tail[2], v.tail[3]}) {
        REQUIRE(std::isfinite(x));
      }
      REQUIRE(v.tail_probability > 0);
      REQUIRE(v.tail_probability <= 1);
    }
  }
}

}  // namespace quell::detectors
