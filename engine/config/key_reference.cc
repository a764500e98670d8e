#include "engine/config/key_reference.h"

#include <algorithm>

namespace quell::config {
namespace {

constexpr const char* kByType = "by type";

// One entry of every type: some keys are asked for of one type alone.
constexpr const char* kSample = R"(
auth:
  tokens: [{}]
  users: [{}, {users_file: none}]
signals: [{type: ratio}, {type: quantile}, {type: rate, limit: 0}, {type: gauge, limit: 0}]
export: {remote_write: {bearer_token_file: none}}
receivers:
  - {type: console}
  - {type: file}
  - {type: pagerduty}
  - {type: alertmanager, bearer_token_file: none}
  - {type: slack}
  - {type: webhook, bearer_token_file: none}
)";

bool Begins(const std::string& text, std::string_view with) { return text.rfind(with, 0) == 0; }

// A policy changes what it names; some keys must be given.
bool HasNoDefault(const std::string& path) {
  return Begins(path, "policies[].") || Begins(path, "signals[].policy.") ||
         path == "signals[].type" || path == "signals[].limit" || path == "receivers[].type" ||
         path == "redaction.rules[].action";
}

std::string Cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string Coded(const std::string& text) { return text.empty() ? "" : '`' + Cell(text) + '`'; }

std::string Head(const std::string& section) {
  return "\n## " + section + "\n\n| key | type | default | values |\n|---|---|---|---|\n";
}

std::string Row(const KeyFact& fact) {
  return "| `" + fact.path + "` | " + fact.type + " | " +
         (fact.fallback == kByType ? fact.fallback : Coded(fact.fallback)) + " | " +
         Cell(fact.values) + " |\n";
}

// On top, with nothing below it.
bool IsSingle(const KeyFact& fact) {
  return fact.path.find_first_of(".[") == std::string::npos && fact.type != "mapping" &&
         fact.type != "list";
}

}  // namespace

std::vector<KeyFact> ListKeys() {
  const auto sample = ParseYaml(kSample, "sample");
  std::vector<KeyFact> all;
  if (sample.ok()) NoteKeys(*sample, all);
  std::vector<KeyFact> out;
  for (KeyFact& fact : all) {
    if (HasNoDefault(fact.path)) fact.fallback.clear();
    const auto known = std::find_if(out.begin(), out.end(),
                                    [&](const KeyFact& other) { return other.path == fact.path; });
    if (known == out.end()) {
      out.push_back(std::move(fact));
    } else if (known->fallback != fact.fallback) {
      known->fallback = kByType;
    }
  }
  return out;
}

std::string KeyReference() {
  std::string out =
      "# Configuration: every key\n\n"
      "Written by `quell config reference` from the code that reads a configuration; a test holds "
      "this "
      "page\nagainst it. What each key is for and what it trades off is in `configs/quell.yaml`, "
      "from "
      "which it may be\ncopied. Unknown keys are errors: `quell check --config FILE` names file, "
      "line "
      "and column. `[]` stands for\none entry of a list; an empty default means that there is "
      "none, or "
      "that the key is required. Durations\nare Prometheus' (`250ms`, `30s`, `1h30m`, `2w`), sizes "
      "bytes or `64KiB`, `16MiB`, `8GiB`.\n";
  const std::vector<KeyFact> facts = ListKeys();
  out += Head("single keys");
  for (const KeyFact& fact : facts) {
    if (IsSingle(fact)) out += Row(fact);
  }
  std::string section;
  for (const KeyFact& fact : facts) {
    if (IsSingle(fact)) continue;
    const std::string top = fact.path.substr(0, fact.path.find_first_of(".["));
    if (top != section) out += Head(top);
    section = top;
    out += Row(fact);
  }
  return out;
}

}  // namespace quell::config
