// Scrape outages of single targets: told once a job, in place of the alerts that they explain.
#include <algorithm>
#include <set>

#include "engine/pipeline/pipeline.h"

namespace quell::pipeline {
namespace {

// Samples that were taken in since the step ended by so much: it is over already.
constexpr DurationMs kCaughtUpMs = 5 * kMinuteMs;

}  // namespace

// As of a step; alerts of this step are asked about after it.
void Pipeline::UpdateTargets(TimeMs now) {
  for (incidents::Alert& alert : target_outages_.Update(out_targets_)) {
    alert.ends_at = now;
    Announce("alert_cleared", now, alert);
    if (observer_ != nullptr) observer_->OnAlertCleared(alert);
    step_.cleared.push_back(std::move(alert));
  }
}

// The labels that all of its blind signals share say where it is.
incidents::Alert Pipeline::AlertOf(const JobOutage& outage, TimeMs now) {
  std::optional<Labels> common;
  for (const std::uint32_t slot : outage.blind) common = CommonWith(std::move(common), slot);
  incidents::Alert alert;
  alert.labels = common.value_or(Labels{});
  alert.labels.Set("alertname", kScrapeOutageName);
  if (!outage.job.empty()) alert.labels.Set("job", outage.job);
  if (outage.instances.size() == 1) alert.labels.Set("instance", outage.instances.front());
  alert.id = next_alert_++;
  alert.fingerprint = alert.labels.Fingerprint();
  alert.signal = kScrapeOutageName;
  alert.what = "scrape outage";
  alert.slot = incidents::kNoSlot;
  alert.sign = 1;
  alert.starts_at = now;
  alert.onset = std::min(outage.since, now);
  alert.received.from = "quell";
  return alert;
}

// An outage is told of once it has lasted, and at once where it holds back what would page. While
// all of monitoring is out that is what is told, unless somebody else asks.
void Pipeline::TellTargets(TimeMs now) {
  const DurationMs after = options_.incidents.suppression.outage_pages_after_ms;
  for (auto& [key, outage] : target_outages_.outages()) {
    const bool all_out = outage_since_ != 0 && outage.stands_for == incidents::Severity::kInfo;
    const bool lasts = after != 0 && TellsItself(outage) && now - outage.since >= after &&
                       reached_ - now <= kCaughtUpMs;
    if (!outage.alert && (all_out || !(lasts || outage.asked))) continue;
    const incidents::Severity severity = SeverityOf(outage);
    std::set<std::string> names;
    for (const std::uint32_t slot : outage.blind) names.insert(signals_.Definition(slot).name);
    std::string words = WordsOf(outage, std::vector<std::string>(names.begin(), names.end()));
    if (!outage.alert) {
      incidents::Alert alert = AlertOf(outage, now);
      alert.severity = severity;
      alert.received.note = std::move(words);
      ++counters_.alerts;
      Announce("alert_fired", now, alert);
      if (observer_ != nullptr) observer_->OnAlertFired(alert);
      step_.fired.push_back(alert);
      outage.alert = std::move(alert);
    } else if (severity > outage.alert->severity) {
      outage.alert->severity = severity;
      outage.alert->received.note = std::move(words);
      Announce("alert_raised", now, *outage.alert);
      step_.changed.push_back(*outage.alert);
    }
  }
}

}  // namespace quell::pipeline
