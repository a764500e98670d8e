#include "engine/signals/series_filter.h"

#include "engine/signals/discovery.h"

namespace quell::signals {

bool SeriesFilter::Decide(const Labels& labels) const {
  for (const SignalDef& def : definitions_) {
    for (const auto* selector : {&def.total, &def.bad, &def.selector}) {
      if (selector->has_value() && (*selector)->Matches(labels)) return true;
    }
  }
  return discover_ && !Discover(labels).empty();
}

bool SeriesFilter::Wants(const Labels& labels) {
  const std::uint64_t key = labels.Hash();
  {
    const std::lock_guard lock(mutex_);
    const auto known = remembered_.find(key);
    if (known != remembered_.end()) return known->second;
  }
  const bool wants = Decide(labels);
  const std::lock_guard lock(mutex_);
  if (remembered_.size() >= kRememberedMax) remembered_.clear();
  remembered_.emplace(key, wants);
  return wants;
}

}  // namespace quell::signals
