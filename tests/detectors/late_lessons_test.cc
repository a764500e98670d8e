#include "detectors/late_lessons.h"

#include <catch2/catch.hpp>
#include <vector>

namespace quell::detectors {
namespace {

constexpr TimeMs kNoon = 20'000 * kDayMs + 12 * kHourMs;
constexpr TimeMs kDue = kNoon + LateLessons::kWaitMs;

std::vector<double> ReleasedAt(LateLessons& lessons, TimeMs now) {
  std::vector<double> out;
  lessons.Release(now, [&](size_t, double surprise) { out.push_back(surprise); });
  return out;
}

LateLessons TwoGroups() {
  LateLessons lessons;
  lessons.AddGroup();
  lessons.AddGroup();
  return lessons;
}

}  // namespace

TEST_CASE("Late lessons: a surprise teaches once, after its wait", "[detectors]") {
  LateLessons lessons = TwoGroups();
  lessons.Note({kNoon, 0, 3, 9.5}, 10);
  CHECK(ReleasedAt(lessons, kDue - 1).empty());
  CHECK(ReleasedAt(lessons, kDue) == std::vector<double>{9.5});
  CHECK(ReleasedAt(lessons, kDue + kHourMs).empty());
}

TEST_CASE("Late lessons: what an alert opened on by then teaches nothing", "[detectors]") {
  LateLessons lessons = TwoGroups();
  lessons.Note({kNoon, 0, 3, 9.5}, 10);
  lessons.Note({kNoon, 1, 3, 7}, 10);
  lessons.Alerted(0, kNoon + 5 * kMinuteMs);
  CHECK(ReleasedAt(lessons, kDue) == std::vector<double>{7});
}

TEST_CASE("Late lessons: an earlier alert does not keep its group from teaching", "[detectors]") {
  LateLessons lessons = TwoGroups();
  lessons.Alerted(0, kNoon - kMinuteMs);
  lessons.Note({kNoon, 0, 3, 9.5}, 10);
  CHECK(ReleasedAt(lessons, kDue) == std::vector<double>{9.5});
}

TEST_CASE("Late lessons: more than there is room for are dropped", "[detectors]") {
  LateLessons lessons = TwoGroups();
  for (int i = 0; i < 20; ++i) lessons.Note({kNoon, 0, 3, 5.0 + i}, 1);
  CHECK(ReleasedAt(lessons, kDue).size() == LateLessons::kPerSlot);
}

TEST_CASE("Late lessons: what waits survives a restart, and what does not fit is refused",
          "[detectors]") {
  LateLessons lessons = TwoGroups();
  lessons.Note({kNoon, 0, 3, 9.5}, 10);
  lessons.Note({kNoon, 1, 3, 7}, 10);
  lessons.Alerted(1, kNoon);
  ByteWriter out;
  lessons.Save(out);
  LateLessons again = TwoGroups();
  ByteReader in(out.bytes());
  REQUIRE(again.Load(in, 4));
  CHECK(ReleasedAt(again, kDue) == std::vector<double>{9.5});

  LateLessons fewer_tails = TwoGroups();
  ByteReader second(out.bytes());
  CHECK_FALSE(fewer_tails.Load(second, 3));
  LateLessons fewer_groups;
  fewer_groups.AddGroup();
  ByteReader third(out.bytes());
  CHECK_FALSE(fewer_groups.Load(third, 4));
}

}  // namespace quell::detectors
