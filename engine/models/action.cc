#include "engine/models/action.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace quell::models {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, kActionKinds> kNames = {
    "register", "approve", "shadow", "canary", "promote", "rollback", "retire"};

std::string TextOf(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : "";
}

}  // namespace

std::string_view ActionName(ActionKind kind) { return kNames.at(static_cast<size_t>(kind)); }

std::optional<ActionKind> ParseAction(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ActionKind>(found - kNames.begin());
}

std::string ActionJson(const ModelAction& action) {
  Json out = {{"operation", "model"},
              {"action", ActionName(action.kind)},
              {"id", action.id},
              {"model", action.model},
              {"by", action.by},
              {"reason", action.reason},
              {"at", FormatRfc3339(action.at)}};
  if (action.kind == ActionKind::kRegister)
    out["content"] = Json::parse(ContentJson(action.content));
  if (action.kind == ActionKind::kCanary) out["share"] = action.share;
  if (!action.gates.empty()) out["gates"] = action.gates;
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ModelAction> ParseActionJson(std::string_view json) {
  const Error none = MakeError(ErrorCode::kInvalidArgument, "not an action upon a model");
  const Json read = Json::parse(json, nullptr, false);
  if (!read.is_object() || TextOf(read, "operation") != "model") return none;
  const auto kind = ParseAction(TextOf(read, "action"));
  const auto at = ParseTime(TextOf(read, "at"));
  ModelAction out;
  out.id = TextOf(read, "id");
  out.model = TextOf(read, "model");
  if (!kind || !at.ok() || out.id.empty() || out.model.empty()) return none;
  out.kind = *kind;
  out.at = *at;
  out.by = TextOf(read, "by");
  out.reason = TextOf(read, "reason");
  out.gates = TextOf(read, "gates");
  if (out.kind == ActionKind::kRegister) {
    const auto content = read.find("content");
    if (content == read.end()) return none;
    out.content = ReadContent(content->dump(-1, ' ', false, Json::error_handler_t::replace));
    if (NameOf(out.content) != out.model) return none;
  }
  const auto share = read.find("share");
  if (share != read.end() && share->is_number()) out.share = share->get<double>();
  return out;
}

}  // namespace quell::models
