#include <algorithm>
#include <map>
#include <queue>

#include "engine/alerts/received.h"
#include "engine/incidents/incident_engine.h"
#include "engine/incidents/join_score.h"
#include "replay/streams/grouping.h"

namespace quell::streams {
namespace {

using incidents::Alert;
using incidents::AlertId;
using incidents::IncidentEventKind;
using incidents::IncidentId;

constexpr DurationMs kBetweenMs = kSecondMs;
constexpr DurationMs kIdleMs = 15 * kSecondMs;
constexpr size_t kTakenPerStep = 256;  // as the pipeline takes what was received

class Signals : public incidents::Population {
 public:
  explicit Signals(const std::vector<Labels>& labels) : labels_(labels) {}
  [[nodiscard]] std::span<const Labels> SignalLabels() const override { return labels_; }

 private:
  const std::vector<Labels>& labels_;
};

Alert AlertOf(const StreamAlert& from, AlertId id, TimeMs now) {
  Alert alert;
  alert.id = id;
  alert.labels = from.labels;
  alert.fingerprint = from.labels.Fingerprint();
  alert.signal = from.labels.Get("alertname");
  alert.what = alert.signal;
  alert.severity = alerts::SeverityOf(from.labels);
  alert.starts_at = now;
  if (from.onset == 0) {
    alert.slot = incidents::kNoSlot;
    alert.onset = std::min(from.starts_at, now);
    alert.received.from = "api";
    return alert;
  }
  alert.onset = std::min(from.onset, now);
  alert.kind = from.kind;
  alert.sign = from.sign;
  alert.recent_z = from.residuals;
  return alert;
}

incidents::IncidentOptions OptionsOf(const AlertStream& stream) {
  incidents::IncidentOptions options;
  options.topology.labels = stream.node_labels;
  for (const auto& [caller, called] : stream.calls) {
    options.topology.edges.push_back({caller, called});
  }
  return options;
}

class Run {
 public:
  Run(const AlertStream& stream, const incidents::IncidentOptions& options)
      : stream_(stream), signals_(stream.population), engine_(options) {
    out_.group.assign(stream.alerts.size(), 0);
    out_.why.resize(stream.alerts.size());
    out_.page.assign(stream.alerts.size(), 0);
    out_.heard.assign(stream.alerts.size(), 0);
  }

  [[nodiscard]] const StreamAlert& AlertBy(AlertId id) const {
    return stream_.alerts[alert_of_[id - 1]];
  }
  [[nodiscard]] TimeMs now() const { return now_; }

  Grouping Play() {
    const TimeMs begin = stream_.alerts.empty() ? 0 : stream_.alerts.front().starts_at;
    now_ = begin - kIdleMs;
    while (next_ < stream_.alerts.size() || !waiting_.empty() || !firing_.empty() ||
           !engine_.Open().empty()) {
      Advance();
      Step();
    }
    Settle();
    return std::move(out_);
  }

 private:
  // To the next moment at which something happens, no later than the idle step.
  void Advance() {
    TimeMs next = now_ + kIdleMs;
    if (!waiting_.empty()) next = now_ + kBetweenMs;
    if (next_ < stream_.alerts.size()) {
      const TimeMs begins = stream_.alerts[next_].starts_at;
      const bool idle = firing_.empty() && waiting_.empty() && engine_.Open().empty();
      next = idle ? begins : std::min(next, begins);
    }
    if (!firing_.empty()) next = std::min(next, -firing_.top().first);
    now_ = std::max(next, now_ + kBetweenMs);
  }

  void Step() {
    incidents::IncidentEngine::StepInput input;
    input.now = now_;
    input.between = stream_.population.empty();
    for (; next_ < stream_.alerts.size() && stream_.alerts[next_].starts_at <= now_; ++next_) {
      const auto severity = alerts::SeverityOf(stream_.alerts[next_].labels);
      waiting_.emplace(static_cast<int>(severity), -static_cast<std::int64_t>(next_));
    }
    while (!waiting_.empty() && input.fired.size() < kTakenPerStep) {
      const auto at = static_cast<size_t>(-waiting_.top().second);
      waiting_.pop();
      alert_of_.push_back(at);
      const AlertId id = alert_of_.size();
      input.fired.push_back(AlertOf(stream_.alerts[at], id, now_));
      firing_.emplace(-stream_.alerts[at].ends_at, id);
      live_[id] = input.fired.back();
    }
    while (!firing_.empty() && -firing_.top().first <= now_) {
      Alert& alert = live_[firing_.top().second];
      alert.ends_at = now_;
      input.cleared.push_back(std::move(alert));
      live_.erase(firing_.top().second);
      firing_.pop();
    }
    for (const auto& event : engine_.Step(std::move(input), signals_)) Take(event);
  }

