#include "engine/incidents/feedback.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace quell::incidents {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kVerdicts = {"not_an_incident", "expected", "real",
                                                       "merge", "split"};
constexpr size_t kLabelsMax = 64;  // of a member

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

Error Bad(std::string_view field) {
  return MakeError(ErrorCode::kInvalidArgument, "feedback: " + std::string(field));
}

std::string TextOf(const Json& json, const char* key, size_t bytes_max) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_string()) return "";
  return std::string(CutText(at->get_ref<const std::string&>(), bytes_max));
}

Result<TimeMs> TimeOf(const Json& json, const char* key) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_string()) return Bad(key);
  return ParseTime(at->get_ref<const std::string&>());
}

std::uint64_t NumberOf(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_number_unsigned() ? at->get<std::uint64_t>() : 0;
}

Result<Labels> LabelsOf(const Json& json, const char* key) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_object() || at->size() > kLabelsMax) return Bad(key);
  std::vector<Label> labels;
  for (const auto& [name, value] : at->items()) {
    if (!value.is_string()) return Bad(std::string(key) + "." + name);
    labels.push_back({name, value.get<std::string>()});
  }
  return Labels(std::move(labels));
}

Result<FeedbackMember> MemberOf(const Json& json) {
  if (!json.is_object()) return Bad("members");
  FeedbackMember out;
  out.alert = NumberOf(json, "alert");
  out.part = NumberOf(json, "part") == 0 ? 0 : 1;
  QUELL_ASSIGN(out.labels, LabelsOf(json, "labels"));
  QUELL_ASSIGN(out.onset, TimeOf(json, "onset"));
  QUELL_ASSIGN(out.starts_at, TimeOf(json, "startsAt"));
  return out;
}

}  // namespace

std::string_view FeedbackVerdictName(FeedbackVerdict verdict) {
  return kVerdicts.at(static_cast<size_t>(verdict));
}

Result<FeedbackVerdict> ParseFeedbackVerdict(std::string_view name) {
  const auto* const at = std::find(kVerdicts.begin(), kVerdicts.end(), name);
  if (at != kVerdicts.end()) return static_cast<FeedbackVerdict>(at - kVerdicts.begin());
  return MakeError(ErrorCode::kInvalidArgument,
                   "verdict must be not_an_incident, expected, real, merge or split");
}

std::string_view CutText(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::vector<FeedbackMember> FeedbackMembersOf(const Incident& incident, std::uint8_t part) {
  std::vector<FeedbackMember> out;
  for (const Member& member : incident.members) {
    if (out.size() == kFeedbackMembersMax) break;
    const Alert& alert = member.alert;
    out.push_back({alert.id, part, alert.labels, alert.onset, alert.starts_at});
  }
  return out;
}

std::string FeedbackJson(const Feedback& feedback) {
  Json members = Json::array();
  for (const FeedbackMember& member : feedback.members) {
    members.push_back(Json{{"alert", member.alert},
                           {"part", member.part},
                           {"labels", LabelsJson(member.labels)},
                           {"onset", FormatRfc3339(member.onset)},
                           {"startsAt", FormatRfc3339(member.starts_at)}});
  }
  const Json out = {{"id", feedback.id},
                    {"time", FormatRfc3339(feedback.at)},
                    {"verdict", FeedbackVerdictName(feedback.verdict)},
                    {"incident", feedback.incident},
                    {"other", feedback.other},
                    {"by", feedback.by},
                    {"via", feedback.via},
                    {"reason", feedback.reason},
                    {"scope", LabelsJson(feedback.scope)},
                    {"members_total", feedback.members_total},
                    {"members", std::move(members)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Feedback> ParseFeedbackJson(std::string_view json) {
  const Json root = Json::parse(json, nullptr, false);
  if (!root.is_object()) return Bad("is not a JSON object");
  Feedback out;
  out.id = TextOf(root, "id", kFeedbackIdMax);
  out.incident = TextOf(root, "incident", kFeedbackIdMax);
  out.other = TextOf(root, "other", kFeedbackIdMax);
  if (out.id.empty()) return Bad("id");
  if (out.incident.empty()) return Bad("incident");
  QUELL_ASSIGN(out.at, TimeOf(root, "time"));
  QUELL_ASSIGN(out.verdict, ParseFeedbackVerdict(TextOf(root, "verdict", kFeedbackIdMax)));
  out.by = TextOf(root, "by", kFeedbackNameMax);
  out.via = TextOf(root, "via", kFeedbackIdMax);
  out.reason = TextOf(root, "reason", kFeedbackTextMax);
  QUELL_ASSIGN(out.scope, LabelsOf(root, "scope"));
  const auto members = root.find("members");
  if (members == root.end() || !members->is_array()) return Bad("members");
  std::array<size_t, 2> count{};
  for (const Json& member : *members) {
    QUELL_ASSIGN(FeedbackMember read, MemberOf(member));
    if (++count.at(read.part) <= kFeedbackMembersMax) out.members.push_back(std::move(read));
  }
  out.members_total = std::max<std::uint64_t>(NumberOf(root, "members_total"), out.members.size());
  return out;
}

}  // namespace quell::incidents
