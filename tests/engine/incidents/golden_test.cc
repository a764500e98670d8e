// The scenarios of tests/golden/incidents. QUELL_UPDATE_GOLDEN=1 rewrites what they expect; the
// difference is for a reviewer to read.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/engine/incidents/scenario.h"

namespace quell::incidents {
namespace {

std::vector<std::string> Paths() {
  std::vector<std::string> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(QUELL_SOURCE_DIR "/tests/golden/incidents")) {
    if (entry.path().extension() == ".txt") out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("Golden incidents: every scenario has the events that it expects", "[incidents]") {
  const std::vector<std::string> paths = Paths();
  REQUIRE(paths.size() >= 15);
  const char* update = std::getenv("QUELL_UPDATE_GOLDEN");
  for (const std::string& path : paths) {
    INFO(path);
    const Scenario scenario = ReadScenario(path);
    const std::string text = ToText(scenario, Run(scenario, 0));
    if (update != nullptr && std::string(update) == "1") {
      std::ofstream(path) << scenario.input << text;
      continue;
    }
    CHECK(text == scenario.expected);
  }
}

TEST_CASE("Golden incidents: restoring a snapshot in mid-stream changes no byte", "[incidents]") {
  for (const std::string& path : Paths()) {
    INFO(path);
    const Scenario scenario = ReadScenario(path);
    const std::string straight = ToBytes(Run(scenario, 0));
    CHECK(ToBytes(Run(scenario, 1)) == straight);
    CHECK(ToBytes(Run(scenario, 7)) == straight);
  }
}

TEST_CASE("Golden incidents: every alert ends with exactly one reason", "[incidents]") {
  for (const std::string& path : Paths()) {
    INFO(path);
    const Scenario scenario = ReadScenario(path);
    std::map<AlertId, int> ended;
    for (const IncidentEvent& event : Run(scenario, 0)) {
      const bool last =
          event.kind == IncidentEventKind::kResolve || event.kind == IncidentEventKind::kSuppress;
      for (const Member& member : event.incident.members) {
        if (last) ++ended[member.alert.id];
      }
    }
    size_t cleared = 0;
    for (const auto& [at, alerts] : scenario.cleared) cleared += alerts.size();
    CHECK(ended.size() == cleared);
    for (const auto& [id, times] : ended) CHECK(times == 1);
  }
}

}  // namespace quell::incidents
