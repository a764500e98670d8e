#include <yaml-cpp/yaml.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.h"
#include "engine/config/config.h"
#include "engine/config/key_reference.h"
#include "tests/engine/config/describe_config.h"
#include "tests/engine/config/reference_keys.h"
#include "tests/support/temp_folder.h"

namespace quell::config {
namespace {

const std::string kFolder = QUELL_SOURCE_DIR "/configs";

// The string literals that engine/config reads as keys.
std::vector<std::string> KeysInSource() {
  std::vector<std::string> out;
  for (const char* file : {"alerts_config.cc", "auth_config.cc", "config.cc", "export_config.cc",
                           "hours_config.cc", "policy_config.cc", "receiver_config.cc",
                           "redaction_config.cc", "signal_config.cc", "topology_config.cc"}) {
    const auto text = ReadFile(std::string(QUELL_SOURCE_DIR "/engine/config/") + file);
    REQUIRE(text.ok());
    for (const std::string call :
         {"Read(\"", "ReadSize(\"", "ReadDuration(\"", "ReadStrings(\"", "ReadChoice(\"",
          "ReadMap(\"", "ReadList(\"", "size(\"", "ReadSelector(map, \"", "ReadAction(map, \"",
          "ReadAction(detect, \"", "ReadNumber(map, \"", "ReadSpan(map, \"", "ReadEnum(map, \"",
          "ReadTimeOfDay(map, \""}) {
      for (size_t at = text->find(call); at != std::string::npos; at = text->find(call, at + 1)) {
        const size_t begin = at + call.size();
        out.push_back(text->substr(begin, text->find('"', begin) - begin));
      }
    }
  }
  return out;
}

TEST_CASE("Reference configuration: states the true defaults", "[config]") {
  const auto config = LoadConfig(kFolder + "/quell.yaml");
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  CHECK(Describe(*config) == Describe(DefaultConfig()));
}

TEST_CASE("Reference configuration: names every key", "[config]") {
  const auto text = ReadFile(kFolder + "/quell.yaml");
  REQUIRE(text.ok());
  for (const std::string& key : kKeys) {
    INFO(key);
    CHECK(text->find(key + ":") != std::string::npos);
  }
  const std::vector<std::string> in_source = KeysInSource();
  CHECK(in_source.size() >= 60);
  for (const std::string& key : in_source) {
    INFO(key);
    CHECK(std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end());
  }
}

TEST_CASE("Reference of keys: has every key that is read, with the defaults that hold",
          "[config]") {
  const std::vector<KeyFact> facts = ListKeys();
  const auto last = [](const std::string& path) { return path.substr(path.rfind('.') + 1); };
  for (const std::string& key : KeysInSource()) {
    INFO(key);
    CHECK(std::any_of(facts.begin(), facts.end(), [&](const KeyFact& fact) {
      return last(fact.path) == key || last(fact.path) == key + "_file";
    }));
  }
  const auto fact = [&](const std::string& path) {
    for (const KeyFact& one : facts) {
      if (one.path == path) return one.type + " | " + one.fallback + " | " + one.values;
    }
    return path + " is missing";
  };
  CHECK(fact("listen") == "text | 127.0.0.1:9797 | ");
  CHECK(fact("journal.fsync") == "choice | interval | always, interval, never");
  CHECK(fact("step") == "duration | 30s | 1s to 1h");
  CHECK(fact("journal.total_bytes_max").find("1MiB to 16384GiB") != std::string::npos);
  CHECK(fact("signals[].aggregate") == "choice | avg | avg, sum, max");
  CHECK(fact("signals[].min_abs_deviation").find("number | by type | ") == 0);
  CHECK(fact("policies[].floor").find("number |  | ") == 0);
  CHECK(fact("receivers[].routing_key_file") == "text |  | ");
  CHECK(fact("auth.users[].password_hash_env") == "text |  | ");
}

TEST_CASE("Reference of keys: docs/configuration.md is what the code says", "[config]") {
  const std::string path = QUELL_SOURCE_DIR "/docs/configuration.md";
  if (std::getenv("QUELL_UPDATE_GOLDEN") != nullptr) {
    REQUIRE(WriteFileAtomic(path, KeyReference()).ok());
  }
  const auto text = ReadFile(path);
  REQUIRE(text.ok());
  INFO("quell config reference > docs/configuration.md");
  CHECK(*text == KeyReference());
}

TEST_CASE("Reference configuration: its commented signal and receivers are valid, too",
          "[config]") {
  const auto text = ReadFile(kFolder + "/quell.yaml");
  REQUIRE(text.ok());
  // Uncomments what is YAML under comment: the examples start after "# signals:" and "#  - name".
  std::string out;
  std::string line;
  bool in_signals = false;
  for (size_t begin = 0; begin < text->size(); begin += line.size() + 1) {
    line = text->substr(begin, text->find('\n', begin) - begin);
    if (line == "# signals:") in_signals = true;
    if (line.empty() || line[0] != '#') in_signals = false;
    if (in_signals) {
      // A rate has no bad, total, quantile, bound and aggregate.
      bool other_type = false;
      for (const char* key : {" selector:", " quantile:", " bound_seconds:", " aggregate:",
                              " limit:", " limit_direction:"}) {
        other_type = other_type || line.find(key) != std::string::npos;
      }
      if (!other_type) out += line.substr(2) + '\n';
    }
  }
  const auto config = ParseConfig(out, "signals of quell.yaml");
  INFO(out);
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  REQUIRE(config->pipeline.definitions.size() == 1);
  // The values shown for a ratio are its defaults.
  signals::SignalDef defaults;
  defaults.kind = detectors::SignalKind::kRatio;
  signals::ApplyKindDefaults(defaults);
  const signals::SignalDef& shown = config->pipeline.definitions[0];
  CHECK(shown.policy.direction == defaults.policy.direction);
  CHECK(shown.policy.min_abs_deviation == defaults.policy.min_abs_deviation);
  CHECK(shown.policy.min_rel_deviation == defaults.policy.min_rel_deviation);
  CHECK(shown.static_limit == defaults.static_limit);
  CHECK(shown.missing == defaults.missing);
  CHECK(shown.unit == defaults.unit);
  CHECK(shown.what == defaults.what);
}

TEST_CASE("Reference configuration: its commented policy is valid and shows the defaults",
          "[config]") {
  const auto text = ReadFile(kFolder + "/quell.yaml");
  REQUIRE(text.ok());
  const size_t begin = text->find("# policies:\n");
  REQUIRE(begin != std::string::npos);
  std::string out;
  std::string line;
  for (size_t at = begin; text->at(at) == '#'; at += line.size() + 1) {
    line = text->substr(at, text->find('\n', at) - at);
    out += line.substr(2) + '\n';
  }
  const auto config = ParseConfig(out, "policies of quell.yaml");
  INFO(out);
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  REQUIRE(config->pipeline.policies.size() == 1);
  signals::SignalDef defaults;
  defaults.kind = detectors::SignalKind::kRatio;
  signals::ApplyKindDefaults(defaults);
  signals::SignalDef shown = defaults;
  config->pipeline.policies[0].change.ApplyTo(shown);
  CHECK(shown.policy.direction == defaults.policy.direction);
  CHECK(shown.policy.min_abs_deviation == defaults.policy.min_abs_deviation);
  CHECK(shown.policy.min_rel_deviation == defaults.policy.min_rel_deviation);
  CHECK(shown.static_limit == defaults.static_limit);
  CHECK(shown.missing == defaults.missing);
  CHECK(shown.rules.few_requests_per_minute == defaults.rules.few_requests_per_minute);
  CHECK(shown.rules.few_requests_lasting_ms == defaults.rules.few_requests_lasting_ms);
  CHECK(shown.rules.partial_lasting_ms == defaults.rules.partial_lasting_ms);
  CHECK(shown.rules.abrupt_within_ms == defaults.rules.abrupt_within_ms);
  CHECK(shown.rules.latency_rise == defaults.rules.latency_rise);
  CHECK(shown.rules.flatline_ms == defaults.rules.flatline_ms);
  CHECK(shown.rules.hours.outside == defaults.rules.hours.outside);
}

TEST_CASE("Examples: every configuration under configs/examples loads", "[config]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("key"), "0123456789abcdef0123456789abcdef\n").ok());
  const std::string hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e\n";
  REQUIRE(WriteFileAtomic(folder.File("hash"), hash).ok());
  const std::vector<std::pair<std::string, std::string>> secrets = {
      {"routing_key_file: ", "key"}, {"token_file: ", "key"}, {"password_hash_file: ", "hash"}};
  const auto files = ListFiles(kFolder + "/examples");
  REQUIRE(files.ok());
  int loaded = 0;
  for (const std::string& file : *files) {
    if (std::filesystem::path(file).extension() != ".yaml") continue;
    INFO(file);
    auto text = ReadFile(file);
    REQUIRE(text.ok());
    // Secrets that exist on this machine in place of the operator's.
    for (const auto& [key, name] : secrets) {
      for (size_t at = text->find(key); at != std::string::npos; at = text->find(key, at + 1)) {
        const size_t begin = at + key.size();
        text->replace(begin, text->find_first_of("\n}", begin) - begin, folder.File(name));
      }
    }
    const auto config = ParseConfig(*text, file);
    INFO((config.ok() ? "" : config.error().message));
    REQUIRE(config.ok());
    CHECK(CheckExposure(*config).ok());
    ++loaded;
  }
  CHECK(loaded >= 3);
}

TEST_CASE("Examples: the payments example shows one signal of each type", "[config]") {
  const YAML::Node root = YAML::LoadFile(kFolder + "/examples/payments.yaml");
  std::vector<std::string> types;
  for (const YAML::Node& signal : root["signals"]) types.push_back(signal["type"].Scalar());
  CHECK(types == std::vector<std::string>{"ratio", "quantile", "rate", "gauge"});
}

}  // namespace
}  // namespace quell::config
