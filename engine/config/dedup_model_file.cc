#include "engine/config/dedup_model_file.h"

#include <algorithm>
#include <memory>
#include <set>

#include "core/file.h"
#include "core/log.h"
#include "engine/config/yaml_reader.h"

namespace quell::config {
namespace {

using incidents::DedupModel;
using incidents::kJoinFeatures;

constexpr size_t kModelBytesMax = 1U << 20U;
constexpr double kNumberMax = 1e9;

void ReadFeature(YamlMap& map, DedupModel& model, std::set<std::string>& seen) {
  const auto& names = incidents::JoinFeatureNames();
  std::string name;
  map.Read("name", name);
  const auto* const at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return map.Fail("name", "\"" + name + "\" is no feature");
  if (!seen.insert(name).second) return map.Fail("name", "\"" + name + "\" is given twice");
  const auto i = static_cast<size_t>(at - names.begin());
  for (const char* key : {"coefficient", "mean", "sd"}) {
    if (!map.Has(key)) return map.Fail(key, "is missing");
  }
  map.Read("coefficient", model.coefficient[i], -kNumberMax, kNumberMax);
  map.Read("mean", model.mean[i], -kNumberMax, kNumberMax);
  map.Read("sd", model.sd[i], 1e-9, kNumberMax);
}

Result<YAML::Node> ParseNode(const std::string& text, const std::string& file) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return MakeError(ErrorCode::kInvalidArgument, file + ":1:1: is empty");
  }
  return ParseYaml(text, file);  // of which JSON is a part, and which knows lines and columns
}

Status CheckVersion(const YAML::Node& node, const std::string& file) {
  if (!node.IsMap() || !node["version"].IsDefined()) return Ok{};
  const YAML::Node version = node["version"];
  const std::string ours = std::to_string(incidents::kDedupModelVersion);
  if (version.IsScalar() && version.Scalar() == ours) return Ok{};
  YamlContext context{file, {}};
  context.Fail(version.Mark(), "version: this program reads " + ours + "; train the model again");
  context.error->code = ErrorCode::kUnsupported;
  return *context.error;
}

}  // namespace

Result<DedupModel> ParseDedupModel(const std::string& text, const std::string& file) {
  QUELL_ASSIGN(const YAML::Node node, ParseNode(text, file));
  QUELL_TRY(CheckVersion(node, file));
  YamlContext context{file, {}};
  YamlMap root(context, node, "");  // what else there is is for people
  DedupModel out;
  std::string kind;
  std::uint64_t version = 0;
  std::set<std::string> seen;
  root.Read("kind", kind).ReadSize("version", version, 1, 1000);
  if (kind != "quell-dedup-model") root.Fail("kind", "must be quell-dedup-model");
  for (const char* key : {"version", "intercept", "features"}) {
    if (!root.Has(key)) root.Fail(key, "is missing");
  }
  root.Read("intercept", out.intercept, -kNumberMax, kNumberMax);
  root.ReadList("features", [&](const YAML::Node& feature, const std::string& path) {
    YamlMap map(context, feature, path);
    if (context.error) return;
    ReadFeature(map, out, seen);
    map.Finish();
  });
  for (const std::string_view name : incidents::JoinFeatureNames()) {
    if (!seen.contains(std::string(name))) {
      root.Fail("features", "\"" + std::string(name) + "\" is missing");
    }
  }
  if (context.error) return *context.error;
  return out;
}

void UseDedupModel(Config& config) {
  config.pipeline.incidents.dedup_model = nullptr;
  config.dedup_state = DedupState::kNone;
  if (config.dedup_model.empty()) return;
  Result<DedupModel> model = [&]() -> Result<DedupModel> {
    QUELL_ASSIGN(const std::string text, ReadFile(config.dedup_model, kModelBytesMax));
    return ParseDedupModel(text, config.dedup_model);
  }();
  if (!model.ok()) {
    config.dedup_state = DedupState::kUnusable;
    Log(LogLevel::kWarn, "incidents.dedup_model cannot be used: the built-in weights group alerts",
        {{"file", config.dedup_model}, {"why", model.error().message}});
    return;
  }
  config.dedup_state = DedupState::kUsed;
  config.pipeline.incidents.dedup_model = std::make_shared<const DedupModel>(*model);
  Log(LogLevel::kInfo, "alerts are grouped by a learned model", {{"file", config.dedup_model}});
}

}  // namespace quell::config
