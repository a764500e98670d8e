// Monitoring that is out: everything of what is watched is missing at once. What that makes of
// single signals is no alert; that nobody can see is one, of its own.
#include <algorithm>

#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/records.h"

namespace quell::pipeline {
namespace {

constexpr std::string_view kOutageName = "quell:monitoring_outage";
constexpr size_t kSilentMin = 3;  // fewer signals say nothing about monitoring
// Samples that were taken in since the step ended by so much: it is over already.
constexpr DurationMs kCaughtUpMs = 5 * kMinuteMs;

bool IsSilent(signals::SignalState state) {
  return state == signals::SignalState::kLate || state == signals::SignalState::kDead;
}

}  // namespace

// What labels have in common with a signal's; all of them where there are none yet.
Labels Pipeline::CommonWith(std::optional<Labels> labels, std::uint32_t slot) const {
  if (!labels) {
    labels = population_[slot];
    labels->Set("alertname", "");
    return *std::move(labels);
  }
  std::vector<std::string> other;
  for (const Label& label : *labels) {
    if (population_[slot].Get(label.name) != label.value) other.push_back(label.name);
  }
  return other.empty() ? *std::move(labels) : labels->Without(other);
}

Labels Pipeline::CommonOfSilent() const {
  std::optional<Labels> common;
  for (std::uint32_t slot = 0; slot < population_.size(); ++slot) {
    if (!IsSilent(seen_[slot].state)) continue;
    common = CommonWith(std::move(common), slot);
    if (common->empty()) break;
  }
  return common.value_or(Labels{});
}

void Pipeline::CheckOutage(bool outage, size_t silent, size_t watched, TimeMs now) {
  const DurationMs after = options_.incidents.suppression.outage_pages_after_ms;
  if (!outage) {
    outage_since_ = 0;
    if (!outage_alert_) return;
    outage_alert_->ends_at = now;
    Announce("alert_cleared", now, *outage_alert_);
    if (observer_ != nullptr) observer_->OnAlertCleared(*outage_alert_);
    step_.cleared.push_back(*std::move(outage_alert_));
    outage_alert_.reset();
    return;
  }
  if (outage_since_ == 0) outage_since_ = now;
  const bool lasts =
      now - outage_since_ >= after && silent >= kSilentMin && reached_ - now <= kCaughtUpMs;
  if (after == 0 || !lasts || outage_alert_) return;
  incidents::Alert alert;
  alert.id = next_alert_++;
  alert.labels = CommonOfSilent();
  alert.labels.Set("alertname", kOutageName);
  alert.fingerprint = alert.labels.Fingerprint();
  alert.signal = kOutageName;
  alert.what = "monitoring is out";
  alert.slot = incidents::kNoSlot;
  alert.severity = incidents::Severity::kError;
  alert.sign = 1;
  alert.starts_at = now;
  alert.onset = outage_since_;
  alert.received.from = "quell";
  alert.received.note = "no samples of " + std::to_string(silent) + " of " +
                        std::to_string(watched) +
                        " signals: their alerts are held back until samples come again";
  ++counters_.alerts;
  Announce("alert_fired", now, alert);
  if (observer_ != nullptr) observer_->OnAlertFired(alert);
  step_.fired.push_back(alert);
  outage_alert_ = std::move(alert);
}

}  // namespace quell::pipeline
