#include "engine/models/registry.h"

#include <algorithm>
#include <array>

namespace quell::models {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr size_t kModelBytesLeast = 64;

// By action and the version's state: candidate, shadow, canary, active, retired. A registration is
// of a version that is not there, and judged apart.
constexpr Refusal kMoves[kActionKinds][kStates] = {
    /* register */ {Refusal::kAlreadyRegistered, Refusal::kAlreadyRegistered,
                    Refusal::kAlreadyRegistered, Refusal::kAlreadyRegistered,
                    Refusal::kAlreadyRegistered},
    /* approve */
    {Refusal::kNone, Refusal::kNone, Refusal::kNone, Refusal::kIsActive, Refusal::kIsRetired},
    /* shadow */
    {Refusal::kNone, Refusal::kAlreadyThere, Refusal::kIsCanary, Refusal::kIsActive,
     Refusal::kIsRetired},
    /* canary */
    {Refusal::kNone, Refusal::kNone, Refusal::kAlreadyThere, Refusal::kIsActive,
     Refusal::kIsRetired},
    /* promote */
    {Refusal::kNone, Refusal::kNone, Refusal::kNone, Refusal::kAlreadyThere, Refusal::kIsRetired},
    /* rollback */
    {Refusal::kNotActive, Refusal::kNotActive, Refusal::kNotActive, Refusal::kNone,
     Refusal::kNotActive},
    /* retire */
    {Refusal::kNone, Refusal::kNone, Refusal::kNone, Refusal::kIsActive, Refusal::kAlreadyThere},
};

struct RefusalText {
  std::string_view name, words;
};
constexpr std::array<RefusalText, 12> kRefusals = {{
    {"none", "it was done"},
    {"unknown_model", "there is no such version"},
    {"already_registered", "this version is registered already"},
    {"full", "100 versions are kept, and none of them is retired: retire one"},
    {"already_there", "it is in that state already"},
    {"is_canary", "it is in canary, which is beyond shadow: retire it, or promote it"},
    {"is_active", "it decides: roll back, or promote another"},
    {"is_retired", "it is retired: register it anew"},
    {"approved_already", "the same person has approved it"},
    {"too_many_approvals", "20 approvals are kept"},
    {"not_active", "it does not decide: only the version that does can be rolled back"},
    {"nothing_before", "the configuration's own settings decide: there is nothing before them"},
}};

}  // namespace

std::string_view RefusalName(Refusal refusal) {
  return kRefusals.at(static_cast<size_t>(refusal)).name;
}
std::string_view RefusalWords(Refusal refusal) {
  return kRefusals.at(static_cast<size_t>(refusal)).words;
}

const Model* Registry::Find(std::string_view id) const {
  const auto found = std::find_if(models_.begin(), models_.end(),
                                  [id](const Model& model) { return model.id == id; });
  return found == models_.end() ? nullptr : &*found;
}

Model* Registry::Own(std::string_view id) { return const_cast<Model*>(Find(id)); }

const Model* Registry::Beside() const {
  for (const Model& model : models_) {
    if (model.state == State::kShadow || model.state == State::kCanary) return &model;
  }
  return nullptr;
}

std::vector<Model>::const_iterator Registry::Spare() const {
  return std::find_if(models_.begin(), models_.end(), [this](const Model& model) {
    return model.state == State::kRetired &&
           std::find(line_.begin(), line_.end(), model.id) == line_.end();
  });
}

const Model* Registry::Twin(const ModelAction& action) const {
  if (action.kind != ActionKind::kRegister) return nullptr;
  for (const Model& model : models_) {
    Content like = action.content;
    like.learned = model.content.learned;
    like.learned_at = model.content.learned_at;
    if (model.state != State::kRetired && NameOf(like) == model.id) return &model;
  }
  return nullptr;
}

Refusal Registry::Check(const ModelAction& action) const {
  const Model* model = Find(action.model);
  if (action.kind == ActionKind::kRegister) {
    if (model != nullptr) return Refusal::kAlreadyRegistered;
    return models_.size() >= kVersionsMax && Spare() == models_.end() ? Refusal::kFull
                                                                      : Refusal::kNone;
  }
  if (action.kind == ActionKind::kRollback && line_.empty()) return Refusal::kNothingBefore;
  if (model == nullptr) return Refusal::kUnknownModel;
  const auto kind = static_cast<size_t>(action.kind);
  const Refusal refusal = kMoves[kind][static_cast<size_t>(model->state)];
  if (refusal != Refusal::kNone || action.kind != ActionKind::kApprove) return refusal;
  for (const Approval& approval : model->approvals) {
    if (approval.by == action.by) return Refusal::kApprovedAlready;
  }
  return model->approvals.size() >= kApprovalsMax ? Refusal::kTooManyApprovals : Refusal::kNone;
}