  void Take(const incidents::IncidentEvent& event) {
    const incidents::Incident& incident = event.incident;
    const auto group = static_cast<std::int64_t>(incident.id);
    if (event.kind == IncidentEventKind::kMerge) {
      merged_[incident.id] = incident.merged_into;
      return;
    }
    for (const incidents::Member& member : incident.members) {
      const size_t at = alert_of_[member.alert.id - 1];
      out_.group[at] = group;
      out_.why[at] = member.why_joined;
      if (member.notified == 0 || out_.heard[at] != 0) continue;
      out_.heard[at] = member.notified;
      out_.page[at] = group;
    }
  }

  // Held incidents that were merged away are told of by nothing but where their alerts are now.
  void Settle() {
    for (std::int64_t& group : out_.group) {
      auto at = merged_.find(static_cast<IncidentId>(group));
      while (at != merged_.end()) {
        group = static_cast<std::int64_t>(at->second);
        at = merged_.find(at->second);
      }
      if (group == 0) group = --nowhere_;
    }
  }

  const AlertStream& stream_;
  Signals signals_;
  incidents::IncidentEngine engine_;
  Grouping out_;
  TimeMs now_ = 0;
  size_t next_ = 0;
  std::priority_queue<std::pair<int, std::int64_t>> waiting_;  // the gravest, then the earliest
  std::priority_queue<std::pair<TimeMs, AlertId>> firing_;     // by -end
  std::map<AlertId, Alert> live_;
  std::vector<size_t> alert_of_;  // by id - 1
  std::map<IncidentId, IncidentId> merged_;
  std::int64_t nowhere_ = 0;
};

// Groups by the truth. What belongs to nothing belongs to nothing else.
class Teacher : public incidents::JoinTeacher {
 public:
  void Watch(const Run& run) { run_ = &run; }

  bool OneCause(const incidents::Group& a, const incidents::Group& b,
                const incidents::JoinScore& score) override {
    const std::string truth_a = TruthOf(a);
    const std::string truth_b = TruthOf(b);
    const bool same = truth_a == truth_b;
    const bool news = a.incidents.empty() || b.incidents.empty();
    if (!score.asked || !news) return same;
    size_t& count = count_[{std::min(truth_a, truth_b), std::max(truth_a, truth_b)}];
    if (++count <= kExamplesOfTwo) {
      examples_.push_back({run_->now(), score.features, score.total, same});
    }
    return same;
  }

  std::vector<JoinExample> Take() { return std::move(examples_); }

 private:
  [[nodiscard]] std::string TruthOf(const incidents::Group& group) const {
    const AlertId id = group.members.front().alert->id;
    const std::string& incident = run_->AlertBy(id).incident;
    return incident.empty() ? "alone " + std::to_string(id) : "incident " + incident;
  }

  const Run* run_ = nullptr;
  std::map<std::pair<std::string, std::string>, size_t> count_;
  std::vector<JoinExample> examples_;
};

}  // namespace

Grouping GroupByEngine(const AlertStream& stream,
                       std::shared_ptr<const incidents::DedupModel> model) {
  incidents::IncidentOptions options = OptionsOf(stream);
  options.dedup_model = std::move(model);
  return Run(stream, options).Play();
}

std::vector<JoinExample> ExamplesOf(const AlertStream& stream) {
  Teacher teacher;
  incidents::IncidentOptions options = OptionsOf(stream);
  options.teacher = &teacher;
  Run run(stream, options);
  teacher.Watch(run);
  run.Play();
  return teacher.Take();
}

}  // namespace quell::streams
