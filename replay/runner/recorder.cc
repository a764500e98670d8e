#include "replay/runner/recorder.h"

#include <algorithm>
#include <cmath>

#include "engine/incidents/explain.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {
namespace {

constexpr size_t kRingPoints = 480;  // 4 h at 30 s
constexpr size_t kPlotsPerCapture = 3;
constexpr size_t kPlotsMax = 600;  // of a whole report
constexpr size_t kFiringsMax = 1000000;
constexpr DurationMs kPlotAfterMs = 10 * kMinuteMs;
constexpr std::uint8_t kAloneRun = 2;  // points in a row before a lone detector fires
constexpr double kAloneClear = 0.05;

std::string Title(const std::string& what, const Labels& labels) {
  static const std::vector<std::string> kHidden = {"alertname"};
  const std::string shown = labels.Without(kHidden).ToString();
  return shown == "{}" ? what : what + " " + shown;
}

}  // namespace

Recorder::Recorder(std::span<const LabelledIncident> incidents, What what)
    : what_(what), incidents_(incidents.begin(), incidents.end()) {
  std::stable_sort(
      incidents_.begin(), incidents_.end(),
      [](const LabelledIncident& a, const LabelledIncident& b) { return a.end < b.end; });
}

ReplayAlert Recorder::Convert(const incidents::Alert& alert) const {
  ReplayAlert out;
  out.id = alert.id;
  out.labels = alert.labels;
  out.signal = alert.signal;
  out.kind = detectors::SignalKindName(alert.kind);
  out.severity = incidents::SeverityName(alert.severity);
  out.onset = alert.onset;
  out.start = alert.starts_at;
  out.end = alert.ends_at;
  const incidents::Evidence& evidence = alert.evidence;
  out.value = evidence.value;
  out.expected = evidence.expected;
  out.band_low = evidence.band_low;
  out.band_high = evidence.band_high;
  out.k = evidence.k;
  out.n = evidence.n;
  out.tail_probability = evidence.tail_probability;
  for (size_t i = 0; i < detectors::kDetectors; ++i) {
    if (((evidence.agreeing >> i) & 1U) != 0) {
      out.detectors.emplace_back(detectors::DetectorName(static_cast<detectors::DetectorId>(i)));
    }
  }
  return out;
}

void Recorder::OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& /*point*/,
                       const detectors::Verdict& verdict) {
  if (what_ == What::kPages) return;
  const std::uint32_t slot = verdict.slot;
  if (slot >= rings_.size()) {
    rings_.resize(slot + 1);
    alone_.resize(slot + 1);
  }
  auto& ring = rings_[slot].points;
  if (ring.size() >= kRingPoints) ring.pop_front();
  ring.push_back({step_end, verdict.value, verdict.expected, verdict.band_low, verdict.band_high});
  WatchAlone(step_end, verdict);
  TakeCaptures(step_end);
  CaptureMissed(step_end);
}

void Recorder::WatchAlone(TimeMs step_end, const detectors::Verdict& verdict) {
  const double threshold = pipeline_->Threshold(verdict.slot);
  for (size_t i = 0; i < detectors::kDetectors; ++i) {
    Alone& alone = alone_[verdict.slot][i];
    const double tail = verdict.tail[i];
    if (alone.firing >= 0) {
      if (tail > kAloneClear) {
        firings_[static_cast<size_t>(alone.firing)].end = step_end;
        alone = {};
      }
      continue;
    }
    const bool worth = verdict.reason == detectors::VerdictReason::kAnomalous;
    alone.run = worth && tail < threshold ? static_cast<std::uint8_t>(alone.run + 1) : 0;
    if (alone.run < kAloneRun || firings_.size() >= kFiringsMax) continue;
    alone.firing = static_cast<std::int32_t>(firings_.size());
    firings_.push_back({static_cast<detectors::DetectorId>(i),
                        pipeline_->signals().signals()[verdict.slot].labels, step_end, 0});
  }
}

void Recorder::OnAlertFired(const incidents::Alert& alert) { alerts_[alert.id] = Convert(alert); }

void Recorder::OnAlertCleared(const incidents::Alert& alert) {
  ReplayAlert& known = alerts_[alert.id];
  const ReplayAlert latest = Convert(alert);
  const std::string reason = known.reason;
  const std::string key = known.incident_key;
  const std::string why = known.why_joined;
  const TimeMs notified = known.notified;
  known = latest;
  known.reason = reason;
  known.incident_key = key;
  known.why_joined = why;
  known.notified = notified;
}

