#include "engine/signals/series_filter.h"

#include "engine/signals/discovery.h"
#include "engine/signals/native_role.h"
#include "engine/signals/scrape_targets.h"

namespace quell::signals {

bool SeriesFilter::Wants(const Labels& labels, ingest::SeriesType type) const {
  const bool native = type == ingest::SeriesType::kHistogram;
  for (const SignalDef& def : definitions_) {
    if (native && NativeRole(def, labels) != 0) return true;
    if (native) continue;
    for (const auto* selector : {&def.total, &def.bad, &def.selector}) {
      if (selector->has_value() && (*selector)->Matches(labels)) return true;
    }
  }
  if (!native && IsUp(labels)) return true;
  return discover_ && Discovers(labels, type);
}

}  // namespace quell::signals
