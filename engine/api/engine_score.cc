// Scores for whoever asks: by a version that runs where it is warm and in time, else by the rules.
#include "engine/api/engine.h"

namespace quell::api {
namespace {

using models::Fallback;

constexpr DurationMs kPollMs = 1;
constexpr size_t kPointsBetweenLooks = 32;

// Until a step has closed after a start or a move, there is nothing to hold a value against.
bool IsWarm(pipeline::Pipeline& pipeline, std::uint32_t slot) {
  using detectors::VerdictReason;
  const detectors::Verdict* verdict = pipeline.LastVerdict(slot);
  if (verdict == nullptr || verdict->reason == VerdictReason::kInsufficientEvidence ||
      verdict->reason == VerdictReason::kStaticLimit) {
    return false;
  }
  const auto evidence = pipeline.StandingOf(slot).evidence;
  return evidence == pipeline::EvidenceState::kEnough ||
         evidence == pipeline::EvidenceState::kFewRequests;
}

}  // namespace

// What is asked of every signal, for when the pipeline has no time to say. Once in a while: it
// changes with the signals and with the version. REQUIRES: pipeline_mutex_ is held.
void Engine::KeepRules() {
  const auto& all = pipeline_->signals().signals();
  const std::string& version = governor_->version().id;
  if (rules_ && rules_->version == version && rules_->signals == all.size()) return;
  auto rules = std::make_shared<SignalRules>();
  rules->version = version;
  rules->signals = all.size();
  for (std::uint32_t slot = 0; slot < all.size(); ++slot) {
    if (pipeline_->LastVerdict(slot) == nullptr) continue;
    rules->rows.emplace(all[slot].labels.Fingerprint(),
                        SignalRules::Row{slot, pipeline_->signals().Definition(slot).kind,
                                         pipeline_->PolicyAt(slot)});
  }
  if (rules->rows.size() < all.size()) rules->signals = 0;  // not all are known: look again
  const std::lock_guard lock(rules_mutex_);
  rules_ = std::move(rules);
}

std::shared_ptr<const SignalRules> Engine::Rules() const {
  const std::lock_guard lock(rules_mutex_);
  return rules_;
}

// Null: the version is not one that runs. REQUIRES: pipeline_mutex_ is held.
pipeline::Pipeline* Engine::PipelineOf(const std::string& model) {
  if (model.empty() || model == governor_->version().id) return pipeline_.get();
  const bool beside = governor_->beside() != nullptr && model == governor_->differences_of();
  return beside ? governor_->beside() : nullptr;
}

ScoreAnswer Engine::Score(const ScoreRequest& request) {
  const DurationMs until = clock_.MonotonicMs() + request.budget_ms;
  ScoreAnswer out;
  out.model = request.model.empty() ? model().id : request.model;
  const auto rules = Rules();
  std::unique_lock lock(pipeline_mutex_, std::try_to_lock);
  std::mutex local;
  std::condition_variable never;
  while (!lock.owns_lock() && clock_.MonotonicMs() < until) {
    std::unique_lock waiting(local);
    clock_.WaitFor(never, waiting, kPollMs);
    lock.try_lock();
  }
  bool late = !lock.owns_lock();
  pipeline::Pipeline* const pipeline = late ? nullptr : PipelineOf(request.model);
  if (pipeline != nullptr) out.as_of = pipeline->last_step();
  for (size_t i = 0; i < request.points.size(); ++i) {
    const auto& [id, asked] = request.points[i];
    late = late || (i % kPointsBetweenLooks == 0 && clock_.MonotonicMs() >= until);
    const SignalRules::Row* row = nullptr;
    if (rules) {
      const auto found = rules->rows.find(id);
      if (found != rules->rows.end()) row = &found->second;
    }
    models::Scored scored;
    if (row == nullptr) {
      scored.fallback = Fallback::kUnknownSignal;
      scored.reading.value = asked.value;
    } else if (late) {
      scored = models::ScoreByRules(asked, row->policy, Fallback::kTooSlow);
    } else if (pipeline == nullptr) {
      scored = models::ScoreByRules(asked, row->policy, Fallback::kMissing);
    } else if (!IsWarm(*pipeline, row->slot)) {
      scored = models::ScoreByRules(asked, row->policy, Fallback::kCold);
    } else {
      scored = models::ScoreAgainst(asked, row->kind, pipeline->LastReading(row->slot),
                                    pipeline->PolicyAt(row->slot), pipeline->Threshold(row->slot));
    }
    ++score_counts_.at(static_cast<size_t>(scored.fallback));
    out.points.push_back(scored);
  }
  return out;
}

}  // namespace quell::api
