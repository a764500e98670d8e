#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/style/code_shape.h"
#include "tests/style/source_tree.h"

namespace quell::style {
namespace {

constexpr size_t kFileLinesMax = 400;
constexpr size_t kTestFileLinesMax = 600;
constexpr size_t kFunctionLinesMax = 70;
constexpr size_t kTestFunctionLinesMax = 80;

void CheckNone(const Violations& violations) {
  INFO(Listed(violations));
  CHECK(violations.empty());
}

// Lines of code in which `pattern` is found once comments and literals are blanked.
void FindInCode(const File& file, const std::regex& pattern, const std::string& what,
                Violations& out) {
  const std::vector<std::string> lines = Lines(WithoutCommentsAndLiterals(file.text));
  for (size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, pattern)) continue;
    out.push_back(file.path + ':' + std::to_string(i + 1) + ": " + what + " (" + match.str() + ')');
  }
}

TEST_CASE("Style: the shape of code is read right", "[style]") {
  const std::string text = R"--(
namespace a {  // {
constexpr int kTable[] = {1, 2};
struct S {
  int x = 1'000;
  S() : y_{2}, z_("}") {
    f([] {
      return 1;
    });
  }
  int y_;
};
#define M(x) \
  do { x; } while (false)
template <typename T>
int G(T t) {
  return R"(
}
)"[t];
}
}  // namespace a
)--";
  const auto functions = Functions(WithoutCommentsAndLiterals(text));
  REQUIRE(functions.size() == 2);
  CHECK(functions[0].line == 6);
  CHECK(functions[0].lines == 5);
  CHECK(functions[1].line == 15);
  CHECK(functions[1].lines == 6);
  CHECK(Tree().size() > 100);
}

TEST_CASE("Style: files stay small", "[style]") {
  Violations found;
  for (const File& file : Tree()) {
    if (!file.IsCode()) continue;
    const size_t lines = Lines(file.text).size();
    const size_t max = file.Under("tests/") ? kTestFileLinesMax : kFileLinesMax;
    if (lines > max) {
      found.push_back(file.path + ": " + std::to_string(lines) + " lines, at most " +
                      std::to_string(max));
    }
  }
  CheckNone(found);
}

TEST_CASE("Style: functions stay small", "[style]") {
  Violations found;
  for (const File& file : Tree()) {
    if (!file.IsCode()) continue;
    const size_t max = file.Under("tests/") ? kTestFunctionLinesMax : kFunctionLinesMax;
    for (const Function& function : Functions(WithoutCommentsAndLiterals(file.text))) {
      if (function.lines <= max) continue;
      found.push_back(file.path + ':' + std::to_string(function.line) + ": " +
                      std::to_string(function.lines) + " lines: " + function.head.substr(0, 60));
    }
  }
  CheckNone(found);
}

TEST_CASE("Style: only core/clock.cc reads clocks or sleeps", "[style]") {
  const std::regex clocks(
      R"(\b(system_clock|steady_clock|high_resolution_clock)::now\b|\bsleep_(for|until)\b|\b(u|nano)sleep\s*\(|(^|[^\w.>])sleep\s*\(|\b(gettimeofday|clock_gettime)\b|\bstd::time\b)");
  Violations found;
  for (const File& file : Tree()) {
    // End-to-end tests and what they stand on watch real processes.
    if (!file.IsCode() || file.path == "core/clock.cc" || file.Under("tests/e2e/") ||
        file.Under("tests/support/") || file.Under("bench/")) {
      continue;
    }
    FindInCode(file, clocks, "clock or sleep", found);
  }
  CheckNone(found);
}

TEST_CASE("Style: randomness is core/random.h alone", "[style]") {
  const std::regex random(
      R"(\bstd::(rand|srand|random_device|mt19937\w*|minstd_rand\w*|default_random_engine|shuffle|sample|\w+_distribution)\b|\b(rand|srand|drand48)\s*\()");
  Violations found;
  for (const File& file : Tree()) {
    if (file.IsCode()) FindInCode(file, random, "foreign randomness", found);
  }
  CheckNone(found);
}

TEST_CASE("Style: nothing throws", "[style]") {
  const std::regex throwing(R"(\bthrow\b)");
  Violations found;
  for (const File& file : Tree()) {
    if (file.IsCode() && !file.Under("tests/")) FindInCode(file, throwing, "throw", found);
  }
  CheckNone(found);
}

