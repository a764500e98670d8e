// Alerts and silences that others sent: into the table, and from there to incidents.
//
// Their time is that of receipt. Incidents see one time that never goes back: where samples come
// late, alerts of ours are told as of the latest receipt.
#include <algorithm>
#include <cstdlib>

#include "engine/alerts/received.h"
#include "engine/pipeline/pipeline.h"
#include "engine/pipeline/records.h"
#include "ingest/alerts/silence.h"

namespace quell::pipeline {
namespace {

// A storm is taken in portions, so that no step takes long; the gravest go first.
constexpr size_t kTakenPerStep = 256;
constexpr DurationMs kBetweenMs = kSecondMs;
// Without samples no step of the grid lets incidents end.
constexpr DurationMs kIdleMs = 15 * kSecondMs;

}  // namespace

void Pipeline::ApplyReceived(const ingest::JournalRecord& record) {
  received_used_ = true;
  if (record.kind == ingest::RecordKind::kSilence) {
    const auto silence = ingest::DecodeSilence(record.payload);
    if (!silence.ok()) {
      ++counters_.bad_records;
      return;
    }
    Settle();
    TellSilence(*silence, record.received_ms);
    incidents_.SetSilence(*silence, options_.silences_max);
    silences_moved_ = true;
    return;
  }
  const auto rows = ingest::DecodeAlerts(record.payload);
  if (rows.ok()) {
    received_.Apply(*rows, record.received_ms);
  } else {
    ++counters_.bad_records;
  }
}

void Pipeline::TellSilence(const ingest::Silence& silence, TimeMs received) {
  const bool known = incidents_.silences().Find(silence.id) != nullptr;
  const bool over = silence.ends_at <= silence.updated_at;
  std::string detail = FormatRfc3339(silence.starts_at) + " to " + FormatRfc3339(silence.ends_at);
  for (const ingest::SilenceMatcher& one : silence.matchers) {
    detail += ' ' + one.name +
              (one.is_equal ? (one.is_regex ? "=~" : "=") : (one.is_regex ? "!~" : "!=")) +
              one.value;
  }
  Emit(store::EffectKind::kDeed, received, silence.id, ingest::EncodeSilence(silence),
       {.what = over    ? "silence_expired"
                : known ? "silence_changed"
                        : "silence_made",
        .actor = silence.by.empty() ? silence.created_by : silence.by,
        .detail = std::move(detail),
        .by_people = true});
}

// Does nothing until something was received: then every record moves their clock. That may go back,
// or be behind samples of a sender whose clock runs ahead: incidents' time stands still then.
void Pipeline::StepReceived(TimeMs now) {
  if (!received_used_) return;
  received_.Expire(now);
  TellDigest(std::max(now, incidents_now_));
  const bool news = received_.HasNews() || silences_moved_;
  const bool due =
      news ? std::abs(now - received_stepped_) >= kBetweenMs : now - incidents_now_ >= kIdleMs;
  if (!due) return;
  Settle();
  if (!news && (incidents_.Open().empty() || now <= incidents_now_)) return;
  received_stepped_ = now;
  silences_moved_ = false;
  now = std::max(now, incidents_now_);
  step_ = {};
  step_.between = true;
  TakeReceived(now);
  TellTargets(now);
  StepIncidents(now, false);
}

void Pipeline::TakeReceived(TimeMs now) {
  auto taken = received_.Take(kTakenPerStep, now, next_alert_);
  for (const alerts::LiveAlert& live : taken.fired) {
    incidents::Alert alert = alerts::MakeAlert(live);
    ++counters_.received_alerts;
    Announce("alert_fired", now, alert);
    alert.ends_at = 0;  // what is over already is told again as cleared
    target_outages_.HoldReceived(alert);
    if (observer_ != nullptr) observer_->OnAlertFired(alert);
    step_.fired.push_back(std::move(alert));
  }
  for (const alerts::LiveAlert& live : taken.changed) {
    incidents::Alert alert = alerts::MakeAlert(live);
    Emit(store::EffectKind::kAlert, now, std::to_string(alert.id), AlertJson(alert));
    step_.changed.push_back(std::move(alert));
  }
  for (const alerts::LiveAlert& live : taken.cleared) {
    incidents::Alert alert = alerts::MakeAlert(live);
    alert.ends_at = now;
    target_outages_.Forget(alert.id);
    Announce("alert_cleared", now, alert);
    if (observer_ != nullptr) observer_->OnAlertCleared(alert);
    step_.cleared.push_back(std::move(alert));
  }
}

void Pipeline::CountSilenced(const incidents::Incident& incident) {
  for (const incidents::Member& member : incident.members) {
    if (member.reason == incidents::PageReason::kSilenced) ++counters_.silenced;
  }
}

TimeMs Pipeline::ReceivedDue() const {
  if (!received_used_) return 0;
  if (received_.HasNews() || silences_moved_) return 1;
  return received_.NextEnd();
}

std::vector<incidents::Alert> Pipeline::OwnAlerts() {
  Settle();
  std::vector<incidents::Alert> out;
  for (const auto* alerts : {&open_alerts_, &missing_alerts_, &flat_alerts_}) {
    for (const auto& [slot, alert] : *alerts) out.push_back(alert);
  }
  if (outage_alert_) out.push_back(*outage_alert_);
  for (const auto& [key, outage] : target_outages_.outages()) {
    if (outage.alert) out.push_back(*outage.alert);
  }
  return out;
}

}  // namespace quell::pipeline
