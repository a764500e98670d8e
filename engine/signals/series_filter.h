// SeriesFilter: whether some signal uses a series, so that ingest can leave the rest out.
//
// A pure function of definitions and labels; callers remember the answer by series (it takes
// microseconds). Immutable, hence thread-safe.
#pragma once

#include <vector>

#include "core/labels.h"
#include "engine/signals/definition.h"
#include "ingest/sample.h"

namespace quell::signals {

class SeriesFilter {
 public:
  SeriesFilter(std::vector<SignalDef> definitions, bool discover)
      : definitions_(std::move(definitions)), discover_(discover) {}

  [[nodiscard]] bool Wants(const Labels& labels,
                           ingest::SeriesType type = ingest::SeriesType::kFloat) const;

 private:
  const std::vector<SignalDef> definitions_;
  const bool discover_;
};

}  // namespace quell::signals
