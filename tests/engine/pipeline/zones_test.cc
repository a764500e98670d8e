// Seasons of local civil time: what is usual at eight in the morning stays so when clocks change.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr DurationMs kEvery = 5 * kMinuteMs;

TimeMs At(const char* text) { return *ParseTime(text); }

PipelineOptions InBerlin() {
  PipelineOptions options;
  options.zones.by_value.emplace("eu-central-1", *TimeZone::Find("Europe/Berlin"));
  return options;
}

// A queue that is deep from 8 to 10 in the morning, local time.
void Feed(Pipeline& pipeline, TimeMs from, TimeMs to) {
  auto berlin = *TimeZone::Find("Europe/Berlin");
  const auto series =
      pipeline.Intern(Labels({{"__name__", "settlement_queue_depth"}, {"region", "eu-central-1"}}));
  for (TimeMs now = from; now < to; now += kEvery) {
    const TimeMs local = now + berlin.OffsetAt(now);
    const auto hour = static_cast<int>(local / kHourMs % 24);
    const double wobble = std::sin(static_cast<double>(now / kEvery));
    pipeline.Observe(series, now, (hour == 8 || hour == 9 ? 900 : 100) + 5 * wobble);
    pipeline.AdvanceTo(now);
  }
}

constexpr const char* kFrom = "2026-10-05T00:00:00Z";
constexpr const char* kAfter = "2026-10-26T00:00:00Z";  // clocks went back the day before

TEST_CASE("Zones: a routine keeps its hour when clocks go back", "[pipeline]") {
  const auto local = MakePipeline(InBerlin());
  const auto utc = MakePipeline();
  Feed(*local, At(kFrom), At(kAfter));
  Feed(*utc, At(kFrom), At(kAfter));
  const TimeMs nine = At("2026-10-26T08:00:00Z");  // in Berlin, where it was 7 before
  CHECK(local->bank().Expect(0, nine).expected > 700);
  CHECK(local->bank().Expect(0, nine - 2 * kHourMs).expected < 200);  // 7 in the morning
  CHECK(utc->bank().Expect(0, nine - 2 * kHourMs).expected > 250);    // what UTC alone knows
}

TEST_CASE("Zones: a restored pipeline goes on in its zone", "[pipeline]") {
  const TimeMs half = At("2026-10-24T12:00:00Z");
  const auto straight = MakePipeline(InBerlin());
  Feed(*straight, At(kFrom), half);
  const std::string snapshot = straight->Save();
  const auto restored = MakePipeline(InBerlin());
  REQUIRE(restored->Load(snapshot).ok());
  Feed(*straight, half, At(kAfter));
  Feed(*restored, half, At(kAfter));
  CHECK(straight->Save() == restored->Save());
  CHECK(MakePipeline()->Load(snapshot).error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace quell::pipeline
