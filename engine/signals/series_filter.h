// SeriesFilter: whether some signal uses a series, so that ingest can leave the rest out.
//
// A pure function of definitions and labels, remembered in a bounded table. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
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
                           ingest::SeriesType type = ingest::SeriesType::kFloat);

 private:
  [[nodiscard]] bool Decide(const Labels& labels, ingest::SeriesType type) const;

  static constexpr size_t kRememberedMax = 1U << 20U;  // then the table starts anew
  const std::vector<SignalDef> definitions_;
  const bool discover_;
  std::mutex mutex_;  // guards remembered_
  std::unordered_map<std::uint64_t, bool> remembered_;
};

}  // namespace quell::signals
