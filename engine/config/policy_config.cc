#include "engine/config/policy_config.h"

#include "engine/config/hours_config.h"

namespace quell::config {
namespace {

using signals::BusinessHours;
using signals::PolicyChange;

constexpr size_t kPoliciesMax = 1000;
constexpr double kLevelMax = 1e18;

void ReadNumber(YamlMap& map, std::string_view key, std::optional<double>& out, double low,
                double high) {
  double value = 0;
  map.Read(key, value, low, high);
  if (map.Has(key)) out = value;
}

void ReadSpan(YamlMap& map, std::string_view key, std::optional<DurationMs>& out,
              DurationMs high = kHourMs) {
  DurationMs value = 0;
  map.ReadDuration(key, value, 0, high);
  if (map.Has(key)) out = value;
}

template <typename E>
void ReadEnum(YamlMap& map, std::string_view key, const std::vector<std::string>& names,
              std::optional<E>& out) {
  size_t value = 0;
  map.ReadChoice(key, names, value);
  if (map.Has(key)) out = static_cast<E>(value);
}

signals::PolicyRule ReadRule(YamlMap& map) {
  signals::PolicyRule rule;
  std::string match;
  map.Read("match", match);
  if (match.empty()) map.Fail("match", "is required, like '{psp=\"acme\"}'");
  auto selector = Selector::Parse(match);
  if (selector.ok()) {
    rule.match = *std::move(selector);
  } else {
    map.Fail("match", selector.error().message);
  }
  ReadEnum(map, "type", {"ratio", "quantile", "rate", "gauge"}, rule.kind);
  rule.change = ReadPolicyChange(map);
  return rule;
}

}  // namespace

PolicyChange ReadPolicyChange(YamlMap& map) {
  PolicyChange out;
  ReadEnum(map, "direction", {"up", "down", "both"}, out.direction);
  ReadNumber(map, "min_abs_deviation", out.min_abs_deviation, 0, kLevelMax);
  ReadNumber(map, "min_rel_deviation", out.min_rel_deviation, 0, 1e6);
  ReadNumber(map, "static_limit", out.static_limit, 0, kLevelMax);
  ReadEnum(map, "missing", {"ignore", "alert"}, out.missing);
  ReadNumber(map, "floor", out.floor, -kLevelMax, kLevelMax);
  ReadNumber(map, "ceiling", out.ceiling, -kLevelMax, kLevelMax);
  if (out.floor && out.ceiling && *out.floor >= *out.ceiling) {
    map.Fail("floor", "must be below ceiling");
  }
  map.ReadMap("business_hours", [&](YamlMap& hours) {
    out.hours.emplace();
    ReadHours(hours, *out.hours);
    auto outside = static_cast<size_t>(out.hours->outside);
    hours.ReadChoice("outside", {"info", "off"}, outside);
    out.hours->outside = static_cast<BusinessHours::Outside>(outside);
  });
  ReadNumber(map, "few_requests_per_minute", out.few_requests_per_minute, 0, 1e9);
  ReadSpan(map, "few_requests_lasting", out.few_requests_lasting_ms);
  ReadSpan(map, "partial_lasting", out.partial_lasting_ms);
  ReadSpan(map, "abrupt_within", out.abrupt_within_ms);
  ReadNumber(map, "latency_rise", out.latency_rise, 0, 1000);
  ReadSpan(map, "flatline", out.flatline_ms, kWeekMs);
  return out;
}

void ReadPolicies(YamlMap& root, std::vector<signals::PolicyRule>& out) {
  root.ReadList("policies", [&](const YAML::Node& node, const std::string& path) {
    YamlMap map(root.context(), node, path);
    if (root.context().error) return;
    out.push_back(ReadRule(map));
    map.Finish();
    if (out.size() > kPoliciesMax) map.Fail("match", "is beyond 1000 entries");
  });
}

}  // namespace quell::config