void Recorder::OnIncident(const incidents::IncidentEvent& event) {
  const incidents::Incident& incident = event.incident;
  std::vector<ReplayAlert> members;
  for (const incidents::Member& member : incident.members) {
    ReplayAlert alert = Convert(member.alert);
    alert.notified = member.notified;
    alert.reason = incidents::PageReasonName(member.reason);
    alert.incident_key = incident.key;
    alert.why_joined = member.why_joined;
    alerts_[alert.id] = alert;
    members.push_back(std::move(alert));
  }
  if (incident.paged_at == 0) return;
  ReplayPage& page = pages_[incident.key];
  page.id = incident.key;
  page.start = incident.paged_at;
  page.severity = incidents::SeverityName(incident.severity);
  page.summary = incident.summary;
  page.scope = incident.scope.ToString();
  page.origins.clear();
  for (const incidents::Origin& origin : incident.origins) {
    page.origins.push_back({origin.where, origin.change, origin.confidence});
  }
  page.onset = incident.onset;
  page.evidence = incident.evidence;
  if (const incidents::Alert* leading = incidents::LeadingAlert(incident)) {
    for (std::string& sentence : incidents::ExplanationWords(*leading, event.at)) {
      page.evidence.push_back(std::move(sentence));
    }
  }
  page.changes.clear();
  for (const incidents::Change& change : incident.changes) {
    page.changes.push_back(std::string(incidents::ChangeKindName(change.kind)) + " " +
                           FormatRfc3339(change.start) +
                           (change.note.empty() ? "" : ": " + change.note));
  }
  page.members = std::move(members);
  using incidents::IncidentEventKind;
  if (event.kind != IncidentEventKind::kResolve && event.kind != IncidentEventKind::kMerge) return;
  page.end = event.at;
  Capture capture{page.id, "", {}};
  for (const incidents::Member& member : incident.members) {
    if (member.alert.slot != incidents::kNoSlot) capture.slots.push_back(member.alert.slot);
    if (capture.slots.size() >= kPlotsPerCapture) break;
  }
  captures_.emplace(event.at + kPlotAfterMs, std::move(capture));
}

// Of who got the page before, only those are called again that were not called lately.
void Recorder::OnNotification(const paging::Notification& sent) {
  if (sent.page_key.empty() || sent.linked_because.empty() || sent.called_lately) return;
  pages_[sent.incident_key].linked.push_back({sent.at, sent.linked_because});
}

void Recorder::TakeCaptures(TimeMs now) {
  while (!captures_.empty() && captures_.begin()->first <= now) {
    Plot(captures_.begin()->second);
    captures_.erase(captures_.begin());
  }
}

void Recorder::CaptureMissed(TimeMs now) {
  while (next_incident_ < incidents_.size() &&
         incidents_[next_incident_].end + kPlotAfterMs <= now) {
    const LabelledIncident& incident = incidents_[next_incident_++];
    if (incident.end + kDayMs >= now) PlotIncident(incident);  // else long before the data
  }
}

void Recorder::PlotIncident(const LabelledIncident& incident) {
  // The signals that moved most while it lasted.
  std::vector<std::pair<double, std::uint32_t>> moved;
  const auto& signals = pipeline_->signals().signals();
  for (std::uint32_t slot = 0; slot < rings_.size() && slot < signals.size(); ++slot) {
    if (!MatchesIncident(signals[slot].labels, incident)) continue;
    double worst = 0;
    for (const PlotSeries::Point& point : rings_[slot].points) {
      if (point.time < incident.start || point.time > incident.end) continue;
      const double width = std::max(1e-9, point.high - point.low);
      worst = std::max(worst, std::abs(point.value - point.expected) / width);
    }
    moved.emplace_back(-worst, slot);
  }
  std::sort(moved.begin(), moved.end());
  Capture capture{"", incident.id, {}};
  for (const auto& [worst, slot] : moved) {
    if (capture.slots.size() < kPlotsPerCapture) capture.slots.push_back(slot);
  }
  Plot(capture);
}

void Recorder::Plot(const Capture& capture) {
  for (const std::uint32_t slot : capture.slots) {
    if (plots_.size() >= kPlotsMax || slot >= rings_.size()) return;
    const signals::SignalDef& def = pipeline_->signals().Definition(slot);
    PlotSeries plot;
    plot.title = Title(def.what, pipeline_->signals().signals()[slot].labels);
    // What is judged of a latency is the share of slow requests.
    plot.unit = def.kind == detectors::SignalKind::kQuantile ? "ratio" : def.unit;
    plot.page_id = capture.page_id;
    plot.incident_id = capture.incident_id;
    plot.points.assign(rings_[slot].points.begin(), rings_[slot].points.end());
    plots_.push_back(std::move(plot));
  }
}

void Recorder::Finish(ReplayResult& result) {
  for (const auto& [due, capture] : captures_) Plot(capture);
  captures_.clear();
  for (const auto& [id, alert] : alerts_) {
    if (alert.start >= result.evaluate_from) ++result.raw_firings;
    result.alerts.push_back(alert);
    // Still waiting for company or for its end when the history ended.
    if (result.alerts.back().reason.empty()) {
      result.alerts.back().reason = incidents::PageReasonName(incidents::PageReason::kTooShort);
    }
  }
  for (auto& [key, page] : pages_) {
    for (ReplayAlert& member : page.members) {
      if (member.end == 0) member.end = alerts_[member.id].end;
    }
    result.pages.push_back(std::move(page));
  }
  std::sort(result.pages.begin(), result.pages.end(), [](const ReplayPage& a, const ReplayPage& b) {
    return std::pair(a.start, a.id) < std::pair(b.start, b.id);
  });
  result.detector_firings = std::move(firings_);
  result.plots = std::move(plots_);
}

}  // namespace quell::replay
