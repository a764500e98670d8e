#include "engine/api/change_redaction.h"

#include <nlohmann/json.hpp>

#include "engine/incidents/change_json.h"

namespace quell::api {

std::string RedactChange(const std::string& json, const ingest::Redactor& redactor,
                         ingest::RedactionCounters& counters, const std::string& by) {
  using Json = nlohmann::json;
  const Json in = Json::parse(json, nullptr, false);
  Json out = Json::object();
  if (!by.empty()) out[incidents::kAnnouncedBy] = by;
  for (const auto& [key, value] : in.items()) {
    if (key == incidents::kAnnouncedBy) continue;
    if (key == "time" || key == "start" || key == "end") {
      out[key] = value;
    } else if (key == "id" || key == "kind") {
      std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      const bool changed = redactor.ApplyValue(text, counters);
      out[key] = changed ? Json(text) : value;
    } else if (key == "note") {
      out[key] = redactor.Text(value.get_ref<const std::string&>(), counters);
    } else {
      std::vector<Label> label = {{key, value.get<std::string>()}};
      redactor.Apply(label, counters);
      if (label.empty()) {
        // No series has the label any more. Without it the scope would be wider, not empty.
        std::string name = key;
        redactor.ApplyValue(name, counters);
        label.push_back({name, "redacted"});
      }
      out[label[0].name] = label[0].value;
    }
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace quell::api
