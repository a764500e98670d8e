#include "engine/incidents/incident_engine.h"

#include <algorithm>

#include "engine/incidents/state.h"

namespace quell::incidents {

IncidentEngine::IncidentEngine(const IncidentOptions& options)
    : state_(std::make_unique<State>(options)) {}
IncidentEngine::~IncidentEngine() = default;
IncidentEngine::IncidentEngine(IncidentEngine&&) noexcept = default;
IncidentEngine& IncidentEngine::operator=(IncidentEngine&&) noexcept = default;

void IncidentEngine::AddChange(const Change& change) { state_->changes.Add(change); }

std::vector<Change> IncidentEngine::Changes() const { return state_->changes.All(); }

std::vector<MovingChange> IncidentEngine::MovingVolumes(TimeMs now) const {
  return state_->changes.MovingVolumes(now);
}

std::vector<Change> IncidentEngine::LatestChanges(size_t limit) const {
  return state_->changes.Latest(limit);
}

void IncidentEngine::SetSilence(const ingest::Silence& silence, size_t silences_max) {
  state_->silences.Set(silence, silences_max);
}

const SilenceBook& IncidentEngine::silences() const { return state_->silences; }

bool IncidentEngine::AddFeedback(const Feedback& feedback) {
  if (!state_->feedback.Add(feedback)) return false;
  state_->noise.Learn(state_->feedback);
  return true;
}

const FeedbackBook& IncidentEngine::feedback() const { return state_->feedback; }

void IncidentEngine::LearnCall(TimeMs now, std::string_view client, std::string_view server,
                               double requests) {
  state_->topology.Learn(now, client, server, requests);
}

const Topology& IncidentEngine::topology() const { return state_->topology; }

std::vector<IncidentEvent> IncidentEngine::Step(StepInput input, const Population& population) {
  return state_->Step(std::move(input), population);
}

std::vector<Outcome> IncidentEngine::TakeOutcomes() {
  std::vector<Outcome> out;
  out.swap(state_->outcomes);
  return out;
}

std::vector<FlapNews> IncidentEngine::TakeFlaps() { return state_->flaps.TakeNews(); }

std::vector<const Incident*> IncidentEngine::Open() const {
  std::vector<const Incident*> out;
  for (const auto& [id, record] : state_->open) out.push_back(&record.incident);
  return out;
}

void IncidentEngine::Save(ByteWriter& out) const { state_->Save(out); }

Result<IncidentEngine> IncidentEngine::Load(ByteReader& in, const IncidentOptions& options) {
  IncidentEngine engine(options);
  QUELL_TRY(engine.state_->Load(in));
  return engine;
}

IncidentEngine::State::State(const IncidentOptions& engine_options)
    : options(engine_options),
      noise(engine_options.known_noise),
      suppression(engine_options.suppression),
      history(engine_options.join_window_ms),
      topology(engine_options.topology) {}

std::vector<IncidentEvent> IncidentEngine::State::Step(StepInput input,
                                                       const Population& population) {
  if (!input.between) {
    const DurationMs since = input.now - grid_now;
    if (grid_now != 0 && since > 0 && since <= 10 * kMinuteMs) step_ms = since;
    grid_now = input.now;
  }
  now = input.now;
  if (input.scrape_outage) scrape_outage_at = now;

  const auto by_id = [](const Alert& a, const Alert& b) { return a.id < b.id; };
  std::sort(input.fired.begin(), input.fired.end(), by_id);
  for (const Alert& alert : input.fired) {
    if (!alert.received.from.empty()) received.Saw(alert, now);
  }
  EnsureIndex(population, input.fired);
  out_of_sight = std::move(input.out_of_sight);
  TakeFired(std::move(input.fired), input.scrape_outage);
  MarkOutOfSight();
  for (const Alert& alert : input.changed) TakeChanged(alert);
  for (const Alert& alert : input.cleared) TakeCleared(alert);
  for (const auto& [elder, younger] : input.merges) {
    if (elder != younger && open.contains(elder) && open.contains(younger)) {
      MergeInto(open.at(elder), younger);
    }
  }
  for (const auto& [id, alerts] : input.splits) SplitByPeople(id, alerts);
  Decide();
  changes.Forget(now);
  silences.Forget(now);
  flaps.Forget(now);
  topology.Forget(now);
  suppression.Forget(now);
  index = nullptr;
  return std::move(events);
}

}  // namespace quell::incidents
