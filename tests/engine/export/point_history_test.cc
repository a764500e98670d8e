#include "engine/export/point_history.h"

#include <catch2/catch.hpp>

namespace quell::exports {
namespace {

constexpr DurationMs kStep = 30 * kSecondMs;

HistoryOptions Options(DurationMs span_ms, size_t points_max) {
  HistoryOptions options;
  options.span_ms = span_ms;
  options.bytes_max = points_max * sizeof(HistoryPoint);
  return options;
}

HistoryPoint PointOf(std::uint32_t slot, float value) {
  HistoryPoint point;
  point.slot = slot;
  point.value = value;
  return point;
}

TEST_CASE("Point history: a signal's points come oldest first, and those of others do not",
          "[export]") {
  PointHistory history(Options(kHourMs, 1000));
  for (int step = 1; step <= 3; ++step) {
    // Not in the order of slots in the second step.
    for (const std::uint32_t slot :
         step == 2 ? std::vector<std::uint32_t>{7, 2} : std::vector<std::uint32_t>{2, 7}) {
      history.Add(step * kStep, PointOf(slot, static_cast<float>(10 * step + slot)));
    }
  }
  const auto points = history.Of(7, 0);
  REQUIRE(points.size() == 3);
  CHECK(points[0].at == kStep);
  CHECK(points[0].point.value == 17);
  CHECK(points[1].point.value == 27);
  CHECK(points[2].point.value == 37);
  CHECK(history.Of(2, 2 * kStep).size() == 2);
  CHECK(history.Of(3, 0).empty());
}

TEST_CASE("Point history: it is bounded by time and by bytes", "[export]") {
  PointHistory timed(Options(10 * kStep, 100000));
  PointHistory tight(Options(kDayMs, 50));
  for (int step = 1; step <= 100; ++step) {
    for (std::uint32_t slot = 0; slot < 5; ++slot) {
      timed.Add(step * kStep, PointOf(slot, 1));
      tight.Add(step * kStep, PointOf(slot, 1));
    }
  }
  const auto latest = timed.Of(0, 0);
  REQUIRE(latest.size() == 10);
  CHECK(latest.front().at == 91 * kStep);
  CHECK(tight.bytes() <= 55 * sizeof(HistoryPoint));  // the open step may lie above
  CHECK(tight.Of(4, 0).size() >= 9);
  CHECK(tight.Of(4, 0).back().at == 100 * kStep);
}

TEST_CASE("Point history: a step before the last is another pipeline's", "[export]") {
  PointHistory history(Options(kHourMs, 1000));
  history.Add(2 * kStep, PointOf(1, 1));
  history.Add(kStep, PointOf(1, 2));
  const auto points = history.Of(1, 0);
  REQUIRE(points.size() == 1);
  CHECK(points[0].point.value == 2);
  history.Clear();
  CHECK(history.Of(1, 0).empty());
  CHECK(history.bytes() == 0);
}

TEST_CASE("Point history: of no time nothing is kept", "[export]") {
  PointHistory history(Options(0, 1000));
  history.Add(kStep, PointOf(1, 1));
  CHECK(history.Of(1, 0).empty());
}

}  // namespace
}  // namespace quell::exports
