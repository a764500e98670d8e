// What becomes the new normal, and when.
#include <algorithm>
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
  driver.bank().UndoLevel(0, adopted.shift, adopted.variance);
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

TEST_CASE("Adoption: what somebody calls normal is expected at once, as it was shown",
          "[detectors]") {
  for (const SignalKind kind : {SignalKind::kRatio, SignalKind::kRate, SignalKind::kGauge}) {
    INFO(SignalKindName(kind));
    SimulatedShape shape = ShapeOf(kind, 2000);
    BankDriver driver;
    driver.Add(shape);
    driver.Run(kTrained);
    const double usual = driver.bank().Expect(0, driver.now()).expected;
    driver.Run(20 * kMinuteMs, 3);
    CHECK(driver.verdict(0).tail_probability < 1e-6);
    const auto shown = driver.bank().PreviewLevel(0, driver.now());
    const auto again = driver.bank().PreviewLevel(0, driver.now());
    CHECK(again.adopted.shift == shown.adopted.shift);  // looking changes nothing
    CHECK(shown.before.expected == Approx(usual).epsilon(0.3));
    CHECK(shown.after.expected > 1.8 * shown.before.expected);
    CHECK(shown.after.low <= driver.verdict(0).value);
    CHECK(shown.after.high >= driver.verdict(0).value);
    const AdoptedShift adopted = driver.bank().AdoptLevel(0);
    CHECK(adopted.what == ShiftKind::kNewNormal);
    CHECK(adopted.since != 0);
    CHECK(driver.bank().Expect(0, driver.now()).expected == shown.after.expected);
    double oddest = 1;
    driver.Run(2 * kHourMs, 3, [&](TimeMs, const std::vector<Verdict>& verdicts) {
      oddest = std::min(oddest, verdicts[0].tail_probability);
    });
    CHECK(oddest > 1e-6);
    driver.bank().UndoLevel(0, adopted.shift, adopted.variance);
    oddest = 1;
    driver.Run(2 * kHourMs, 3, [&](TimeMs, const std::vector<Verdict>& verdicts) {
      oddest = std::min(oddest, verdicts[0].tail_probability);
    });
    CHECK(oddest < 1e-4);
  }
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

TEST_CASE("Adoption: noise that is lastingly another is said once, whichever way, with its size",
          "[detectors]") {
  struct Case {
    double before, after;
    bool said;
  };
  // Half as much again is no other scale.
  for (const Case& c : {Case{0.05, 0.15, true}, {0.2, 0.03, true}, {0.05, 0.07, false}}) {
    INFO(c.before << " to " << c.after);
    SimulatedShape shape = ShapeOf(SignalKind::kGauge, 0);
    shape.base = 100;
    shape.noise_sd = shape.day_sd = 0;
    shape.weekend = 1;
    Single single(shape, 3);
    Random random(7);
    const TimeMs change = single.next() + 9 * kDayMs;
    std::vector<AdoptedShift> said;
    TimeMs said_at = 0;
    for (int i = 0; i < 15 * kDay; ++i) {
      const double sd = single.next() >= change ? c.after : c.before;
      single.Step(1, std::exp(sd * random.Normal()));
      for (const AdoptedShift& it : single.bank().Adopted()) {
        if (it.what != ShiftKind::kScale) continue;
        said.push_back(it);
        said_at = single.next() - 30 * kSecondMs;
      }
    }
    REQUIRE(said.size() == (c.said ? 1 : 0));
    if (!c.said) continue;
    CHECK(said[0].since - change >= 0);
    CHECK(said[0].since - change <= (c.after > c.before ? 1 : 2) * kDayMs);
    CHECK(said_at - said[0].since >= 3 * kDayMs);
    CHECK(said_at - said[0].since <= 3 * kDayMs + kHourMs);
    const double simulated = 0.05;  // the signal's own
    CHECK(said[0].to / said[0].from ==
          Approx(std::hypot(c.after, simulated) / std::hypot(c.before, simulated)).epsilon(0.3));
  }
}

TEST_CASE("Adoption: an undone scale is expected again for three days, over a restart as well",
          "[detectors]") {
  SimulatedShape shape = ShapeOf(SignalKind::kGauge, 0);
  shape.base = 100;
  shape.noise_sd = shape.day_sd = 0;
  Single single(shape, 3);
  Random random(7);
  const auto width = [&] {
    const DetectorBank::Band band = single.bank().Expect(0, single.next());
    return (band.high - band.low) / band.expected;
  };
  AdoptedShift said;
  double narrow = 0;
  for (int i = 0; i < 14 * kDay; ++i) {
    if (i == 8 * kDay) narrow = width();
    single.Step(1, std::exp((i >= 8 * kDay ? 0.25 : 0.05) * random.Normal()));
    for (const AdoptedShift& it : single.bank().Adopted()) said = it;
  }
  REQUIRE(said.what == ShiftKind::kScale);
  CHECK(width() > 2.5 * narrow);
  single.bank().UndoScale(0, said.noises);
  ByteWriter out;
  single.bank().Save(out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  single.bank() = *DetectorBank::Load(in);
  double oddest = 1;
  for (int i = 0; i < 3 * kDay - 1; ++i) {
    oddest = std::min(oddest, single.Step(1, std::exp(0.25 * random.Normal())).tail_probability);
    REQUIRE(single.bank().Adopted().empty());
  }
  CHECK(width() < 1.3 * narrow);
  CHECK(oddest < 1e-5);
  for (int i = 0; i < 2 * kDay; ++i) single.Step(1, std::exp(0.25 * random.Normal()));
  CHECK(width() > 2 * narrow);  // then it is learned again
}

TEST_CASE("Adoption: nights and weekends are no lasting scale", "[detectors]") {
  for (const SignalKind kind : {SignalKind::kGauge, SignalKind::kRate, SignalKind::kRatio}) {
    SimulatedShape shape = ShapeOf(kind, 2000);
    if (kind == SignalKind::kGauge) shape.base = 100;
    Single single(shape, 11);
    Random random(7);
    for (int i = 0; i < 28 * kDay; ++i) {
      const TimeMs at = single.next() - kDriverStart;
      const bool weekend = at % kWeekMs >= 5 * kDayMs;
      const bool night = at % kDayMs < 8 * kHourMs;
      const double wild = (weekend ? 3 : 1) * (night ? 3 : 1);
      const double wobble = std::exp(0.04 * wild * random.Normal());
      if (kind == SignalKind::kGauge) {
        single.Step(1, wobble);
      } else {
        single.Step(wobble);
      }
      for (const AdoptedShift& it : single.bank().Adopted()) {
        INFO("kind " << static_cast<int>(kind) << ", day " << i / kDay << ": " << it.from << " to "
                     << it.to);
        CHECK(it.what != ShiftKind::kScale);
      }
    }
  }
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

TEST_CASE("Adoption: a time of day learned as new is told, and undone is held for seven days",
          "[detectors]") {
  for (const SignalKind kind : {SignalKind::kGauge, SignalKind::kRate}) {
    SimulatedShape shape = ShapeOf(kind, 2000);
    shape.day_sd = 0.02;
    Single single(shape, 5);
    std::vector<RetaughtQuarter> told;
    double old_hour = 0;
    double new_hour = 0;
    const auto run = [&](int days, int hour) {
      for (int i = 0; i < days * kDay; ++i) {
        const auto minute = static_cast<int>(single.next() % kDayMs / kMinuteMs);
        const bool peak = minute >= hour * 60 && minute < hour * 60 + 30;
        const Verdict& v = single.Step(peak ? 4 : 1);
        for (const RetaughtQuarter& it : single.bank().Retaught()) told.push_back(it);
        const double share = v.expected / v.value * (peak ? 4 : 1);
        if (minute == 2 * 60 + 15) old_hour = share;
        if (minute == 4 * 60 + 15) new_hour = share;
      }
    };
    INFO("kind " << static_cast<int>(kind));
    run(12, 2);
    const size_t earlier = told.size();
    run(4, 4);
    REQUIRE(told.size() - earlier >= 4);
    std::vector<QuarterBefore> before;
    for (size_t i = earlier; i < told.size(); ++i) {
      const RetaughtQuarter& it = told[i];
      INFO("quarter " << it.cell.cell << ": " << it.from << " to " << it.to);
      const bool appeared = it.cell.cell == 16 || it.cell.cell == 17;
      CHECK((appeared || it.cell.cell == 8 || it.cell.cell == 9));
      CHECK((it.to > it.from) == appeared);
      CHECK((it.side > 0) == appeared);
      CHECK(it.begins % kDayMs == it.cell.cell * 15 * kMinuteMs);
      const bool known = std::any_of(before.begin(), before.end(),
                                     [&](const auto& b) { return b.cell == it.cell.cell; });
      if (!known) before.push_back(it.cell);
    }
    REQUIRE(before.size() == 4);
    CHECK(old_hour < 2);
    CHECK(new_hour > 2.5);

    single.bank().UndoTime(0, before);
    ByteWriter out;
    single.bank().Save(out);
    const std::string bytes = out.Take();
    ByteReader in(bytes);
    single.bank() = *DetectorBank::Load(in);
    told.clear();
    run(7, 4);
    CHECK(told.empty());
    CHECK(old_hour > 2.5);
    CHECK(new_hour < 1.5);
    run(5, 4);  // held no longer: learned as at first
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
