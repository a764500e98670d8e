#include "engine/models/model.h"

#include <array>
#include <nlohmann/json.hpp>

#include "core/hash.h"

namespace quell::models {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kApprovalBytesLeast = 16;

Json ObjectOr(const std::string& text) {
  Json read = Json::parse(text, nullptr, false);
  return read.is_object() ? read : Json(nullptr);
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string TextOf(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : "";
}

std::string ObjectTextOf(const Json& json, const char* key) {
  const auto at = json.find(key);
  return at != json.end() && at->is_object() ? Dump(*at) : "";
}

TimeMs TimeOf(const Json& json, const char* key) {
  const auto read = ParseTime(TextOf(json, key));
  return read.ok() ? *read : 0;
}

std::string TimeText(TimeMs time) { return time == 0 ? "" : FormatRfc3339(time); }

}  // namespace

std::string_view StateName(State state) {
  static constexpr std::array<std::string_view, kStates> kNames = {"candidate", "shadow", "canary",
                                                                   "active", "retired"};
  return kNames.at(static_cast<size_t>(state));
}

std::string ContentJson(const Content& content) {
  return Dump(Json{{"settings", ObjectOr(content.settings)},
                   {"program", content.program},
                   {"learned", content.learned},
                   {"learned_at", TimeText(content.learned_at)},
                   {"training_from", TimeText(content.training_from)},
                   {"training_to", TimeText(content.training_to)},
                   {"training_digest", content.training_digest},
                   {"quality", ObjectOr(content.quality)},
                   {"author", content.author}});
}

Content ReadContent(std::string_view json) {
  const Json read = Json::parse(json, nullptr, false);
  Content out;
  if (!read.is_object()) return out;
  out.settings = ObjectTextOf(read, "settings");
  out.program = TextOf(read, "program");
  out.learned = TextOf(read, "learned");
  out.learned_at = TimeOf(read, "learned_at");
  out.training_from = TimeOf(read, "training_from");
  out.training_to = TimeOf(read, "training_to");
  out.training_digest = TextOf(read, "training_digest");
  out.quality = ObjectTextOf(read, "quality");
  out.author = TextOf(read, "author");
  return out;
}

std::string NameOf(const Content& content) {
  return Sha256Hex("quell-model-2\n" + ContentJson(content));
}

void PutModel(ByteWriter& out, const Model& model) {
  out.PutString(ContentJson(model.content));
  out.PutString(model.note);
  out.Put(model.registered_at);
  out.Put(model.state);
  out.Put(model.state_at);
  out.PutString(model.state_by);
  out.PutString(model.state_reason);
  out.Put(static_cast<std::uint64_t>(model.approvals.size()));
  for (const Approval& approval : model.approvals) {
    out.PutString(approval.by);
    out.PutString(approval.reason);
    out.Put(approval.at);
  }
  out.Put(model.revision);
}

Model GetModel(ByteReader& in) {
  Model out;
  out.content = ReadContent(in.GetString());
  out.id = NameOf(out.content);
  out.note = in.GetString();
  out.registered_at = in.Get<TimeMs>();
  out.state = in.Get<State>();
  out.state_at = in.Get<TimeMs>();
  out.state_by = in.GetString();
  out.state_reason = in.GetString();
  out.approvals.resize(in.GetCount(kApprovalBytesLeast));
  for (Approval& approval : out.approvals) {
    approval.by = in.GetString();
    approval.reason = in.GetString();
    approval.at = in.Get<TimeMs>();
  }
  out.revision = in.Get<std::uint64_t>();
  return out;
}

}  // namespace quell::models
