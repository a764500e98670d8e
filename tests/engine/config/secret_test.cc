#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "core/file.h"
#include "engine/config/config.h"
#include "tests/support/temp_folder.h"

namespace quell::config {
namespace {

constexpr const char* kVariable = "QUELL_CONFIG_TEST_ROUTING_KEY";
const std::string kKey = "0123456789abcdef0123456789ABCDEF";

std::string PagerDuty(const std::string& line) {
  return "receivers:\n  - name: pd\n    type: pagerduty\n    " + line + "\n";
}

class Variable {
 public:
  explicit Variable(const std::string& value) { ::setenv(kVariable, value.c_str(), 1); }
  ~Variable() { ::unsetenv(kVariable); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
};

TEST_CASE("Secret: from a file, without its line end", "[config]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("key"), kKey + " \r\n").ok());
  const auto config = ParseConfig(PagerDuty("routing_key_file: " + folder.File("key")), "f");
  REQUIRE(config.ok());
  CHECK(config->receivers.at(0).routing_key == kKey);
  CHECK(config->source.find(kKey) == std::string::npos);
}

TEST_CASE("Secret: from the environment", "[config]") {
  const Variable variable(kKey);
  const auto config = ParseConfig(PagerDuty(std::string("routing_key_env: ") + kVariable), "f");
  REQUIRE(config.ok());
  CHECK(config->receivers.at(0).routing_key == kKey);
}

TEST_CASE("Secret: a bad one is refused without its value", "[config]") {
  const test::TempFolder folder;
  for (const std::string& secret : {std::string("hush-too-short"), kKey + "hush", std::string()}) {
    REQUIRE(WriteFileAtomic(folder.File("key"), secret).ok());
    const Variable variable(secret);
    for (const std::string& line : {"routing_key_file: " + folder.File("key"),
                                    std::string("routing_key_env: ") + kVariable}) {
      const auto config = ParseConfig(PagerDuty(line), "f");
      REQUIRE_FALSE(config.ok());
      CHECK_THAT(config.error().message, Catch::Matchers::Contains("receivers[0].routing_key"));
      CHECK(config.error().message.find("hush") == std::string::npos);
      CHECK(config.error().message.find(kKey) == std::string::npos);
    }
  }
}

TEST_CASE("Secret: exactly one source", "[config]") {
  const Variable variable(kKey);
  const auto config = ParseConfig(PagerDuty(std::string("routing_key_env: ") + kVariable +
                                            "\n    routing_key_file: /nonexistent"),
                                  "f");
  REQUIRE_FALSE(config.ok());
  CHECK_THAT(config.error().message, Catch::Matchers::Contains("give exactly one of"));
}

}  // namespace
}  // namespace quell::config