TEST_CASE("Style: Result is spelled through core/result.h", "[style]") {
  Violations found;
  for (const File& file : Tree()) {
    if (!file.IsCode() || file.path == "core/result.h" || file.Under("tests/style/")) continue;
    if (file.text.find("tl::expected") != std::string::npos ||
        file.text.find("tl/expected") != std::string::npos) {
      found.push_back(file.path + ": tl::expected");
    }
  }
  CheckNone(found);
}

TEST_CASE("Style: a folder includes only from its floor and below", "[style]") {
  const std::map<std::string, std::set<std::string>> allowed = {
      {"core", {"core"}},
      {"detectors", {"core", "detectors"}},
      {"ingest", {"core", "ingest"}},
      {"engine", {"core", "detectors", "ingest", "engine"}},
      {"replay", {"core", "detectors", "ingest", "engine", "replay"}},
      {"cli", {"core", "detectors", "ingest", "engine", "replay", "cli"}}};
  const std::set<std::string> floors = {"core",   "detectors", "ingest", "engine",
                                        "replay", "cli",       "tests",  "bench"};
  const std::regex include(R"re(^\s*#include "(\w+)/)re");
  Violations found;
  for (const File& file : Tree()) {
    const auto floor = allowed.find(file.path.substr(0, file.path.find('/')));
    if (!file.IsCode() || floor == allowed.end()) continue;
    for (const std::string& line : Lines(file.text)) {
      std::smatch match;
      if (!std::regex_search(line, match, include) || floors.count(match[1]) == 0) continue;
      if (floor->second.count(match[1]) == 0) found.push_back(file.path + ": " + line);
    }
  }
  CheckNone(found);
}

TEST_CASE("Style: test frameworks are included in tests alone", "[style]") {
  const std::regex framework(R"(#include\s*[<"](catch2|gtest|gmock)/)");
  Violations found;
  for (const File& file : Tree()) {
    if (!file.IsCode() || file.Under("tests/")) continue;
    if (std::regex_search(file.text, framework)) found.push_back(file.path);
  }
  CheckNone(found);
}

TEST_CASE("Style: headers open with their purpose and #pragma once", "[style]") {
  Violations found;
  for (const File& file : Tree()) {
    if (!file.EndsWith(".h")) continue;
    if (file.text.rfind("//", 0) != 0) found.push_back(file.path + ": no purpose on top");
    if (file.text.find("#pragma once") == std::string::npos) {
      found.push_back(file.path + ": no #pragma once");
    }
  }
  CheckNone(found);
}

TEST_CASE("Style: a detector's header answers the seven questions in order", "[style]") {
  Violations found;
  for (const char* name :
       {"seasonal_baseline", "ewma_chart", "isolation_forest", "calibration", "bank"}) {
    const std::string path = std::string("detectors/") + name + ".h";
    const auto file = std::find_if(Tree().begin(), Tree().end(),
                                   [&](const File& other) { return other.path == path; });
    if (file == Tree().end()) {
      found.push_back(path + ": is gone; this test lists it");
      continue;
    }
    size_t at = 0;
    for (const char* field : {"Model", "Input", "Output", "Cost", "Threads", "State", "Source"}) {
      at = file->text.find(std::string("\n// ") + field + ' ', at);
      if (at == std::string::npos) {
        found.push_back(path + ": no \"" + field + "\" in its place");
        break;
      }
    }
  }
  CheckNone(found);
}

TEST_CASE("Style: no code in comments", "[style]") {
  // A comment that is a whole statement: ends like one and holds what prose does not. Examples in
  // headers are indented.
  const std::regex code(
      R"(^\s*// ?(#include\b.*|(return|if|for|while|const|auto|int|double|std::)\b.*(;|\{)|[\w:.\->]+\(.*\);|[\w:.\->\[\]]+ [+\-*]?= .*;|\}+;?)\s*$)");
  Violations found;
  for (const File& file : Tree()) {
    if (!file.IsCode() || file.Under("tests/style/")) continue;
    const std::vector<std::string> lines = Lines(WithoutLiterals(file.text));
    for (size_t i = 0; i < lines.size(); ++i) {
      if (std::regex_match(lines[i], code)) {
        found.push_back(file.path + ':' + std::to_string(i + 1) + ": " + lines[i]);
      }
    }
  }
  CheckNone(found);
}

}  // namespace
}  // namespace quell::style
