#include "engine/signals/series_filter.h"

#include "engine/signals/discovery.h"
#include "engine/signals/native_role.h"

namespace quell::signals {

bool SeriesFilter::Decide(const Labels& labels, ingest::SeriesType type) const {
  const bool native = type == ingest::SeriesType::kHistogram;
  for (const SignalDef& def : definitions_) {
    if (native && NativeRole(def, labels) != 0) return true;
    if (native) continue;
    for (const auto* selector : {&def.total, &def.bad, &def.selector}) {
      if (selector->has_value() && (*selector)->Matches(labels)) return true;
    }
  }
  return discover_ && !Discover(labels, type).empty();
}

bool SeriesFilter::Wants(const Labels& labels, ingest::SeriesType type) {
  constexpr std::uint64_t kNativeSalt = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t key =
      labels.Hash() ^ (type == ingest::SeriesType::kHistogram ? kNativeSalt : 0);
  {
    const std::lock_guard lock(mutex_);
    const auto known = remembered_.find(key);
    if (known != remembered_.end()) return known->second;
  }
  const bool wants = Decide(labels, type);
  const std::lock_guard lock(mutex_);
  if (remembered_.size() >= kRememberedMax) remembered_.clear();
  remembered_.emplace(key, wants);
  return wants;
}

}  // namespace quell::signals
