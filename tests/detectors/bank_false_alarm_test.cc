// What must not page: noise, nights, seasons, blips, drifts.
#include <catch2/catch.hpp>

#include "bank_driver.h"

namespace quell::detectors {

TEST_CASE("Bank: on null data observed and stated odds agree within a factor of two",
          "[detectors]") {
  BankDriver driver;
  std::uint32_t group = 0;
  for (const SignalKind kind : {SignalKind::kRatio, SignalKind::kQuantile, SignalKind::kRate}) {
    for (int i = 0; i < 6; ++i) driver.Add(ShapeOf(kind, 200), {}, group++);
  }
  driver.Run(9 * kDayMs);
  long points = 0;
  long below3 = 0;
  long below4 = 0;
  long below7 = 0;
  driver.Run(9 * kDayMs, 1, [&](TimeMs, const std::vector<Verdict>& verdicts) {
    for (const Verdict& v : verdicts) {
      ++points;
      below3 += v.tail_probability < 1e-3 ? 1 : 0;
      below4 += v.tail_probability < 1e-4 ? 1 : 0;
      below7 += v.tail_probability < 1e-7 ? 1 : 0;
    }
  });
  const auto rate = [&](long count) { return static_cast<double>(count) / points; };
  CHECK(rate(below3) > 0.4e-3);
  CHECK(rate(below3) < 2.5e-3);
  CHECK(rate(below4) > 0.2e-4);
  CHECK(rate(below4) < 4e-4);
  CHECK(below7 == 0);
}

TEST_CASE("Bank: thin night traffic does not alarm", "[detectors]") {
  BankDriver driver;
  for (std::uint32_t i = 0; i < 8; ++i) driver.Add(ShapeOf(SignalKind::kRatio, 12), {}, i);
  driver.Run(3 * kDayMs);
  double least = 1;
  driver.Run(7 * kDayMs, 1, [&](TimeMs, const std::vector<Verdict>& verdicts) {
    for (const Verdict& v : verdicts) least = std::min(least, v.tail_probability);
  });
  CHECK(least > 1e-7);
}

TEST_CASE("Bank: the first days, weekend included, are calm", "[detectors]") {
  BankDriver driver;
  for (std::uint32_t i = 0; i < 4; ++i) {
    driver.Add(ShapeOf(SignalKind::kRate, 200), {}, i);
    driver.Add(ShapeOf(SignalKind::kRatio, 200), {}, i);
    driver.Add(ShapeOf(SignalKind::kGauge, 200), {}, i);
  }
  double least = 1;
  driver.Run(8 * kDayMs, 1, [&](TimeMs, const std::vector<Verdict>& verdicts) {
    for (const Verdict& v : verdicts) least = std::min(least, v.tail_probability);
  });
  CHECK(least > 1e-7);
}

TEST_CASE("Bank: a slow drift is followed", "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRate, 2000));
  driver.Run(9 * kDayMs);
  double least = 1;
  for (int hour = 0; hour < 5 * 24; ++hour) {  // +5 % a day
    driver.Run(kHourMs, std::pow(1.05, hour / 24.0), [&](TimeMs, const std::vector<Verdict>& v) {
      least = std::min(least, v[0].tail_probability);
    });
  }
  CHECK(least > 1e-7);
}

TEST_CASE("Bank: a single blip leaves no mark two minutes later", "[detectors]") {
  BankDriver driver;
  driver.Add(ShapeOf(SignalKind::kRatio, 2000));
  driver.Run(9 * kDayMs);
  driver.Run(30 * kSecondMs, 10);
  driver.Run(2 * kMinuteMs);
  CHECK(driver.verdict(0).tail_probability > 1e-4);
}

}  // namespace quell::detectors
