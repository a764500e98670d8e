#include "engine/models/settings.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/config/yaml_reader.h"

namespace quell::models {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kSet = {
    "false_pages_per_week", "lateness", "signals", "policies", "incidents", "topology"};
// What signals are made of: another one is learned anew from the journal, at a start.
constexpr std::array<std::string_view, 3> kFixed = {"step", "time_zones", "discovery"};
constexpr size_t kNodesMax = 200000;  // aliases may name the same again and again

bool Holds(std::span<const std::string_view> keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

Error Bad(const std::string& message) { return MakeError(ErrorCode::kInvalidArgument, message); }

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json JsonOf(const YAML::Node& node, size_t& left) {
  if (left == 0) return nullptr;
  --left;
  if (node.IsScalar()) return node.Scalar();
  Json out;
  if (node.IsSequence()) {
    out = Json::array();
    for (const YAML::Node& one : node) out.push_back(JsonOf(one, left));
  } else if (node.IsMap()) {
    out = Json::object();
    for (const auto& pair : node) {
      if (pair.first.IsScalar()) out[pair.first.Scalar()] = JsonOf(pair.second, left);
    }
  }
  return out;
}

// Numbers and truths as a configuration's text would have them.
void Write(Json& json) {
  if (json.is_structured()) {
    for (Json& one : json) Write(one);
  } else if (!json.is_string() && !json.is_null()) {
    json = Dump(json);
  }
}

void Lay(Json& under, const Json& over) {
  if (!under.is_object() || !over.is_object()) {
    under = over;
    return;
  }
  for (const auto& [key, value] : over.items()) Lay(under[key], value);
}

Result<Json> ReadObject(const std::string& text) {
  Json read = Json::parse(text.empty() ? "{}" : text, nullptr, false);
  if (!read.is_object()) return Bad("settings: must be a JSON object");
  return read;
}

// What a snapshot of the pipeline must agree in.
bool MadeAlike(const signals::SignalDef& a, const signals::SignalDef& b) {
  const auto text = [](const auto& selector) {
    return selector.has_value() ? selector->ToString() : std::string();
  };
  return a.name == b.name && a.kind == b.kind && a.by == b.by && text(a.bad) == text(b.bad) &&
         text(a.total) == text(b.total) && text(a.selector) == text(b.selector);
}

const signals::SignalDef* Alike(const std::vector<signals::SignalDef>& in,
                                const signals::SignalDef& one) {
  const auto found =
      std::find_if(in.begin(), in.end(), [&](const auto& other) { return MadeAlike(one, other); });
  return found == in.end() ? nullptr : &*found;
}

std::string DescribeFixed(const pipeline::PipelineOptions& options, std::string_view key) {
  if (key == "step") return std::to_string(options.signals.step_ms);
  if (key == "discovery") {
    return std::to_string(static_cast<int>(options.signals.discover)) + ' ' +
           std::to_string(options.signals.signals_max);
  }
  std::string out = options.zones.fallback.name() + ' ' + options.zones.label;
  for (const auto& [value, zone] : options.zones.by_value) out += ' ' + value + '=' + zone.name();
  return out;
}

void Walk(const Json& from, const Json& to, const std::string& path,
          std::vector<SettingChange>& out) {
  if (from == to) return;
  const auto mapping = [](const Json& json) { return json.is_object() || json.is_null(); };
  if (mapping(from) && mapping(to)) {
    const std::string prefix = path.empty() ? "" : path + '.';
    for (const auto& [key, value] : to.items()) {
      Walk(from.contains(key) ? from[key] : Json(), value, prefix + key, out);
    }
    for (const auto& [key, value] : from.items()) {
      if (!to.contains(key)) Walk(value, Json(), prefix + key, out);
    }
    return;
  }
  out.push_back({path, from.is_null() ? "" : Dump(from), to.is_null() ? "" : Dump(to)});
}

}  // namespace

Result<std::string> SettingsOfText(const std::string& yaml, const std::string& file) {
  QUELL_ASSIGN(const YAML::Node root, config::ParseYaml(yaml, file));
  Json out = Json::object();
  size_t left = kNodesMax;
  if (root.IsMap()) {
    for (const auto& pair : root) {
      const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : "";
      if (Holds(kSet, key) || Holds(kFixed, key)) out[key] = JsonOf(pair.second, left);
    }
  }
  if (left == 0) return Bad(file + ": more than 200000 values");
  return Dump(out);
}

Result<std::string> MergeSettings(const config::Config& base, const std::string& present,
                                  const std::string& changes) {
  QUELL_ASSIGN(Json merged, ReadObject(present));
  QUELL_ASSIGN(Json laid, ReadObject(changes));
  Write(laid);
  for (const auto& [key, value] : laid.items()) {
    if (!Holds(kSet, key) && !Holds(kFixed, key)) {
      return Bad("settings: a model does not set \"" + key + '"');
    }
  }
  if (laid.contains("incidents") && laid["incidents"].is_object()) {
    const std::string named = laid["incidents"].value("dedup_model", base.dedup_model);
    if (named != base.dedup_model) {
      return Bad("settings: incidents.dedup_model is the configuration's, and no model's");
    }
  }
  const auto told = config::ParseConfig(Dump(laid), "settings");
  if (!told.ok()) return told.error();
  for (const std::string_view key : kFixed) {
    if (laid.contains(key) &&
        DescribeFixed(told->pipeline, key) != DescribeFixed(base.pipeline, key)) {
      return Bad("settings: " + std::string(key) +
                 " cannot be changed by a model: it takes a restart that learns anew");
    }
  }
  for (const signals::SignalDef& one : told->pipeline.definitions) {
    if (Alike(base.pipeline.definitions, one) == nullptr) {
      return Bad("settings: signals: \"" + one.name +
                 "\" is not made as the configuration has it; only what is asked of a signal can "
                 "be changed by a model");
    }
  }
  Lay(merged, laid);
  for (const std::string_view key : kFixed) merged.erase(std::string(key));
  if (merged.contains("incidents") && merged["incidents"].is_object()) {
    merged["incidents"].erase("dedup_model");
  }
  const std::string out = Dump(merged);
  if (out.size() > kSettingsBytesMax) return Bad("settings: longer than 256 KiB");
  QUELL_TRY(WithSettings(base, out));
  return out;
}

Result<config::Config> WithSettings(const config::Config& base, const std::string& settings) {
  QUELL_ASSIGN(config::Config read, config::ParseConfig(settings, "settings"));
  config::Config out = base;
  pipeline::PipelineOptions& options = out.pipeline;
  options.lateness_ms = read.pipeline.lateness_ms;
  options.false_pages_per_week = read.pipeline.false_pages_per_week;
  for (signals::SignalDef& own : options.definitions) {
    if (const auto* set = Alike(read.pipeline.definitions, own)) own = *set;
  }
  options.policies = std::move(read.pipeline.policies);
  auto dedup = std::move(options.incidents.dedup_model);
  options.incidents = std::move(read.pipeline.incidents);
  options.incidents.dedup_model = std::move(dedup);
  return out;
}

std::vector<SettingChange> DiffSettings(const std::string& from, const std::string& to) {
  std::vector<SettingChange> out;
  const auto a = ReadObject(from), b = ReadObject(to);
  if (a.ok() && b.ok()) Walk(*a, *b, "", out);
  return out;
}

}  // namespace quell::models