void Registry::Remember(const std::string& action_id) {
  seen_.insert(action_id);
  order_.push_back(action_id);
  if (order_.size() <= kActionsRemembered) return;
  seen_.erase(order_.front());
  order_.pop_front();
}

void Registry::Move(Model& model, State state, const ModelAction& action) {
  model.state = state;
  model.state_at = action.at;
  model.state_by = action.by;
  model.state_reason = action.reason;
  model.revision = revision_;
}

// One version runs beside at a time: the former one is a candidate again.
void Registry::EndBeside(const ModelAction& action) {
  const Model* beside = Beside();
  if (beside == nullptr || beside->id == action.model) return;
  Move(*Own(beside->id), State::kCandidate, action);
}

void Registry::Register(const ModelAction& action) {
  if (models_.size() >= kVersionsMax) models_.erase(Spare());
  Model& model = models_.emplace_back();
  model.id = action.model;
  model.content = action.content;
  model.note = action.reason;
  model.registered_at = action.at;
  Move(model, State::kCandidate, action);
}

Refusal Registry::Take(const ModelAction& action) {
  if (Knows(action.id)) return Refusal::kNone;
  const Refusal refusal = Check(action);
  Remember(action.id);
  if (refusal != Refusal::kNone) return refusal;
  ++revision_;
  Model* const model = Own(action.model);
  switch (action.kind) {
    case ActionKind::kRegister:
      Register(action);
      break;
    case ActionKind::kApprove:
      model->approvals.push_back({action.by, action.reason, action.at});
      model->revision = revision_;
      break;
    case ActionKind::kShadow:
      EndBeside(action);
      Move(*model, State::kShadow, action);
      break;
    case ActionKind::kCanary:
      EndBeside(action);
      canary_share_ = action.share;
      Move(*model, State::kCanary, action);
      break;
    case ActionKind::kPromote:
      if (!line_.empty()) Move(*Own(line_.back()), State::kRetired, action);
      line_.push_back(model->id);
      // What lies further back than all versions that are kept can no longer be gone back to.
      if (line_.size() >= kVersionsMax) line_.erase(line_.begin());
      Move(*model, State::kActive, action);
      break;
    case ActionKind::kRollback:
      Move(*model, State::kRetired, action);
      line_.pop_back();
      if (!line_.empty()) Move(*Own(line_.back()), State::kActive, action);
      break;
    case ActionKind::kRetire:
      Move(*model, State::kRetired, action);
      break;
  }
  return Refusal::kNone;
}

void Registry::Save(ByteWriter& out) const {
  out.Put(kVersion);
  out.Put(static_cast<std::uint64_t>(models_.size()));
  for (const Model& model : models_) PutModel(out, model);
  out.Put(static_cast<std::uint64_t>(line_.size()));
  for (const std::string& id : line_) out.PutString(id);
  out.Put(static_cast<std::uint64_t>(order_.size()));
  for (const std::string& id : order_) out.PutString(id);
  out.Put(canary_share_);
  out.Put(revision_);
}

bool Registry::Load(ByteReader& in) {
  *this = {};
  if (in.Get<std::uint8_t>() != kVersion) return false;
  models_.resize(in.GetCount(kModelBytesLeast));
  for (Model& model : models_) {
    model = GetModel(in);
    if (static_cast<size_t>(model.state) >= kStates) return false;
  }
  line_.resize(in.GetCount(sizeof(std::uint32_t)));
  for (std::string& id : line_) id = in.GetString();
  const size_t actions = in.GetCount(sizeof(std::uint32_t));
  for (size_t i = 0; i < actions && in.ok(); ++i) Remember(in.GetString());
  canary_share_ = in.Get<double>();
  revision_ = in.Get<std::uint64_t>();
  return in.ok() && std::all_of(line_.begin(), line_.end(),
                                [this](const auto& id) { return Find(id) != nullptr; });
}

}  // namespace quell::models
