// What becomes the new normal, and when.
#include <catch2/catch.hpp>
#include <cmath>

#include "bank_driver.h"

namespace quell::detectors {
namespace {

constexpr DurationMs kTrained = 8 * kDayMs + 14 * kHourMs;  // to an afternoon

// One signal, stepped by hand; `change` alters its points.
class Single {
 public:
  Single(const SimulatedShape& shape, std::uint64_t seed, const Policy& policy = {})
      : signal_(shape, seed) {
    SignalSpec spec;
    spec.kind = shape.kind;
    spec.interval_ms = shape.interval_ms;
    spec.policy = policy;
    bank_.AddSignal(spec);
  }
  const Verdict& Step(double factor, double times = 1, double plus = 0) {
    now_ += 30 * kSecondMs;
    Point point = signal_.Next(0, now_, factor);
    if (plus != 0 || times != 1) point.value = point.value * times + plus;
    bank_.Observe(now_, {&point, 1}, {&verdict_, 1});
    return verdict_;
  }
  [[nodiscard]] TimeMs next() const { return now_ + 30 * kSecondMs; }
  [[nodiscard]] DetectorBank& bank() { return bank_; }

 private:
  DetectorBank bank_ = *DetectorBank::Create({});
  SimulatedSignal signal_;
  TimeMs now_ = kDriverStart;
  Verdict verdict_;
};

constexpr int kDay = 2880;  // steps

}  // namespace

TEST_CASE("Adoption: a shift of thin lanes is adopted though it seems to pause", "[detectors]") {
  // Evidence comes and goes on few requests; the level that it is about does not.
  constexpr int kLanes = 8;
  int adopted = 0;
  for (std::uint64_t lane = 0; lane < kLanes; ++lane) {
    BankDriver driver({}, 2000 + lane);
    driver.Add(ShapeOf(SignalKind::kQuantile, 40));
    driver.Run(kTrained);
    driver.Run(5 * kHourMs, 2.3);
    const double expected = driver.bank().Expect(0, driver.now()).expected;
    INFO("expected " << expected);
    CHECK(expected < 0.25);
    adopted += expected > 0.085 ? 1 : 0;
  }
  CHECK(adopted >= kLanes - 1);
}

TEST_CASE("Adoption: an adopted shift can be undone, and is not adopted again for a day",
          "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRatio, 2000));
  driver.Run(kTrained);
  AdoptedShift adopted;
  driver.Run(5 * kHourMs, 4, [&](TimeMs, const std::vector<Verdict>&) {
    for (const AdoptedShift& shift : driver.bank().Adopted()) adopted = shift;
  });
  REQUIRE(adopted.since != 0);
  CHECK(adopted.from == Approx(0.015).epsilon(0.4));
  CHECK(adopted.to == Approx(0.06).epsilon(0.35));
  driver.bank().UndoAdoption(0, adopted.shift, adopted.variance);
  CHECK(driver.bank().Expect(0, driver.now()).expected == Approx(adopted.from).epsilon(0.3));
  bool again = false;
  double oddest = 1;
  driver.Run(8 * kHourMs, 4, [&](TimeMs, const std::vector<Verdict>& verdicts) {
    again = again || !driver.bank().Adopted().empty();
    oddest = std::min(oddest, verdicts[0].tail_probability);
  });
  CHECK_FALSE(again);
  CHECK(oddest < 1e-6);
  CHECK(driver.verdict(0).expected < 0.03);
}

TEST_CASE("Adoption: noise that grew for good is ordinary from the second day on", "[detectors]") {
  SimulatedShape shape = ShapeOf(SignalKind::kGauge, 0);
  shape.base = 100;
  shape.noise_sd = shape.day_sd = 0;
  Single single(shape, 3);
  Random random(7);
  double narrow = 0;
  for (int i = 0; i < 12 * kDay; ++i) {
    const bool grown = i >= 8 * kDay;
    const Verdict& v = single.Step(1, std::exp((grown ? 0.15 : 0.05) * random.Normal()));
    if (i == 8 * kDay - 1) narrow = v.band_high - v.band_low;
    if (i >= 9 * kDay) CHECK(v.tail_probability > 1e-6);
  }
  const DetectorBank::Band band = single.bank().Expect(0, single.next());
  CHECK(band.high - band.low > 2 * narrow);
}

TEST_CASE("Adoption: a nightly peak that moved by an hour is expected there from the fourth day on",
          "[detectors]") {
  for (const SignalKind kind : {SignalKind::kGauge, SignalKind::kRate}) {
    SimulatedShape shape = ShapeOf(kind, 2000);
    shape.day_sd = 0.02;
    Single single(shape, 5);
    double old_hour = 0;
    double new_hour = 0;
    const auto run = [&](int days, int hour) {
      for (int i = 0; i < days * kDay; ++i) {
        const auto minute = static_cast<int>(single.next() % kDayMs / kMinuteMs);
        const bool peak = minute >= hour * 60 && minute < hour * 60 + 30;
        const Verdict& v = single.Step(peak ? 4 : 1);
        const double share = v.expected / v.value * (peak ? 4 : 1);  // of the ordinary level
        if (minute == 2 * 60 + 15) old_hour = share;
        if (minute == 3 * 60 + 15) new_hour = share;
      }
    };
    INFO("kind " << static_cast<int>(kind));
    run(12, 2);
    CHECK(old_hour > 2.5);
    CHECK(new_hour < 1.5);
    run(2, 3);  // two exceptions are none to learn from
    CHECK(old_hour > 2.5);
    CHECK(new_hour < 1.5);
    run(2, 3);
    CHECK(old_hour < 2);
    CHECK(new_hour > 2.5);
  }
}

TEST_CASE("Adoption: failures that recur at a time of day are not taken for routine",
          "[detectors]") {
  Single single(ShapeOf(SignalKind::kRatio, 2000), 5);
  double expected = 0;
  for (int i = 0; i < 14 * kDay; ++i) {
    const auto minute = static_cast<int>(single.next() % kDayMs / kMinuteMs);
    const bool failing = i > 8 * kDay && minute >= 720 && minute < 750;
    const Verdict& v = single.Step(failing ? 8 : 1);
    if (minute == 735) expected = v.expected;
  }
  CHECK(expected < 0.03);
}

TEST_CASE("Gauge: a queue that grows steadily is caught long before a static limit",
          "[detectors]") {
  // A queue of about twenty; a limit of ten times that would be usual.
  for (const double each_minute : {1.0, 3.0, 10.0}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      SimulatedShape shape = ShapeOf(SignalKind::kGauge, 0);
      shape.base = 20;
      shape.noise_sd = 0.3;
      Single single(shape, seed, {Direction::kUp, 0, 0.5});
      for (int i = 0; i < 8 * kDay + kDay / 2; ++i) single.Step(1);
      double caught_at = 0;
      for (int i = 1; i <= 400 && caught_at == 0; ++i) {
        const Verdict& v = single.Step(1, 1, each_minute * i / 2);
        if (v.reason == VerdictReason::kAnomalous && v.tail_probability < 1e-6) caught_at = v.value;
      }
      INFO(each_minute << " a minute, seed " << seed << ": " << caught_at);
      CHECK(caught_at > 0);
      CHECK(caught_at < 160);
    }
  }
}

}  // namespace quell::detectors
