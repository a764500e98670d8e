// By how much a native histogram has grown from one sample to the next.
//
// The two may have different layouts: clients widen their buckets when there are too many, and a
// bucket appears when something first falls into it. Growth is told at the bounds where both counts
// are known: at a bound of a histogram's own, and inside an empty bucket. Inside a bucket that
// holds something the count is not known, so a finer layout is compared at the coarser one's
// bounds, and nothing is made up.
//
// Pure; linear in the buckets of both.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ingest/sample.h"

namespace quell::signals {

// What is remembered of a series' last sample: at most 160 buckets of 16 bytes.
struct NativeState {
  double count = 0;
  std::vector<ingest::HistogramBucket> buckets;
};

enum class NativeChange : std::uint8_t {
  kGrown,
  kReset,  // the count or a bucket is smaller than it was
};

// `increase`: buckets that are not cumulative, ascending; after a reset those of `now`.
// Differences within rounding (1e-9 of the count) are none.
NativeChange IncreaseSince(const NativeState& before, const ingest::HistogramSample& now,
                           std::vector<ingest::HistogramBucket>& increase);

}  // namespace quell::signals
