#include "engine/pipeline/weak_alerts.h"

#include "engine/incidents/snapshot_fields.h"

namespace quell::pipeline {
namespace {

constexpr DurationMs kApartMs = 5 * kMinuteMs;  // what comes later is another
constexpr size_t kWaitingMax = 1000;

}  // namespace

bool WeakAlerts::Again(std::uint32_t slot, TimeMs now, AlarmDecision why) {
  const auto known = waiting_.find(slot);
  if (known == waiting_.end()) return false;
  known->second.why = why;
  known->second.latest = now;
  return true;
}

bool WeakAlerts::Full() const { return waiting_.size() >= kWaitingMax; }

std::vector<WeakAlert> WeakAlerts::Settle(TimeMs now) {
  std::vector<WeakAlert> out;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (now - at->second.latest < kApartMs) {
      ++at;
      continue;
    }
    out.push_back(std::move(at->second));
    at = waiting_.erase(at);
  }
  return out;
}

void WeakAlerts::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(waiting_.size()));
  for (const auto& [slot, weak] : waiting_) {
    out.Put(slot);
    out.Put(weak.why);
    out.Put(weak.latest);
    incidents::PutAlert(out, weak.alert);
  }
}

bool WeakAlerts::Load(ByteReader& in) {
  const size_t count = in.GetCount(13);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    WeakAlert& weak = waiting_[in.Get<std::uint32_t>()];
    const auto why = in.Get<std::uint8_t>();
    if (why > static_cast<std::uint8_t>(AlarmDecision::kClosed)) return false;
    weak.why = static_cast<AlarmDecision>(why);
    weak.latest = in.Get<TimeMs>();
    weak.alert = incidents::GetAlert(in);
  }
  return in.ok();
}

}  // namespace quell::pipeline
