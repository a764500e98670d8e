// Paydays of a group of volumes, through a whole bank.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "core/bytes.h"
#include "core/random.h"
#include "detectors/bank.h"

namespace quell::detectors {
namespace {

constexpr TimeMs kJanuary = 20454 * kDayMs;  // Thursday, 2026-01-01
constexpr DurationMs kInterval = 10 * kMinuteMs;
constexpr Slot kLanes = 6;
constexpr std::int64_t kMay12 = 131;  // days later

bool Payday(TimeMs at) {
  namespace chrono = std::chrono;
  const chrono::sys_days day{chrono::days((at - kInterval / 2) / kDayMs)};
  return chrono::year_month_day(day).day() == chrono::day(12);
}

class Lanes {
 public:
  explicit Lanes(bool together) {
    for (Slot lane = 0; lane < kLanes; ++lane) {
      SignalSpec spec;
      spec.kind = SignalKind::kRate;
      spec.interval_ms = kInterval;
      const Slot slot = bank_.AddSignal(spec);
      if (together) bank_.SetParent(slot, 1, 1);
    }
  }

  void Run(DurationMs span, double lane0 = 1, double lift = 1.4) {
    for (const TimeMs end = now_ + span; now_ < end;) {
      now_ += kInterval;
      const double hour = static_cast<double>(now_ % kDayMs) / kHourMs;
      const double day = 1 + 0.5 * std::sin(hour * 3.14159265 / 12);
      std::vector<Point> points;
      for (Slot slot = 0; slot < kLanes; ++slot) {
        Point point{.slot = slot, .exposure_seconds = 600};
        const double rate = 200.0 * (slot + 1) * day * (Payday(now_) ? lift : 1);
        point.k = static_cast<double>(random_.Poisson(rate * (slot == 0 ? lane0 : 1)));
        point.n = point.k;
        point.value = point.k / point.exposure_seconds;
        points.push_back(point);
      }
      verdicts_.resize(points.size());
      bank_.Observe(now_, points, verdicts_);
    }
  }
  void RunToMay12() { Run(kJanuary + kMay12 * kDayMs - now_); }

  DetectorBank bank_ = *DetectorBank::Create({});
  std::vector<Verdict> verdicts_;
  TimeMs now_ = kJanuary;

 private:
  Random random_{11};
};

}  // namespace

TEST_CASE("Bank: volumes of a group expect a payday before it has said anything", "[detectors]") {
  Lanes alone(false);
  Lanes together(true);
  for (Lanes* lanes : {&alone, &together}) lanes->RunToMay12();
  // Six in the morning: nobody has seen the day yet.
  const TimeMs six = together.now_ + 6 * kHourMs;
  const double lift = together.bank_.Expect(3, six).expected / alone.bank_.Expect(3, six).expected;
  CHECK(lift > 1.25);
  CHECK(lift < 1.45);
  const Grounds grounds = together.bank_.GroundsOf(3, six);
  CHECK(grounds.calendar.factor == Approx(lift).margin(0.05));
  CHECK(grounds.calendar.day.rule == DayRule::kFromStart);
  CHECK(grounds.calendar.day.number == 12);
  CHECK(grounds.calendar.earlier >= 3);
  CHECK(alone.bank_.GroundsOf(3, six).calendar.day.rule == DayRule::kNone);
  const TimeMs other = six + 3 * kDayMs;
  CHECK(together.bank_.Expect(3, other).expected ==
        Approx(alone.bank_.Expect(3, other).expected).epsilon(0.05));
}

TEST_CASE("Bank: an outage on a payday is seen, to the level of an ordinary day too",
          "[detectors]") {
  Lanes alone(false);
  Lanes together(true);
  for (Lanes* lanes : {&alone, &together}) {
    lanes->RunToMay12();
    lanes->Run(3 * kHourMs);
    CHECK(lanes->verdicts_[1].tail_probability > 1e-6);
    lanes->Run(kHourMs, 1 / 1.4);  // as many as on any other day
  }
  CHECK(together.verdicts_[0].reason == VerdictReason::kAnomalous);
  CHECK(together.verdicts_[0].deviation_sign < 0);
  CHECK(together.verdicts_[0].tail_probability < 0.1 * alone.verdicts_[0].tail_probability);
}

TEST_CASE("Bank: announced days say nothing of their date", "[detectors]") {
  Lanes lanes(true);
  for (int day = 0; day < kMay12; ++day) {
    const bool payday = Payday(lanes.now_ + kHourMs);
    for (Slot slot = 0; slot < kLanes; ++slot) {
      lanes.bank_.SetAnnounced(slot, payday ? Announced::kMoved : Announced::kNothing);
    }
    lanes.Run(kDayMs);
  }
  CHECK(lanes.bank_.GroundsOf(3, lanes.now_ + 6 * kHourMs).calendar.factor ==
        Approx(1).margin(0.03));
}

TEST_CASE("Bank: an announced day is expected to be as the announced days before", "[detectors]") {
  Lanes lanes(true);
  for (int day = 0; day < kMay12; ++day) {
    const Announced what = Payday(lanes.now_ + kHourMs) ? Announced::kHoliday : Announced::kNothing;
    for (Slot slot = 0; slot < kLanes; ++slot) lanes.bank_.SetAnnounced(slot, what);
    lanes.Run(kDayMs);
  }
  const TimeMs six = lanes.now_ + 6 * kHourMs;
  CHECK(lanes.bank_.GroundsOf(3, six).calendar.factor == Approx(1).margin(0.03));
  for (const Announced what : {Announced::kMoved, Announced::kPromotion}) {
    for (Slot slot = 0; slot < kLanes; ++slot) lanes.bank_.SetAnnounced(slot, what);
    CHECK(lanes.bank_.GroundsOf(3, six).calendar.factor == Approx(1).margin(0.03));
  }
  const double usual = lanes.bank_.Expect(3, six).expected;
  for (Slot slot = 0; slot < kLanes; ++slot) lanes.bank_.SetAnnounced(slot, Announced::kHoliday);
  CHECK(lanes.bank_.Expect(3, six).expected / usual == Approx(1.35).margin(0.07));
  const Grounds grounds = lanes.bank_.GroundsOf(3, six);
  CHECK(grounds.calendar.day.rule == DayRule::kAnnounced);
  CHECK(grounds.calendar.earlier == 3);  // the first two weeks only learn
}

TEST_CASE("Bank: the calendar goes on after a restart to the bit", "[detectors]") {
  const auto bytes_of = [](const DetectorBank& bank) {
    ByteWriter out;
    bank.Save(out);
    return out.Take();
  };
  Lanes lanes(true);
  Lanes restarted(true);
  for (Lanes* one : {&lanes, &restarted}) one->Run(75 * kDayMs + 7 * kHourMs);
  const std::string bytes = bytes_of(restarted.bank_);
  ByteReader in(bytes);
  auto loaded = DetectorBank::Load(in);
  REQUIRE(loaded.ok());
  restarted.bank_ = *std::move(loaded);
  for (Lanes* one : {&lanes, &restarted}) one->Run(40 * kDayMs);
  REQUIRE(lanes.bank_.GroundsOf(3, lanes.now_).windows[0].k > 0);
  CHECK(bytes_of(lanes.bank_) == bytes_of(restarted.bank_));
}

}  // namespace quell::detectors
