#include "engine/config/signal_config.h"

#include "engine/config/policy_config.h"

namespace quell::config {
namespace {

using detectors::SignalKind;
using signals::SignalDef;

void ReadSelector(YamlMap& map, std::string_view key, std::optional<Selector>& out) {
  std::string text;
  map.Read(key, text);
  if (text.empty()) return;
  auto selector = Selector::Parse(text);
  if (selector.ok()) {
    out = *std::move(selector);
  } else {
    map.Fail(key, selector.error().message);
  }
}

void ReadSelectors(YamlMap& map, SignalDef& def) {
  const auto require = [&](std::string_view key, const std::optional<Selector>& selector) {
    if (!selector) map.Fail(key, "is required for this type of signal");
  };
  if (def.kind == SignalKind::kRatio) {
    ReadSelector(map, "bad", def.bad);
    ReadSelector(map, "total", def.total);
    require("bad", def.bad);
    require("total", def.total);
    return;
  }
  ReadSelector(map, "selector", def.selector);
  require("selector", def.selector);
}

// A capacity's end: nobody's failure ratio or latency has one.
void ReadLimit(YamlMap& map, SignalDef& def) {
  if (!map.Has("limit")) {
    if (map.Has("limit_direction")) map.Fail("limit_direction", "needs a limit");
    return;
  }
  if (def.kind != SignalKind::kRate && def.kind != SignalKind::kGauge) {
    map.Fail("limit", "is for the types rate and gauge");
  }
  double limit = 0;
  map.Read("limit", limit, -1e18, 1e18);
  size_t below = 0;
  map.ReadChoice("limit_direction", {"above", "below"}, below);
  def.limit = limit;
  def.limit_below = below == 1;
}

void ReadPolicy(YamlMap& map, SignalDef& def) {
  auto direction = static_cast<size_t>(def.policy.direction);
  map.ReadChoice("direction", {"up", "down", "both"}, direction);
  def.policy.direction = static_cast<detectors::Direction>(direction);
  map.Read("min_abs_deviation", def.policy.min_abs_deviation, 0, 1e18);
  map.Read("min_rel_deviation", def.policy.min_rel_deviation, 0, 1e6);
  map.Read("static_limit", def.static_limit, 0, 1e18);
  size_t missing = 0;
  map.ReadChoice("missing", {"ignore", "alert"}, missing);
  def.missing = static_cast<signals::Missing>(missing);
  map.ReadMap("policy", [&](YamlMap& policy) {
    ReadPolicyChange(policy).ApplyTo(def);
    for (const char* key :
         {"direction", "min_abs_deviation", "min_rel_deviation", "static_limit", "missing"}) {
      if (map.Has(key) && policy.Has(key)) policy.Fail(key, "is given beside policy, too");
    }
  });
}

}  // namespace

SignalDef ReadSignal(YamlContext& context, const YAML::Node& node, const std::string& path) {
  SignalDef def;
  YamlMap map(context, node, path);
  if (context.error) return def;
  map.Read("name", def.name);
  if (def.name.empty()) map.Fail("name", "is required");
  if (!map.Has("type")) map.Fail("type", "is required: ratio, quantile, rate or gauge");
  size_t kind = 0;
  map.ReadChoice("type", {"ratio", "quantile", "rate", "gauge"}, kind);
  def.kind = static_cast<SignalKind>(kind);
  signals::ApplyKindDefaults(def);
  ReadSelectors(map, def);
  map.ReadStrings("by", def.by);
  ReadPolicy(map, def);
  ReadLimit(map, def);
  map.Read("unit", def.unit);
  map.Read("what", def.what);
  if (def.kind == SignalKind::kQuantile) {
    map.Read("quantile", def.quantile, 0.01, 0.9999);
    map.Read("bound_seconds", def.bound, 0, 1e9);
  }
  if (def.kind == SignalKind::kGauge) {
    size_t aggregate = 0;
    map.ReadChoice("aggregate", {"avg", "sum", "max"}, aggregate);
    def.aggregate = static_cast<signals::Aggregate>(aggregate);
  }
  map.Finish();
  return def;
}

}  // namespace quell::config
