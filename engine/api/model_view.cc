#include "engine/api/model_view.h"

#include "engine/models/settings.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;
using models::Model;

Json TimeOrNull(TimeMs time) { return time == 0 ? Json(nullptr) : Json(FormatRfc3339(time)); }

Json ObjectOrNull(const std::string& text) {
  Json read = Json::parse(text, nullptr, false);
  return read.is_object() ? read : Json(nullptr);
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json ApprovalsJson(const Model& model) {
  Json out = Json::array();
  for (const models::Approval& one : model.approvals) {
    out.push_back({{"by", one.by}, {"at", FormatRfc3339(one.at)}, {"reason", one.reason}});
  }
  return out;
}

Json GatesJson(const std::vector<models::GateFinding>& findings) {
  Json out = Json::array();
  for (const models::GateFinding& one : findings) {
    out.push_back({{"gate", one.name},
                   {"seen", one.seen ? Json(*one.seen) : Json(nullptr)},
                   {one.at_most ? "at_most" : "at_least", one.bound},
                   {"holds", one.holds}});
  }
  return out;
}

}  // namespace

Json ModelRow(const Model& model) {
  const models::Content& content = model.content;
  return Json{{"id", model.id},
              {"state", models::StateName(model.state)},
              {"state_at", FormatRfc3339(model.state_at)},
              {"state_by", model.state_by},
              {"state_reason", model.state_reason},
              {"author", content.author},
              {"registered_at", FormatRfc3339(model.registered_at)},
              {"note", model.note},
              {"program", content.program},
              {"learned", {{"digest", content.learned}, {"at", TimeOrNull(content.learned_at)}}},
              {"training",
               {{"from", TimeOrNull(content.training_from)},
                {"to", TimeOrNull(content.training_to)},
                {"digest", TextOrNull(content.training_digest)}}},
              {"quality", ObjectOrNull(content.quality)},
              {"approvals", ApprovalsJson(model)},
              {"revision", model.revision}};
}

Json ModelDetails(const Model& model, const ModelContext& context) {
  Json out = ModelRow(model);
  out["settings"] = ObjectOrNull(model.content.settings);
  Json changes = Json::array();
  for (const auto& one : models::DiffSettings(context.settings, model.content.settings)) {
    changes.push_back(
        {{"key", one.key}, {"from", TextOrNull(one.from)}, {"to", TextOrNull(one.to)}});
  }
  out["changes"] = std::move(changes);
  out["same_program"] = model.content.program == context.program;
  const auto gates = models::JudgeGates(context.rules.gates, model.content.quality, context.data);
  out["gates"] = GatesJson(gates);
  out["gates_hold"] = models::Hold(gates);
  return out;
}

Json DifferenceList(const models::Differences& differences, TimeMs since) {
  const auto counts = [&](models::Happening what) {
    const models::DifferenceCounts& one = differences.counts(what);
    const double lead = one.both == 0 ? 0
                                      : static_cast<double>(one.lead_ms) / kSecondMs /
                                            static_cast<double>(one.both);
    return Json{{"both", one.both},
                {"only_active", one.only_active},
                {"only_candidate", one.only_candidate},
                {"lead_mean_seconds", lead}};
  };
  Json rows = Json::array();
  for (auto one = differences.rows().rbegin(); one != differences.rows().rend(); ++one) {
    rows.push_back({{"what", one->what == models::Happening::kPage ? "page" : "alert"},
                    {"only", one->only == models::Side::kActive ? "active" : "candidate"},
                    {"at", FormatRfc3339(one->at)},
                    {"id", one->id},
                    {"text", one->text}});
  }
  return Json{{"since", TimeOrNull(since)},
              {"until", TimeOrNull(differences.known())},
              {"pages", counts(models::Happening::kPage)},
              {"alerts", counts(models::Happening::kAlert)},
              {"waiting", differences.waiting()},
              {"left_out", differences.left_out()},
              {"differences", std::move(rows)}};
}

Json ModelList(const models::Registry& registry, const ModelContext& context) {
  Json rows = Json::array();
  for (auto model = registry.models().rbegin(); model != registry.models().rend(); ++model) {
    rows.push_back(ModelRow(*model));
  }
  const Model* active = registry.Active();
  const Model* before = registry.Before();
  return Json{{"models", std::move(rows)},
              {"in_force", context.now},
              {"active", active == nullptr ? Json(nullptr) : Json(active->id)},
              {"before", before == nullptr ? Json(nullptr) : Json(before->id)},
              {"require_approval", context.rules.require_approval}};
}

}  // namespace quell::api
