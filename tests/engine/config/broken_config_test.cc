#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "core/file.h"
#include "engine/config/config.h"

namespace quell::config {
namespace {

TEST_CASE("Config: every broken fixture is refused with place, key and value", "[config]") {
  const std::string folder = QUELL_SOURCE_DIR "/tests/golden/config";
  const auto files = ListFiles(folder);
  REQUIRE(files.ok());
  int checked = 0;
  for (const std::string& file : *files) {
    const std::filesystem::path path(file);
    if (path.extension() != ".yaml") continue;
    INFO(file);
    const auto text = ReadFile(file);
    REQUIRE(text.ok());
    const auto expected = ReadFile(folder + "/" + path.stem().string() + ".expected");
    REQUIRE(expected.ok());
    const auto config = ParseConfig(*text, path.filename().string());
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().code == ErrorCode::kInvalidArgument);
    CHECK_THAT(config.error().message,
               Catch::Matchers::Contains(expected->substr(0, expected->size() - 1)));
    ++checked;
  }
  CHECK(checked >= 35);
}

TEST_CASE("Config: a file that cannot be read is named", "[config]") {
  const auto config = LoadConfig("/nonexistent/quell.yaml");
  REQUIRE_FALSE(config.ok());
  CHECK_THAT(config.error().message, Catch::Matchers::Contains("/nonexistent/quell.yaml"));
}

TEST_CASE("Config: hostile YAML is an error, not a crash", "[config]") {
  for (const std::string& text :
       {std::string(20000, '['), std::string(20000, '{'), std::string("a: &a [*a]"),
        std::string("\xFF\xFE\x00x", 4), std::string("step: !!binary x"), std::string("&"),
        std::string("? {a: b}\n: c"), std::string("[1, 2]: x")}) {
    INFO(text.substr(0, 20));
    CHECK_FALSE(ParseConfig(text, "hostile.yaml").ok());
  }
}

}  // namespace
}  // namespace quell::config
