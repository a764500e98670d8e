// What an engine tells of its signals: lists, one signal's points, and announced changes.
#include <algorithm>
#include <array>

#include "engine/api/engine.h"
#include "ingest/alerts/filter.h"

namespace quell::api {
namespace {

using detectors::VerdictReason;
using signals::SignalState;

constexpr std::string_view kAlerting = "alerting";
constexpr std::string_view kInsufficient = "insufficient";
constexpr float kNot = std::numeric_limits<float>::quiet_NaN();

float Narrow(double value) { return static_cast<float>(value); }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool HasWords(const std::vector<std::string>& words, const signals::SignalDef& def,
              const Labels& labels) {
  if (words.empty()) return true;
  std::string text = def.name + ' ' + def.what;
  for (const Label& label : labels) text += ' ' + label.name + '=' + label.value;
  std::transform(text.begin(), text.end(), text.begin(), Lower);
  return std::all_of(words.begin(), words.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

// What a list is narrowed to and ordered by, without a copy of the signal.
struct Facts {
  std::uint32_t slot = 0;
  SignalState state = SignalState::kDead;
  bool judged = false, alerting = false, insufficient = false;
  double tail = 1;
};

bool MoreUrgent(const Facts& a, const Facts& b) {
  if (a.alerting != b.alerting) return a.alerting;
  if (a.tail != b.tail) return a.tail < b.tail;
  return a.slot < b.slot;
}

bool InState(const std::string& wanted, const Facts& facts) {
  if (wanted.empty()) return true;
  if (wanted == kAlerting) return facts.alerting;
  if (wanted == kInsufficient) return facts.insufficient;
  return wanted == signals::SignalStateName(facts.state);
}

Facts FactsOf(pipeline::Pipeline& pipeline, std::uint32_t slot) {
  Facts out;
  out.slot = slot;
  out.state = pipeline.signals().State(slot, pipeline.event_time());
  out.alerting = pipeline.Alerting(slot);
  const detectors::Verdict* verdict = pipeline.LastVerdict(slot);
  out.judged = verdict != nullptr;
  if (!out.judged) return out;
  const pipeline::EvidenceState evidence = pipeline.StandingOf(slot).evidence;
  out.insufficient =
      evidence != pipeline::EvidenceState::kEnough && evidence != pipeline::EvidenceState::kStale;
  const bool reports = out.state != SignalState::kDead && out.state != SignalState::kRetired;
  if (reports && verdict->reason != VerdictReason::kInsufficientEvidence) {
    out.tail = verdict->tail_probability;
  }
  return out;
}

SignalRow RowOf(pipeline::Pipeline& pipeline, const Facts& facts) {
  const signals::SignalEngine& signals = pipeline.signals();
  const signals::SignalDef& def = signals.Definition(facts.slot);
  SignalRow row;
  row.name = def.name;
  row.kind = detectors::SignalKindName(def.kind);
  row.what = def.what;
  row.unit = def.unit;
  row.state = signals::SignalStateName(facts.state);
  row.labels = signals.signals()[facts.slot].labels;
  row.id = row.labels.Fingerprint();
  row.labels.Set("alertname", "");
  row.last_seen = signals.LastSeen(facts.slot);
  row.alerting = facts.alerting;
  if (!facts.judged) return row;
  const detectors::Verdict& verdict = *pipeline.LastVerdict(facts.slot);
  row.standing = pipeline.StandingOf(facts.slot);
  row.reason = detectors::VerdictReasonName(verdict.reason);
  const pipeline::Reading reading = pipeline.LastReading(facts.slot);
  row.value = reading.value;
  row.expected = reading.expected;
  row.band_low = reading.low;
  row.band_high = reading.high;
  row.tail_probability = verdict.tail_probability;
  return row;
}

}  // namespace

void PointRecorder::OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& point,
                            const detectors::Verdict& verdict) {
  if (pipeline_ == nullptr) return;
  const pipeline::Reading reading = pipeline_->ReadingOf(point.shown, verdict);
  exports::HistoryPoint out{verdict.slot, Narrow(reading.value), kNot, kNot, kNot, kNot};
  if (verdict.reason != VerdictReason::kInsufficientEvidence) {
    out.score = Narrow(exports::ScoreOf(verdict.tail_probability));
    if (verdict.reason != VerdictReason::kStaticLimit) {
      out.expected = Narrow(reading.expected);
      out.low = Narrow(reading.low);
      out.high = Narrow(reading.high);
    }
  }
  history_.Add(step_end, out);
}

SignalPage Engine::Signals(const SignalQuery& query) {
  SignalPage out;
  std::array<size_t, pipeline::kSignalStates> states{};
  size_t alerting = 0;
  size_t insufficient = 0;
  const std::lock_guard lock(pipeline_mutex_);
  const signals::SignalEngine& signals = pipeline_->signals();
  std::vector<Facts> found;
  for (std::uint32_t slot = 0; slot < signals.signals().size(); ++slot) {
    const Labels& labels = signals.signals()[slot].labels;
    const Facts facts = FactsOf(*pipeline_, slot);
    ++states[static_cast<size_t>(facts.state)];
    alerting += facts.alerting ? 1 : 0;
    insufficient += facts.insufficient ? 1 : 0;
    if (InState(query.state, facts) && (!query.id || labels.Fingerprint() == *query.id) &&
        HasWords(query.words, signals.Definition(slot), labels) &&
        ingest::PassesFilters(query.filters, labels)) {
      found.push_back(facts);
    }
  }
  out.total = found.size();
  const size_t begin = std::min(query.offset, found.size());
  const size_t end = std::min(begin + query.limit, found.size());
  if (query.by_urgency) {
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(end), found.end(),
                      MoreUrgent);
  }
  for (size_t i = begin; i < end; ++i) out.rows.push_back(RowOf(*pipeline_, found[i]));
  for (size_t i = 0; i < states.size(); ++i) {
    out.counts.emplace_back(signals::SignalStateName(static_cast<SignalState>(i)), states[i]);
  }
  out.counts.emplace_back(kAlerting, alerting);
  out.counts.emplace_back(kInsufficient, insufficient);
  return out;
}

std::optional<SignalPoints> Engine::PointsOf(std::uint64_t id, TimeMs since) {
  SignalPoints out;
  std::optional<std::uint32_t> slot;
  {
    const std::lock_guard lock(pipeline_mutex_);
    const auto& all = pipeline_->signals().signals();
    for (std::uint32_t i = 0; i < all.size() && !slot; ++i) {
      if (all[i].labels.Fingerprint() == id) slot = i;
    }
    if (!slot) return std::nullopt;
    out.step_ms = config_.pipeline.signals.step_ms;
    out.threshold = pipeline_->Threshold(*slot);
  }
  out.points = history_.Of(*slot, since);
  return out;
}

std::vector<incidents::Change> Engine::Changes(size_t limit) {
  const std::lock_guard lock(pipeline_mutex_);
  return pipeline_->incidents().LatestChanges(limit);
}

}  // namespace quell::api
