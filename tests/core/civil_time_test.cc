#include "core/civil_time.h"

#include <catch2/catch.hpp>

namespace quell {
namespace {

TimeMs At(const char* text) { return *ParseTime(text); }

TEST_CASE("Civil time: Berlin's clocks go forward in March and back in October", "[core]") {
  auto berlin = TimeZone::Find("Europe/Berlin");
  REQUIRE(berlin.ok());
  CHECK(berlin->name() == "Europe/Berlin");
  CHECK(berlin->OffsetAt(At("2026-03-29T00:59:59.999Z")) == kHourMs);
  CHECK(berlin->OffsetAt(At("2026-03-29T01:00:00Z")) == 2 * kHourMs);
  CHECK(berlin->OffsetAt(At("2026-10-25T00:59:59Z")) == 2 * kHourMs);
  CHECK(berlin->OffsetAt(At("2026-10-25T01:00:00Z")) == kHourMs);
  CHECK(berlin->OffsetAt(At("2026-03-29T00:59:59Z")) == kHourMs);  // back again
}

TEST_CASE("Civil time: other zones and other times", "[core]") {
  CHECK(TimeZone().OffsetAt(At("2026-07-01T00:00:00Z")) == 0);
  CHECK(TimeZone::Find("UTC")->OffsetAt(At("2026-07-01T00:00:00Z")) == 0);
  CHECK(TimeZone::Find("Asia/Kolkata")->OffsetAt(At("2026-07-01T00:00:00Z")) ==
        5 * kHourMs + 30 * kMinuteMs);
  CHECK(TimeZone::Find("America/Sao_Paulo")->OffsetAt(At("2026-01-01T00:00:00Z")) == -3 * kHourMs);
  CHECK(TimeZone::Find("Europe/Berlin")->OffsetAt(-1) == kHourMs);
  CHECK(TimeZone::Find("Europe/Berlin")->OffsetAt(0) == kHourMs);
}

TEST_CASE("Civil time: a zone that is none is refused by its name", "[core]") {
  for (const char* name : {"", "Europe/Berln", "../../etc/passwd", "utc+1"}) {
    const auto zone = TimeZone::Find(name);
    REQUIRE_FALSE(zone.ok());
    CHECK(zone.error().code == ErrorCode::kInvalidArgument);
    CHECK_THAT(zone.error().message, Catch::Contains('"' + std::string(name) + '"'));
  }
}

}  // namespace
}  // namespace quell
