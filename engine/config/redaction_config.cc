#include "engine/config/redaction_config.h"

#include "core/matcher.h"

namespace quell::config {
namespace {

using ingest::RedactAction;

void ReadAction(YamlMap& map, std::string_view key, RedactAction& out) {
  auto action = static_cast<size_t>(out);
  map.ReadChoice(key, {"keep", "hash", "drop"}, action);
  out = static_cast<RedactAction>(action);
}

ingest::RedactionRule ReadRule(YamlContext& context, const YAML::Node& node,
                               const std::string& path) {
  ingest::RedactionRule out;
  YamlMap map(context, node, path);
  if (context.error) return out;
  map.Read("label", out.label);
  if (out.label.empty()) map.Fail("label", "is required: a name or a regular expression");
  const auto compiled = Matcher::Create(MatchOp::kRegex, "label", out.label);
  if (!compiled.ok()) map.Fail("label", compiled.error().message);
  if (!map.Has("action")) map.Fail("action", "is required: keep, hash or drop");
  ReadAction(map, "action", out.action);
  if (out.label == kMetricName && out.action == RedactAction::kDrop) {
    map.Fail("action", "a metric name cannot be dropped; hash it");
  }
  map.Finish();
  return out;
}

}  // namespace

void ReadRedaction(YamlMap& map, ingest::RedactionOptions& out) {
  map.ReadList("rules", [&](const YAML::Node& node, const std::string& path) {
    out.rules.push_back(ReadRule(map.context(), node, path));
  });
  if (out.rules.size() > ingest::RedactionOptions::kRulesMax) {
    map.Fail("rules", std::to_string(out.rules.size()) + " rules are more than " +
                          std::to_string(ingest::RedactionOptions::kRulesMax));
  }
  map.ReadMap("detect", [&](YamlMap& detect) {
    ReadAction(detect, "card_numbers", out.card_numbers);
    ReadAction(detect, "ibans", out.ibans);
    ReadAction(detect, "emails", out.emails);
  });
}

}  // namespace quell::config
