#include "engine/paging/human_action.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace quell::paging {
namespace {

using Json = nlohmann::ordered_json;
using incidents::CutText;

constexpr std::string_view kOperation = "people";
constexpr std::array<std::string_view, 8> kNames = {
    "details", "acknowledge", "unacknowledge", "resolve", "reopen", "note", "merge", "feedback"};
constexpr std::uint64_t kPageMax = 1000;

Error Bad(std::string_view field) {
  return MakeError(ErrorCode::kInvalidArgument, "what people did: " + std::string(field));
}

std::string TextOf(const Json& json, const char* key, size_t bytes_max) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_string()) return "";
  return std::string(CutText(at->get_ref<const std::string&>(), bytes_max));
}

}  // namespace

std::string_view HumanActionName(HumanActionKind kind) {
  return kNames.at(static_cast<size_t>(kind));
}

std::string HumanActionJson(const HumanAction& action) {
  Json out = {{"operation", kOperation}, {"action", HumanActionName(action.kind)},
              {"id", action.id},         {"via", action.via},
              {"at", action.at},         {"incident", action.incident},
              {"by", action.by}};
  if (action.page != 0) out["page"] = action.page;
  if (!action.person) out["person"] = false;
  const auto put = [&](const char* key, const std::string& text) {
    if (!text.empty()) out[key] = text;
  };
  put("foreign", action.foreign);
  put("other", action.other);
  put("text", action.text);
  put("priority", action.priority);
  put("url", action.url);
  if (!action.assignees.empty()) out["assignees"] = action.assignees;
  if (!action.alerts.empty()) out["alerts"] = action.alerts;
  if (action.feedback) {
    out["feedback"] = Json::parse(incidents::FeedbackJson(*action.feedback), nullptr, false);
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<HumanAction> ParseHumanAction(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (!root.is_object() || TextOf(root, "operation", 64) != kOperation) return Bad("operation");
  HumanAction out;
  const auto* const kind =
      std::find(kNames.begin(), kNames.end(), std::string_view(TextOf(root, "action", 64)));
  if (kind == kNames.end()) return Bad("action");
  out.kind = static_cast<HumanActionKind>(kind - kNames.begin());
  out.id = TextOf(root, "id", incidents::kFeedbackIdMax);
  out.incident = TextOf(root, "incident", incidents::kFeedbackIdMax);
  out.other = TextOf(root, "other", incidents::kFeedbackIdMax);
  if (out.id.empty()) return Bad("id");
  if (out.incident.empty()) return Bad("incident");
  const auto at = root.find("at");
  if (at == root.end() || !at->is_number_integer()) return Bad("at");
  out.at = at->get<TimeMs>();
  const auto page = root.find("page");
  if (page != root.end()) {
    if (!page->is_number_unsigned() || page->get<std::uint64_t>() > kPageMax) return Bad("page");
    out.page = page->get<std::uint32_t>();
  }
  const auto person = root.find("person");
  out.person = person == root.end() || !person->is_boolean() || person->get<bool>();
  out.via = TextOf(root, "via", incidents::kFeedbackIdMax);
  out.by = TextOf(root, "by", incidents::kFeedbackNameMax);
  out.foreign = TextOf(root, "foreign", incidents::kFeedbackIdMax);
  out.text = TextOf(root, "text", incidents::kFeedbackTextMax);
  out.priority = TextOf(root, "priority", incidents::kFeedbackNameMax);
  out.url = TextOf(root, "url", kUrlMax);
  const auto assignees = root.find("assignees");
  if (assignees != root.end() && assignees->is_array()) {
    for (const Json& one : *assignees) {
      if (!one.is_string() || out.assignees.size() == kAssigneesMax) break;
      out.assignees.emplace_back(
          CutText(one.get_ref<const std::string&>(), incidents::kFeedbackNameMax));
    }
  }
  const auto alerts = root.find("alerts");
  if (alerts != root.end() && alerts->is_array()) {
    for (const Json& one : *alerts) {
      if (!one.is_number_unsigned() || out.alerts.size() == kAlertsMax) break;
      out.alerts.push_back(one.get<incidents::AlertId>());
    }
  }
  if (const auto said = root.find("feedback"); said != root.end()) {
    QUELL_ASSIGN(out.feedback, incidents::ParseFeedbackJson(
                                   said->dump(-1, ' ', false, Json::error_handler_t::replace)));
  }
  if (out.kind == HumanActionKind::kFeedback && !out.feedback) return Bad("feedback");
  if (out.kind == HumanActionKind::kMerge && out.other.empty()) return Bad("other");
  return out;
}

}  // namespace quell::paging
