// Versions of what decides: what people do with them goes into the journal, once it was found legal
// and the gates hold (docs/models.md).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"
#include "engine/api/engine.h"
#include "engine/api/uuid.h"
#include "engine/models/gates.h"
#include "engine/models/settings.h"

namespace quell::api {
namespace {

using models::ActionKind;
using models::Model;
using models::Refusal;

constexpr DurationMs kWaitMs = 5 * kSecondMs;

ModelAnswer Refused(int status, std::string_view code, std::string message) {
  return {status, std::string(code), std::move(message), ""};
}

ModelAnswer RefusedFor(Refusal refusal, const std::string& model) {
  const bool unknown = refusal == Refusal::kUnknownModel;
  return Refused(unknown ? 404 : 409, models::RefusalName(refusal),
                 "version " + model + ": " + std::string(models::RefusalWords(refusal)));
}

bool Decides(ActionKind kind) {
  return kind == ActionKind::kPromote || kind == ActionKind::kCanary;
}

std::string Text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

// Under the settings of the version that decides.
Status Engine::MakePipeline(const config::Config& base) {
  QUELL_ASSIGN(const config::Config effective, governor_->Effective(base));
  QUELL_ASSIGN(pipeline_, pipeline::Pipeline::Create(effective.pipeline, &recorder_));
  recorder_.Watch(pipeline_.get());
  return Ok{};
}

// A journal that is learned anew may no longer hold who registered and approved what.
void Engine::SeedModels() {
  governor_->Forget();
  const auto bytes = ReadFile(ModelsPath());
  if (!bytes.ok() && bytes.error().code == ErrorCode::kNotFound) return;
  const Status loaded = bytes.ok() ? governor_->Load(*bytes) : Status(bytes.error());
  if (loaded.ok()) return;
  Log(LogLevel::kWarn, "versions kept beside the snapshot are not used",
      {{"path", ModelsPath()}, {"error", loaded.error().message}});
}

// The version in force, where others look for it.
void Engine::NoteVersion() {
  const models::Version& now = governor_->version();
  const std::lock_guard lock(mutex_);
  if (model_ == now) return;
  Log(LogLevel::kInfo, "the version that decides", {{"model", now.id}, {"before", model_.id}});
  model_ = now;
  store_->UseModel(now.id);
}

models::DataNow Engine::DataOfNow() {
  models::DataNow out;
  const pipeline::Census census = pipeline_->TakeCensus();
  for (size_t state = 0; state < pipeline::kSignalStates; ++state) {
    const auto one = static_cast<signals::SignalState>(state);
    const bool reports = one == signals::SignalState::kLive || one == signals::SignalState::kZero;
    for (const std::uint64_t count : census.signals.at(state)) {
      if (one != signals::SignalState::kRetired) out.signals += count;
      if (reports) out.live += count;
    }
  }
  for (const auto& reading : pipeline_->drifts().Read(pipeline_->event_time())) {
    ++out.judged;
    if (detectors::AdviceOf(reading.verdict) == detectors::DriftAdvice::kRetrain) ++out.drifted;
  }
  return out;
}

// REQUIRES: pipeline_mutex_ is held.
Result<models::ModelAction> Engine::ModelActionOf(const ModelRequest& request) {
  models::ModelAction out;
  out.kind = request.kind;
  QUELL_ASSIGN(out.id, NewUuid());
  out.at = clock_.WallMs();
  out.by = redactor_->Text(request.by, redaction_counters_);
  out.reason = redactor_->Text(request.reason, redaction_counters_);
  out.model = request.model;
  out.share = request.share;
  if (request.kind != ActionKind::kRegister) return out;
  models::Content& content = out.content;
  QUELL_ASSIGN(const std::string present, governor_->Settings());
  QUELL_ASSIGN(content.settings,
               models::MergeSettings(governor_->base(), present, request.settings));
  ByteWriter learned;
  pipeline_->bank().Save(learned);
  content.learned = Sha256Hex(learned.bytes());
  content.learned_at = pipeline_->event_time();
  content.program = governor_->version().code;
  content.training_from = request.training_from;
  content.training_to = request.training_to;
  content.training_digest = request.training_digest;
  content.quality = request.quality;
  content.author = out.by;
  out.model = models::NameOf(content);
  return out;
}

// REQUIRES: pipeline_mutex_ is held. Status 200: it may go into the journal.
ModelAnswer Engine::JudgeModelRequest(const ModelRequest& request, models::ModelAction& action) {
  const models::Registry& registry = governor_->registry();
  if (const Model* twin = registry.Twin(action)) {
    return Refused(409, models::RefusalName(Refusal::kAlreadyRegistered),
                   "the same was registered before, as version " + twin->id);
  }
  const Refusal refusal = registry.Check(action);
  if (refusal != Refusal::kNone) return RefusedFor(refusal, action.model);
  const Model* model = registry.Find(action.model);
  if (request.if_revision && model != nullptr && *request.if_revision != model->revision) {
    return Refused(412, "changed_since", "version " + action.model + " has changed since");
  }
  if (!Decides(action.kind)) return {};
  if (!request.if_revision) {
    return Refused(428, "if_match_required",
                   "say with If-Match which state of the version was looked at: its ETag");
  }
  const bool approved =
      std::any_of(model->approvals.begin(), model->approvals.end(),
                  [&](const models::Approval& one) { return one.by != model->content.author; });
  if (governor_->base().models.require_approval && !approved) {
    return Refused(409, "needs_approval",
                   "nobody but its author " + model->content.author + " has approved it");
  }
  const auto gates =
      models::JudgeGates(governor_->base().models.gates, model->content.quality, DataOfNow());
  action.gates = models::GateWords(gates);
  if (models::Hold(gates)) return {};
  return Refused(409, "gates_fail", "gates do not hold: " + action.gates);
}

ModelAnswer Engine::AppendModelAction(const models::ModelAction& action) {
  const auto appended =
      journal_->Append(ingest::RecordKind::kOperation, clock_.WallMs(), models::ActionJson(action));
  if (!appended.ok()) return Refused(503, "io", appended.error().message);
  model_action_ = action.id;
  wake_.notify_one();
  if (!WaitApplied(journal_->LastSequence(), kWaitMs)) {
    return {202, "", "", "{\"status\":\"accepted\"}\n"};
  }
  auto body = ModelJson(action.model);
  const int status = action.kind == ActionKind::kRegister ? 201 : 200;
  return {status, "", "", std::move(body).value_or("{}\n")};
}

ModelAnswer Engine::ActOnModel(const ModelRequest& request) {
  const std::lock_guard one_at_a_time(models_mutex_);
  models::ModelAction action;
  {
    const std::lock_guard lock(pipeline_mutex_);
    const bool behind = !model_action_.empty() && !governor_->registry().Knows(model_action_);
    if (!ready_ || behind) {
      return Refused(503, "unavailable", "the journal is still being learned: try again");
    }
    auto made = ModelActionOf(request);
    if (!made.ok()) return Refused(400, ErrorCodeName(made.error().code), made.error().message);
    action = *std::move(made);
    ModelAnswer judged = JudgeModelRequest(request, action);
    if (judged.status != 200) {
      ++model_refusals_.at(static_cast<size_t>(request.kind));
      return judged;
    }
  }
  return AppendModelAction(action);
}

// REQUIRES: pipeline_mutex_ is held.
ModelContext Engine::ContextOfModels() {
  ModelContext out;
  out.now = governor_->version().id;
  out.program = governor_->version().code;
  const auto settings = governor_->Settings();
  if (settings.ok()) out.settings = *settings;
  out.data = DataOfNow();
  out.rules = governor_->base().models;
  return out;
}

std::string Engine::ModelsJson() {
  const std::lock_guard lock(pipeline_mutex_);
  return Text(ModelList(governor_->registry(), ContextOfModels()));
}

std::optional<std::string> Engine::ModelJson(const std::string& id) {
  const std::lock_guard lock(pipeline_mutex_);
  const Model* model = governor_->registry().Find(id);
  if (model == nullptr) return std::nullopt;
  return Text(ModelDetails(*model, ContextOfModels()));
}

std::optional<std::string> Engine::DifferencesJson(const std::string& id) {
  const std::lock_guard lock(pipeline_mutex_);
  if (id != governor_->differences_of()) return std::nullopt;
  return Text(DifferenceList(governor_->differences(), governor_->differences_since()));
}

ModelsStatus Engine::models() {
  ModelsStatus out;
  for (size_t i = 0; i < models::kActionKinds; ++i) out.refused.at(i) = model_refusals_.at(i);
  const std::lock_guard lock(pipeline_mutex_);
  out.counters = governor_->counters();
  const models::Differences& differences = governor_->differences();
  out.pages = differences.counts(models::Happening::kPage);
  out.alerts = differences.counts(models::Happening::kAlert);
  out.left_out = differences.left_out();
  for (const Model& model : governor_->registry().models()) {
    ++out.states.at(static_cast<size_t>(model.state));
  }
  return out;
}

}  // namespace quell::api
