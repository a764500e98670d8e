#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/style/source_tree.h"

namespace quell::style {
namespace {

constexpr size_t kReadmeLinesMax = 15;

void CheckNone(const Violations& violations) {
  INFO(Listed(violations));
  CHECK(violations.empty());
}

void FindInLines(const File& file, const std::regex& pattern, Violations& out) {
  const std::vector<std::string> lines = Lines(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!std::regex_search(lines[i], pattern)) continue;
    out.push_back(file.path + ':' + std::to_string(i + 1) + ": " + lines[i].substr(0, 100));
  }
}

TEST_CASE("Style: every folder of code has a short README", "[style]") {
  Violations found;
  std::set<std::string> folders;
  for (const File& file : Tree()) {
    const std::string top = file.path.substr(0, file.path.find('/'));
    const bool counts = top == "core" || top == "detectors" || top == "ingest" || top == "engine" ||
                        top == "replay" || top == "cli" || top == "bench" || top == "configs" ||
                        top == "notebooks" || top == "web";
    if (counts && file.IsCode()) folders.insert(file.Folder());
    if (file.EndsWith("/README.md") && Lines(file.text).size() > kReadmeLinesMax) {
      found.push_back(file.path + ": " + std::to_string(Lines(file.text).size()) +
                      " lines, at most " + std::to_string(kReadmeLinesMax));
    }
  }
  for (const std::string& folder : folders) {
    if (!Exists(folder + "/README.md")) found.push_back(folder + ": no README.md");
  }
  CheckNone(found);
}

TEST_CASE("Style: a folder's README says what it may depend on", "[style]") {
  Violations found;
  for (const File& file : Tree()) {
    const bool counts = file.Under("core/") || file.Under("detectors/") || file.Under("ingest/") ||
                        file.Under("engine/") || file.Under("replay/") || file.Under("cli/");
    if (!counts || !file.EndsWith("/README.md")) continue;
    for (const char* words : {"ay\\s+depend\\s+on", "ust\\s+never\\s+depend"}) {
      if (!std::regex_search(file.text, std::regex(words))) {
        found.push_back(file.path + ": nothing matches " + words);
      }
    }
  }
  CheckNone(found);
}

TEST_CASE("Style: work left over names its issue", "[style]") {
  const std::regex left_over(std::string("\\b(TO") + "DO|FIX" + "ME|X" + "XX|HA" +
                             "CK)\\b(?!\\(#[0-9]+\\))");
  Violations found;
  for (const File& file : Tree()) FindInLines(file, left_over, found);
  CheckNone(found);
}

TEST_CASE("Style: no paths of one machine", "[style]") {
  const std::regex machine(std::string("(^|[^\\w.])/(wo") + "rk/|tmp/qu" + "ell/|ro" + "ot/)");
  Violations found;
  for (const File& file : Tree()) FindInLines(file, machine, found);
  CheckNone(found);
}

TEST_CASE("Style: every path that a document names exists", "[style]") {
  const std::regex quoted("`([A-Za-z0-9_.\\-]+(/[A-Za-z0-9_.\\-]*)+)`");
  Violations found;
  size_t checked = 0;
  for (const File& file : Tree()) {
    if (!file.EndsWith(".md") || file.path == "CHANGELOG.md") continue;
    const std::vector<std::string> lines = Lines(file.text);
    for (size_t i = 0; i < lines.size(); ++i) {
      for (std::sregex_iterator it(lines[i].begin(), lines[i].end(), quoted), end; it != end;
           ++it) {
        const std::string path = (*it)[1];
        const std::string top = path.substr(0, path.find('/'));
        if (top == "build" || top == "." || top == ".." || top == ".git" || !Exists(top)) continue;
        ++checked;
        if (!Exists(path)) {
          found.push_back(file.path + ':' + std::to_string(i + 1) + ": `" + path + "`");
        }
      }
    }
  }
  CHECK(checked > 20);
  CheckNone(found);
}

TEST_CASE("Style: no tabs, no trailing blanks, a line end at the end", "[style]") {
  Violations found;
  for (const File& file : Tree()) {
    if (!file.IsCode() && !file.EndsWith(".md") && !file.EndsWith("CMakeLists.txt") &&
        !file.EndsWith(".cmake")) {
      continue;
    }
    if (!file.text.empty() && file.text.back() != '\n') found.push_back(file.path + ": end");
    const std::vector<std::string> lines = Lines(file.text);
    for (size_t i = 0; i < lines.size(); ++i) {
      const bool bad = lines[i].find('\t') != std::string::npos ||
                       (!lines[i].empty() && (lines[i].back() == ' ' || lines[i].back() == '\r'));
      if (bad) found.push_back(file.path + ':' + std::to_string(i + 1) + ": blanks");
    }
  }
  CheckNone(found);
}

}  // namespace
}  // namespace quell::style
