#include "engine/alerts/live_alerts.h"

namespace quell::alerts {
namespace {

constexpr std::string_view kKind = "live_alerts";
constexpr std::uint32_t kVersion = 1;
constexpr size_t kAlertBytes = 8 + 8 + 8 + 8 + 1 + 1 + 1 + 8 + 8 + 4;

void PutLive(ByteWriter& out, const LiveAlert& alert) {
  out.Put(alert.fingerprint);
  out.Put(alert.starts_at);
  out.Put(alert.ends_at);
  out.Put(alert.updated_at);
  out.Put(alert.timeout);
  out.Put(alert.firing);
  out.Put(alert.severity);
  out.Put(alert.id);
  out.Put(alert.taken_at);
  out.PutString(*alert.text);
}

LiveAlert GetLive(ByteReader& in) {
  LiveAlert alert;
  alert.fingerprint = in.Get<std::uint64_t>();
  alert.starts_at = in.Get<TimeMs>();
  alert.ends_at = in.Get<TimeMs>();
  alert.updated_at = in.Get<TimeMs>();
  alert.timeout = in.Get<std::uint8_t>() != 0;
  alert.firing = in.Get<std::uint8_t>() != 0;
  const auto severity = in.Get<std::uint8_t>();
  alert.severity = static_cast<incidents::Severity>(severity & 3U);
  alert.id = in.Get<incidents::AlertId>();
  alert.taken_at = in.Get<TimeMs>();
  alert.text = std::make_shared<const std::string>(in.GetString());
  return alert;
}

}  // namespace

void LiveAlerts::Save(ByteWriter& out) const {
  out.PutString(kKind);
  out.Put(kVersion);
  out.Put(next_episode_);
  for (const std::uint64_t value :
       {counters_.received, counters_.refused, counters_.episodes, counters_.expired}) {
    out.Put(value);
  }
  out.Put(static_cast<std::uint64_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    PutLive(out, entry.alert);
    out.Put(entry.episode);
    out.Put(entry.changed);
  }
  out.PutArray(changed_);
  out.Put(static_cast<std::uint64_t>(cleared_.size()));
  for (const LiveAlert& alert : cleared_) PutLive(out, alert);
}

bool LiveAlerts::Load(ByteReader& in) {
  if (in.GetString() != kKind || in.Get<std::uint32_t>() != kVersion) return false;
  next_episode_ = in.Get<std::uint64_t>();
  for (std::uint64_t* value :
       {&counters_.received, &counters_.refused, &counters_.episodes, &counters_.expired}) {
    *value = in.Get<std::uint64_t>();
  }
  const size_t entries = in.GetCount(kAlertBytes);
  entries_.reserve(entries);
  for (size_t i = 0; i < entries && in.ok(); ++i) {
    LiveAlert alert = GetLive(in);
    if (Knows(alert.fingerprint)) return false;
    Entry& entry = Add(alert.fingerprint);
    entry.alert = std::move(alert);
    entry.episode = in.Get<std::uint64_t>();
    entry.changed = in.Get<std::uint8_t>() != 0;
    if (entry.alert.firing) ++firing_;
    if (entry.episode != 0) {
      waiting_.emplace(-static_cast<int>(entry.alert.severity), entry.episode,
                       entry.alert.fingerprint);
    }
    Schedule(entry);
  }
  changed_ = in.GetArray<std::uint64_t>();
  const size_t cleared = in.GetCount(kAlertBytes);
  for (size_t i = 0; i < cleared && in.ok(); ++i) cleared_.push_back(GetLive(in));
  return in.ok();
}

}  // namespace quell::alerts
