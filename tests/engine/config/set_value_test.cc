#include "engine/config/set_value.h"

#include <catch2/catch.hpp>

#include "core/file.h"
#include "engine/config/config.h"

namespace quell::config {

TEST_CASE("SetValue: a value is replaced, its comment and all else stay", "[config]") {
  const std::string text =
      "# mine\nfalse_pages_per_week: 1  # of the team\nincidents:\n  # joined\n  hold: 30s\n"
      "  join_window: 10m   # far\nlog:\n  level: info\n";
  CHECK(*SetValue(text, "", "false_pages_per_week", "0.5") ==
        "# mine\nfalse_pages_per_week: 0.5  # of the team\nincidents:\n  # joined\n  hold: 30s\n"
        "  join_window: 10m   # far\nlog:\n  level: info\n");
  CHECK(*SetValue(text, "incidents", "join_window", "5m") ==
        "# mine\nfalse_pages_per_week: 1  # of the team\nincidents:\n  # joined\n  hold: 30s\n"
        "  join_window: 5m  # far\nlog:\n  level: info\n");
}

TEST_CASE("SetValue: what is missing is added where it belongs", "[config]") {
  CHECK(*SetValue("", "", "a", "1") == "a: 1\n");
  CHECK(*SetValue("b: 2", "incidents", "hold", "0s") == "b: 2\nincidents:\n  hold: 0s\n");
  CHECK(*SetValue("incidents:\n    hold: 1s\nlog:\n    join_window: x\n", "incidents",
                  "join_window", "5m") ==
        "incidents:\n    join_window: 5m\n    hold: 1s\nlog:\n    join_window: x\n");
}

TEST_CASE("SetValue: a section on one line is refused", "[config]") {
  const auto refused = SetValue("incidents: {hold: 1s}\n", "incidents", "hold", "2s");
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.error().message, Catch::Contains("set incidents.hold to 2s by hand"));
}

TEST_CASE("SetValue: in the reference configuration it changes what is read", "[config]") {
  const auto text = ReadFile(std::string(QUELL_SOURCE_DIR) + "/configs/quell.yaml");
  REQUIRE(text.ok());
  const auto one = SetValue(*text, "", "false_pages_per_week", "0.25");
  REQUIRE(one.ok());
  const auto two = SetValue(*one, "incidents", "join_window", "40m");
  REQUIRE(two.ok());
  const auto config = ParseConfig(*two, "quell.yaml");
  REQUIRE(config.ok());
  CHECK(config->pipeline.false_pages_per_week == 0.25);
  CHECK(config->pipeline.incidents.join_window_ms == 40 * kMinuteMs);
}

}  // namespace quell::config
