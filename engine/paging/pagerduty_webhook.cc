#include "engine/paging/pagerduty_webhook.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <nlohmann/json.hpp>

namespace quell::paging {
namespace {

using Json = nlohmann::json;
using incidents::CutText;

constexpr size_t kDigestBytes = 32;
constexpr size_t kSignaturesMax = 16;
using Digest = std::array<unsigned char, kDigestBytes>;

constexpr std::string_view kIncidentPrefix = "incident.";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<Digest> ReadSignature(std::string_view text) {
  constexpr std::string_view kVersion = "v1=";
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.substr(0, kVersion.size()) != kVersion) return std::nullopt;
  text.remove_prefix(kVersion.size());
  if (text.size() != 2 * kDigestBytes) return std::nullopt;
  Digest out{};
  for (size_t i = 0; i < out.size(); ++i) {
    const int high = HexDigit(text[2 * i]);
    const int low = HexDigit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.at(i) = static_cast<unsigned char>(high * 16 + low);
  }
  return out;
}

Error Bad(std::string_view field) {
  return MakeError(ErrorCode::kInvalidArgument, "webhook: " + std::string(field));
}

const Json* Member(const Json& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto at = json.find(key);
  return at == json.end() ? nullptr : &*at;
}

std::string TextOf(const Json* json, const char* key, size_t bytes_max) {
  const Json* found = json == nullptr ? nullptr : Member(*json, key);
  if (found == nullptr || !found->is_string()) return "";
  return std::string(CutText(found->get_ref<const std::string&>(), bytes_max));
}

// A reference's name for people.
std::string NameOf(const Json* json) {
  std::string name = TextOf(json, "summary", incidents::kFeedbackNameMax);
  if (name.empty()) name = TextOf(json, "name", incidents::kFeedbackNameMax);
  if (name.empty()) name = TextOf(json, "id", incidents::kFeedbackNameMax);
  return name;
}

HumanActionKind KindOf(std::string_view type) {
  if (type == "incident.acknowledged") return HumanActionKind::kAcknowledge;
  if (type == "incident.unacknowledged") return HumanActionKind::kUnacknowledge;
  if (type == "incident.resolved") return HumanActionKind::kResolve;
  if (type == "incident.reopened") return HumanActionKind::kReopen;
  return HumanActionKind::kDetails;
}

void ReadIncident(const Json& data, PagerDutyWebhook& out) {
  HumanAction& action = out.action;
  out.dedup_key = TextOf(&data, "incident_key", incidents::kFeedbackTextMax);
  action.foreign = TextOf(&data, "id", incidents::kFeedbackIdMax);
  action.priority = NameOf(Member(data, "priority"));
  const std::string url = TextOf(&data, "html_url", kUrlMax + 1);
  if (url.size() <= kUrlMax && url.rfind("https://", 0) == 0) action.url = url;
  const Json* assignees = Member(data, "assignees");
  if (assignees != nullptr && assignees->is_array()) {
    for (const Json& one : *assignees) {
      if (action.assignees.size() == kAssigneesMax) break;
      if (std::string name = NameOf(&one); !name.empty()) action.assignees.push_back(name);
    }
  }
  const Json* reason = Member(data, "resolve_reason");
  if (action.kind != HumanActionKind::kResolve || reason == nullptr) return;
  if (TextOf(reason, "type", 64) != "merge_resolve_reason") return;
  out.merged_foreign = TextOf(Member(*reason, "incident"), "id", incidents::kFeedbackIdMax);
  if (!out.merged_foreign.empty()) action.kind = HumanActionKind::kMerge;
}

// Notes and status updates: they name the incident by PagerDuty's id alone.
void ReadText(const Json& data, const char* key, PagerDutyWebhook& out) {
  out.action.kind = HumanActionKind::kNote;
  out.action.foreign = TextOf(Member(data, "incident"), "id", incidents::kFeedbackIdMax);
  out.action.text = TextOf(&data, key, incidents::kFeedbackTextMax);
}

}  // namespace

bool WebhookIsGenuine(std::string_view header, std::string_view body,
                      std::span<const std::string> secrets) {
  std::vector<Digest> signatures;
  while (!header.empty() && signatures.size() < kSignaturesMax) {
    const size_t comma = std::min(header.find(','), header.size());
    if (const auto read = ReadSignature(header.substr(0, comma))) signatures.push_back(*read);
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  bool genuine = false;
  for (const std::string& secret : secrets) {
    Digest digest{};
    unsigned int size = 0;
    const unsigned char* made = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                                     reinterpret_cast<const unsigned char*>(body.data()),
                                     body.size(), digest.data(), &size);
    if (made == nullptr || size != kDigestBytes || secret.empty()) continue;
    for (const Digest& signature : signatures) {
      genuine |= CRYPTO_memcmp(digest.data(), signature.data(), kDigestBytes) == 0;
    }
  }
  return genuine;
}

Result<std::optional<PagerDutyWebhook>> ParsePagerDutyWebhook(std::string_view body,
                                                              TimeMs received_at) {
  const Json root = Json::parse(body, nullptr, false);
  if (!root.is_object()) return Bad("is not a JSON object");
  const Json* event = Member(root, "event");
  if (event == nullptr || !event->is_object()) return Bad("event");
  PagerDutyWebhook out;
  HumanAction& action = out.action;
  action.via = "pagerduty";
  action.id = TextOf(event, "id", incidents::kFeedbackIdMax + 1);
  if (action.id.empty() || action.id.size() > incidents::kFeedbackIdMax) return Bad("event.id");
  const std::string type = TextOf(event, "event_type", incidents::kFeedbackIdMax);
  if (type.empty()) return Bad("event.event_type");
  if (type.rfind(kIncidentPrefix, 0) != 0) return std::optional<PagerDutyWebhook>();
  const Json* data = Member(*event, "data");
  if (data == nullptr || !data->is_object()) return Bad("event.data");
  const Json* agent = Member(*event, "agent");
  action.by = NameOf(agent);
  action.person = TextOf(agent, "type", incidents::kFeedbackIdMax).find("user") == 0;
  if (action.by.empty()) action.by = "PagerDuty";
  const auto occurred = ParseTime(TextOf(event, "occurred_at", incidents::kFeedbackIdMax));
  action.at = occurred.ok() && *occurred > 0 ? std::min(*occurred, received_at) : received_at;
  action.kind = KindOf(type);
  if (type == "incident.annotated") {
    ReadText(*data, "content", out);
  } else if (type == "incident.status_update_published") {
    ReadText(*data, "message", out);
  } else {
    ReadIncident(*data, out);
    // Responders and the like: what they are about is no incident.
    if (out.dedup_key.empty() && TextOf(data, "type", 64) != "incident") {
      return std::optional<PagerDutyWebhook>();
    }
  }
  return std::optional<PagerDutyWebhook>(std::move(out));
}

}  // namespace quell::paging
