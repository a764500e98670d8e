#include "detectors/announced_pool.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace quell::detectors {
namespace {

constexpr std::int64_t kMonday = 20458 * kDayMs;  // 2026-01-05
constexpr DurationMs kPoint = 10 * kMinuteMs;

// Four lanes, `factor` times the usual, for so long.
void Occasion(AnnouncedPool& pool, Announced what, std::int64_t from, DurationMs span,
              double factor) {
  for (std::int64_t local = from; local < from + span; local += kPoint) {
    for (int lane = 1; lane <= 4; ++lane) {
      pool.Note(what, local, 100.0 * lane * factor, 100.0 * lane, kPoint);
    }
  }
}

double Log(const AnnouncedPool& pool, Announced what, std::int64_t local) {
  return pool.At(what, local, nullptr).factor.log;
}

}  // namespace

TEST_CASE("Announced: the oftener a promotion did the same, the more of it is expected",
          "[detectors]") {
  AnnouncedPool pool;
  const std::vector<double> shares = {0, 1.0 / 3, 2.0 / 3, 9.0 / 11, 8.0 / 9};
  for (size_t n = 0; n < shares.size(); ++n) {
    const std::int64_t start = kMonday + static_cast<std::int64_t>(n) * 9 * kDayMs;
    const auto now = pool.At(Announced::kPromotion, start, nullptr);
    CHECK(now.factor.log == Approx(shares[n] * std::log(2)).margin(0.02));
    CHECK(now.earlier == static_cast<int>(n));
    // Some in the morning, some in the evening: a promotion is one wherever it lies.
    Occasion(pool, Announced::kPromotion, start + (n % 2 == 0 ? 0 : 12 * kHourMs), 2 * kHourMs, 2);
  }
  CHECK(Log(pool, Announced::kHoliday, kMonday + 90 * kDayMs) == 0);
  CHECK(Log(pool, Announced::kMoved, kMonday + 90 * kDayMs) == 0);
}

TEST_CASE("Announced: promotions that differ in sign are nothing", "[detectors]") {
  AnnouncedPool pool;
  for (int n = 0; n < 6; ++n) {
    Occasion(pool, Announced::kPromotion, kMonday + n * kWeekMs, 3 * kHourMs, n % 2 == 0 ? 2 : 0.5);
  }
  CHECK(std::fabs(Log(pool, Announced::kPromotion, kMonday + kDayMs + 6 * kWeekMs)) < 0.01);
}

TEST_CASE("Announced: holidays have a morning and an evening of their own", "[detectors]") {
  AnnouncedPool pool;
  for (int n = 0; n < 4; ++n) {
    Occasion(pool, Announced::kHoliday, kMonday + n * 20 * kDayMs + 8 * kHourMs, 4 * kHourMs, 0.4);
    Occasion(pool, Announced::kHoliday, kMonday + n * 20 * kDayMs + 12 * kHourMs, 4 * kHourMs, 1);
  }
  const std::int64_t day = kMonday + 100 * kDayMs;
  CHECK(Log(pool, Announced::kHoliday, day + 9 * kHourMs) ==
        Approx(8.0 / 9 * std::log(0.4)).margin(0.02));
  CHECK(std::fabs(Log(pool, Announced::kHoliday, day + 13 * kHourMs)) < 0.01);
}

TEST_CASE("Announced: the present occasion is none that it is judged by", "[detectors]") {
  AnnouncedPool pool;
  Occasion(pool, Announced::kPromotion, kMonday, 2 * kHourMs, 3);
  CHECK(Log(pool, Announced::kPromotion, kMonday + 2 * kHourMs) == 0);
  CHECK(Log(pool, Announced::kPromotion, kMonday + 5 * kHourMs) > 0.3);
}

TEST_CASE("Announced: few minutes of few lanes say nothing", "[detectors]") {
  AnnouncedPool pool;
  for (int n = 0; n < 4; ++n) {
    Occasion(pool, Announced::kPromotion, kMonday + n * kWeekMs, 2 * kPoint, 2);
  }
  CHECK(Log(pool, Announced::kPromotion, kMonday + 5 * kWeekMs) == 0);
}

TEST_CASE("Announced: a region tells what it differs from its service by", "[detectors]") {
  AnnouncedPool wide;
  AnnouncedPool near;
  for (int n = 0; n < 4; ++n) {
    Occasion(wide, Announced::kPromotion, kMonday + n * kWeekMs, 3 * kHourMs, 2);
  }
  const std::int64_t later = kMonday + 10 * kWeekMs;
  CHECK(near.At(Announced::kPromotion, later, &wide).factor.log ==
        Approx(8.0 / 9 * std::log(2)).margin(0.01));
  for (int n = 0; n < 4; ++n) {
    Occasion(near, Announced::kPromotion, kMonday + n * kWeekMs, 3 * kHourMs, 3);
  }
  const double both = near.At(Announced::kPromotion, later, &wide).factor.log;
  CHECK(both > 0.9 * std::log(3));
  CHECK(both < std::log(3));
  CHECK(near.Sane());
}

}  // namespace quell::detectors
