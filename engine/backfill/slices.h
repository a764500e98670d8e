// Slices: which samples of a window of history share a journal record.
//
// As live traffic would have left them: all samples of a slice of event time in one record, in
// order of their first sample's time, then of labels; records in order of time. Slices lie on the
// grid of epoch time, and windows end on it, so that records do not depend on how a history was cut
// into windows. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/result.h"
#include "ingest/sample.h"

namespace quell::backfill {

struct SliceOptions {
  // At most the pipeline's lateness: no sample of a later record is late then. >= 1.
  DurationMs slice_ms = 15 * kSecondMs;
  std::uint64_t record_samples_max = 50000;  // a slice with more of them is several records
};

// Samples [begin, end) of window.series[series].
struct SeriesRun {
  std::uint32_t series = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// Series by labels, each once; samples of each by time, equal times in order of arrival.
void SortWindow(ingest::SampleBatch& window);

// Calls for every record, in order. `slice_end` is the first moment after it. Ends with the call's
// first error. REQUIRES: SortWindow.
using RecordCall = std::function<Status(TimeMs slice_end, std::span<const SeriesRun> runs)>;
Status ForEachRecord(const ingest::SampleBatch& window, const SliceOptions& options,
                     const RecordCall& call);

}  // namespace quell::backfill
