#include "engine/models/governor.h"

#include <algorithm>

#include "core/hash.h"
#include "engine/models/settings.h"

namespace quell::models {
namespace {

constexpr std::string_view kMagic = "quell-models-1";

store::Deed DeedOf(const ModelAction& action, const Registry& registry) {
  static constexpr std::array<std::string_view, kActionKinds> kDone = {
      "model_registered", "model_approved",    "model_shadow", "model_canary",
      "model_promoted",   "model_rolled_back", "model_retired"};
  std::string detail;
  if (action.kind == ActionKind::kRollback) {
    const Model* now = registry.Active();
    detail = now == nullptr ? "to the configuration's settings" : "to " + now->id;
  } else if (!action.gates.empty()) {
    detail = "gates: " + action.gates;
  }
  // Of what was said only the digest: the log outlives what people may have deleted.
  if (!action.reason.empty()) {
    detail +=
        (detail.empty() ? "" : ", ") + std::string("said SHA-256 ") + Sha256Hex(action.reason);
  }
  return {.what = std::string(kDone.at(static_cast<size_t>(action.kind))),
          .actor = action.by,
          .detail = std::move(detail),
          .by_people = true};
}

}  // namespace

void Governor::Apply(const ingest::JournalRecord& record) {
  if (record.kind == ingest::RecordKind::kOperation) {
    const auto action = ParseActionJson(record.payload);
    if (action.ok()) Act(*action, record.received_ms);
  }
  pipeline_->Apply(record);
  if (beside_) beside_->Apply(record);
}

// Which version decides after the action; null: the configuration's own settings do.
const Model* Governor::Next(const ModelAction& action) const {
  return action.kind == ActionKind::kRollback ? registry_.Before() : registry_.Find(action.model);
}

// A pipeline with these settings that stands as `from` does.
Result<std::unique_ptr<pipeline::Pipeline>> Governor::Made(const std::string& settings,
                                                           pipeline::Pipeline& from,
                                                           pipeline::PipelineObserver* observer) {
  config::Config with = base_;
  if (!settings.empty()) {
    QUELL_ASSIGN(with, WithSettings(base_, settings));
  }
  QUELL_ASSIGN(auto fresh, pipeline::Pipeline::Create(with.pipeline, observer));
  QUELL_TRY(fresh->Load(from.Save()));
  fresh->TakeSeriesNumbers(from);
  return fresh;
}

void Governor::Act(const ModelAction& action, TimeMs received) {
  if (registry_.Knows(action.id)) return;
  const bool moves = action.kind == ActionKind::kPromote || action.kind == ActionKind::kRollback;
  if (moves && registry_.Check(action) == Refusal::kNone) {
    const Model* next = Next(action);
    auto moved = Made(next == nullptr ? "" : next->content.settings, *pipeline_, observer_);
    if (!moved.ok()) {
      ++counters_.refused;
      return;
    }
    Gather();
    pipeline_ = *std::move(moved);
    if (on_move_) on_move_(*pipeline_);
  }
  if (registry_.Take(action) != Refusal::kNone) {
    ++counters_.refused;
    return;
  }
  NameVersion();
  FollowRegistry(received);
  ++counters_.taken.at(static_cast<size_t>(action.kind));
  pipeline_->Tell(store::EffectKind::kModel, received, action.model, ActionJson(action),
                  DeedOf(action, registry_));
}

// Another version runs beside, or none does, than before an action.
void Governor::FollowRegistry(TimeMs at) {
  const Model* beside = registry_.Beside();
  if (beside == nullptr) {
    beside_.reset();
    return;
  }
  if (beside_ && beside->id == differences_of_) return;
  Gather();  // what was decided before it began is no difference
  auto made = Made(beside->content.settings, *pipeline_, nullptr);
  beside_ = made.ok() ? *std::move(made) : nullptr;
  differences_ = {};
  differences_of_ = beside->id;
  differences_since_ = at;
}

Status Governor::EnsureBeside() {
  const Model* beside = registry_.Beside();
  if (beside == nullptr || beside_) return Ok{};
  QUELL_ASSIGN(beside_, Made(beside->content.settings, *pipeline_, nullptr));
  differences_ = {};
  differences_of_ = beside->id;
  differences_since_ = pipeline_->event_time();
  return Ok{};
}

Status Governor::UseBase(config::Config base) {
  base_ = std::move(base);
  NameVersion();
  const Model* beside = registry_.Beside();
  if (!beside_ || beside == nullptr) return Ok{};
  QUELL_ASSIGN(beside_, Made(beside->content.settings, *beside_, nullptr));
  return Ok{};
}

void Governor::Gather() {
  std::vector<store::Effect> effects = pipeline_->TakeEffects();
  if (beside_) {
    differences_.Take(Side::kActive, effects);
    differences_.Take(Side::kCandidate, beside_->TakeEffects());
    differences_.Settle(std::min(pipeline_->last_step(), beside_->last_step()));
  }
  for (store::Effect& effect : effects) {
    effect.model = version_.id;
    effects_.push_back(std::move(effect));
  }
}

std::vector<store::Effect> Governor::TakeEffects() {
  Gather();
  std::vector<store::Effect> out;
  out.swap(effects_);
  return out;
}

Result<config::Config> Governor::Effective(const config::Config& base) const {
  const Model* active = registry_.Active();
  if (active == nullptr) return base;
  return WithSettings(base, active->content.settings);
}

Result<std::string> Governor::Settings() const {
  const Model* active = registry_.Active();
  if (active != nullptr) return active->content.settings;
  return SettingsOfText(base_.source, base_.file);
}

// A registered version is what it was registered as: under another program it is another one.
void Governor::NameVersion() {
  const Model* active = registry_.Active();
  const auto effective = Effective(base_);
  version_ = VersionOf(effective.ok() ? *effective : base_, program_, commit_);
  if (active != nullptr && active->content.program == version_.code) version_.id = active->id;
}

std::string Governor::SaveRegistry() const {
  ByteWriter out;
  out.PutString(kMagic);
  registry_.Save(out);
  out.Put(Crc32c(out.bytes()));
  return out.Take();
}

std::string Governor::Save() {
  ByteWriter out;
  out.PutString(kMagic);
  registry_.Save(out);
  out.PutString(differences_of_);
  out.Put(differences_since_);
  differences_.Save(out);
  out.PutString(beside_ ? beside_->Save() : "");
  out.Put(Crc32c(out.bytes()));
  return out.Take();
}

Status Governor::Load(std::string_view bytes) {
  const Error corrupt = MakeError(ErrorCode::kCorrupt, "the models' state does not decode");
  constexpr size_t kCrcBytes = sizeof(std::uint32_t);
  if (bytes.size() < kCrcBytes) return corrupt;
  ByteReader crc(bytes.substr(bytes.size() - kCrcBytes));
  bytes.remove_suffix(kCrcBytes);
  if (crc.Get<std::uint32_t>() != Crc32c(bytes)) return corrupt;
  ByteReader in(bytes);
  Registry read;
  if (in.GetString() != kMagic || !read.Load(in)) return corrupt;
  Forget();
  if (!in.AtEnd()) {
    const std::string of = in.GetString();
    const auto since = in.Get<TimeMs>();
    Differences differences;
    if (!differences.Load(in)) return corrupt;
    const std::string beside = in.GetString();
    if (!in.ok() || !in.AtEnd()) return corrupt;
    differences_ = std::move(differences);
    differences_of_ = of;
    differences_since_ = since;
    registry_ = std::move(read);
    LoadBeside(beside);
  } else {
    registry_ = std::move(read);
  }
  NameVersion();
  return Ok{};
}

void Governor::LoadBeside(const std::string& snapshot) {
  const Model* model = registry_.Beside();
  if (snapshot.empty() || model == nullptr) return;
  const auto with = WithSettings(base_, model->content.settings);
  if (!with.ok()) return;
  auto made = pipeline::Pipeline::Create(with->pipeline, nullptr);
  if (made.ok() && (*made)->Load(snapshot).ok()) beside_ = *std::move(made);
}

}  // namespace quell::models
