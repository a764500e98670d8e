#include "core/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "core/file.h"
#include "tests/support/temp_folder.h"

namespace quell {
namespace {

// What `write` sends to stderr.
template <typename F>
std::string Captured(const F& write) {
  const test::TempFolder folder;
  const std::string path = folder.File("stderr");
  const int saved = ::dup(STDERR_FILENO);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  REQUIRE(file >= 0);
  ::dup2(file, STDERR_FILENO);
  ::close(file);
  write();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  const auto content = ReadFile(path);
  REQUIRE(content.ok());
  return *content;
}

TEST_CASE("Log: one line an event; control characters and bad UTF-8 stay inert", "[core]") {
  SetUpLogging(LogLevel::kInfo, LogFormat::kLogfmt);
  const std::string line = Captured([] {
    Log(LogLevel::kInfo, "two\nlines",
        {{"plain", "a:b/c"},
         {"number", 42},
         {"spaced", "x y"},
         {"bell", "\x1b[31m\a"},
         {"bad", "\xFF\xFE"},
         {"empty", ""},
         {"forged", "1 level=error"}});
  });
  CHECK(line.substr(0, 3) == "ts=");
  CHECK(line.find('\n') == line.size() - 1);
  CHECK_THAT(line,
             Catch::Matchers::Contains(" level=info msg=\"two\\nlines\" plain=a:b/c number=42 "
                                       "spaced=\"x y\" bell=\"\\u001b[31m\\u0007\""));
  CHECK_THAT(line, Catch::Matchers::Contains("empty=\"\" forged=\"1 level=error\""));
  for (const char c : line.substr(0, line.size() - 1)) CHECK((c >= ' ' && c <= '~'));
}

TEST_CASE("Log: the JSON form is JSON", "[core]") {
  SetUpLogging(LogLevel::kWarn, LogFormat::kJson);
  const std::string line = Captured([] {
    Log(LogLevel::kInfo, "not shown");
    Log(LogLevel::kError, "a \"quote\"", {{"path", "C:\\x\n"}});
  });
  SetUpLogging(LogLevel::kInfo, LogFormat::kLogfmt);
  const auto json = nlohmann::json::parse(line);
  CHECK(json["level"] == "error");
  CHECK(json["msg"] == "a \"quote\"");
  CHECK(json["path"] == "C:\\x\n");
}

}  // namespace
}  // namespace quell
