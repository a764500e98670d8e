#include "engine/api/model_request.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/api/request_text.h"
#include "engine/models/settings.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;
using models::ActionKind;

constexpr size_t kNameMax = 200;
constexpr size_t kDigestMax = 128;
constexpr std::string_view kAnonymous =
    "anonymous";  // where nobody is asked: a claim is all there is
constexpr double kShareMax = 0.5;

Error Bad(const std::string& message) { return MakeError(ErrorCode::kInvalidArgument, message); }

Status ReadObject(const std::string& key, const Json& value, size_t bytes_max, std::string& out) {
  if (!value.is_object()) return Bad(key + " must be an object");
  out = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (out.size() > bytes_max) {
    return Bad(key + " is longer than " + std::to_string(bytes_max) + " bytes");
  }
  return Ok{};
}

Status ReadTime(const std::string& key, const Json& value, TimeMs& out) {
  std::string text;
  QUELL_TRY(ReadText(key, value, kDigestMax, text));
  const auto time = ParseTime(text);
  if (!time.ok()) return Bad(key + ": " + time.error().message);
  out = *time;
  return Ok{};
}

Status ReadTraining(const Json& value, ModelRequest& out) {
  if (!value.is_object()) return Bad("training must be an object");
  for (const auto& [key, member] : value.items()) {
    if (key == "from") {
      QUELL_TRY(ReadTime("training.from", member, out.training_from));
    } else if (key == "to") {
      QUELL_TRY(ReadTime("training.to", member, out.training_to));
    } else if (key == "digest") {
      QUELL_TRY(ReadText("training.digest", member, kDigestMax, out.training_digest));
    } else {
      return Bad("unknown field \"training." + key + '"');
    }
  }
  if (out.training_to < out.training_from) return Bad("training.to is before training.from");
  return Ok{};
}

Status ReadMember(const std::string& key, const Json& value, ModelRequest& out) {
  const bool registers = out.kind == ActionKind::kRegister;
  if (key == "by") return ReadText(key, value, kNameMax, out.by);
  if (key == "reason") return ReadText(key, value, kModelReasonMax, out.reason);
  if (registers && key == "settings") {
    return ReadObject(key, value, models::kSettingsBytesMax, out.settings);
  }
  if (registers && key == "quality") return ReadObject(key, value, kModelQualityMax, out.quality);
  if (registers && key == "training") return ReadTraining(value, out);
  if (out.kind == ActionKind::kRollback && key == "model") {
    return ReadText(key, value, kDigestMax, out.model);
  }
  if (out.kind == ActionKind::kCanary && key == "share") {
    if (!value.is_number()) return Bad("share must be a number");
    out.share = value.get<double>();
    if (!(out.share > 0) || out.share > kShareMax) return Bad("share must be above 0, at most 0.5");
    return Ok{};
  }
  return Bad("unknown field \"" + key + '"');
}

}  // namespace

Result<ModelRequest> ParseModelRequest(ActionKind kind, std::string_view body,
                                       std::string_view identity) {
  ModelRequest out;
  out.kind = kind;
  const Json root = Json::parse(body.empty() ? std::string_view("{}") : body, nullptr, false);
  if (!root.is_object()) return Bad("the body is not a JSON object");
  for (const auto& [key, value] : root.items()) QUELL_TRY(ReadMember(key, value, out));
  if (!identity.empty() && identity != kAnonymous) out.by = identity;
  if (out.by.empty()) out.by = "somebody";
  if (kind == ActionKind::kRegister && out.settings.empty()) return Bad("settings is missing");
  if (kind == ActionKind::kCanary && out.share == 0) return Bad("share is missing");
  if (kind == ActionKind::kRollback && out.model.empty()) {
    return Bad("model is missing: the version that decides and is to be left");
  }
  return out;
}

std::optional<std::uint64_t> RevisionOfTag(std::string_view tag) {
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  std::uint64_t revision = 0;
  const char* const end = tag.data() + tag.size() - 1;
  const auto read = std::from_chars(tag.data() + 1, end, revision);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return revision;
}

}  // namespace quell::api
