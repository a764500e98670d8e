#include "replay/rules/rules_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/file.h"
#include "engine/config/yaml_reader.h"

namespace quell::replay {
namespace {

using config::YamlContext;
using config::YamlMap;
using Texts = std::vector<std::pair<std::string, std::string>>;

constexpr size_t kFileBytesMax = 4U << 20U;
constexpr size_t kRulesMax = 1000;
constexpr DurationMs kYearMs = 365 * kDayMs;

struct Group {
  DurationMs interval = kMinuteMs, offset = 0;
  std::vector<Label> labels;
};

void ReadLabels(YamlMap& map, std::vector<Label>& out) {
  Texts labels;
  map.ReadTexts("labels", labels);
  for (auto& [name, value] : labels) {
    if (name.empty() || name == kMetricName) {
      map.Fail("labels", "\"" + name + "\" cannot be the name of an alert's label");
    }
    out.push_back({name, std::move(value)});
  }
}

void ReadRule(YamlContext& context, const YAML::Node& node, const std::string& path,
              const Group& group, RuleBook& book) {
  YamlMap map(context, node, path);
  const bool records = map.Has("record");
  if (records == map.Has("alert")) {
    context.Fail(node.Mark(), path + " needs either alert or record");
    return;
  }
  AlertingRule rule;
  rule.interval = group.interval;
  rule.offset = group.offset;
  rule.labels = group.labels;
  const std::string_view name = records ? "record" : "alert";
  map.Read(name, rule.name);
  map.Read("expr", rule.expr);
  if (rule.name.empty()) map.Fail(name, "is empty");
  if (rule.expr.find_first_not_of(" \t\n") == std::string::npos) map.Fail("expr", "is required");
  ReadLabels(map, rule.labels);
  if (!records) {
    Texts annotations;
    map.ReadDuration("for", rule.hold, 0, kYearMs);
    map.ReadDuration("keep_firing_for", rule.keep, 0, kYearMs);
    map.ReadTexts("annotations", annotations);
  }
  map.Finish();
  if (records) {
    ++book.recording;
    return;
  }
  rule.place = context.file + ':' + std::to_string(map.MarkOf("alert").line + 1);
  book.alerting.push_back(std::move(rule));
}

void ReadGroup(YamlContext& context, const YAML::Node& node, const std::string& path,
               std::set<std::string>& names, RuleBook& book) {
  YamlMap map(context, node, path);
  std::string name;
  map.Read("name", name);
  if (name.empty()) map.Fail("name", "is required");
  if (!names.insert(name).second) map.Fail("name", "there is another group \"" + name + "\"");
  Group group;
  map.ReadDuration("interval", group.interval, kSecondMs, kDayMs);
  map.ReadDuration("query_offset", group.offset, 0, kDayMs);
  std::uint64_t limit = 0;
  map.ReadSize("limit", limit, 0, ~std::uint64_t{0});
  if (limit > 0) ++book.limited;
  ReadLabels(map, group.labels);
  map.ReadList("rules", [&](const YAML::Node& rule, const std::string& rule_path) {
    ReadRule(context, rule, rule_path, group, book);
  });
  map.Finish();
}

}  // namespace

Status ParseRules(const std::string& text, const std::string& file, RuleBook& book) {
  QUELL_ASSIGN(const YAML::Node root, config::ParseYaml(text, file));
  YamlContext context{file, {}};
  YamlMap map(context, root, "");
  if (!map.Has("groups")) map.Fail("groups", "is required: a Prometheus rules file");
  std::set<std::string> names;
  map.ReadList("groups", [&](const YAML::Node& node, const std::string& path) {
    ReadGroup(context, node, path, names, book);
  });
  map.Finish();
  if (context.error) return *context.error;
  if (book.alerting.size() <= kRulesMax) return Ok{};
  return MakeError(ErrorCode::kResourceExhausted, file + ": with it there are more than " +
                                                      std::to_string(kRulesMax) +
                                                      " alerting rules, which is the most");
}

Result<RuleBook> ReadRules(const std::vector<std::string>& files) {
  RuleBook book;
  for (const std::string& file : files) {
    QUELL_ASSIGN(const std::string text, ReadFile(file, kFileBytesMax));
    QUELL_TRY(ParseRules(text, file, book));
  }
  if (!book.alerting.empty()) return book;
  return MakeError(ErrorCode::kInvalidArgument,
                   (files.empty() ? std::string("no file") : files.front()) +
                       ": there is no alerting rule in it");
}

}  // namespace quell::replay
