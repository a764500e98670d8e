// Native histograms: from their wire form to a HistogramSample, and back as custom buckets.
//
// Bucket i of schema s covers (base^(i-1), base^i], base = 2^(2^-s)
// (https://prometheus.io/docs/specs/native_histograms/). What is kept is at most schema 2 (four
// buckets an octave, 19 % wide) and at most kHistogramBucketsMax buckets; halving the resolution
// merges neighbours, so the bounds of a coarser schema are a subset of a finer one's, to the bit.
// An empty bucket marks the lower edge of a run. The zero bucket ends at its threshold. Negative
// buckets become one bucket that ends at 0: what is judged are durations, which have none.
// Custom buckets (schema -53) keep their bounds. Observations of NaN count, and lie in no bucket.
//
// Pure functions; cost linear in the buckets given, whatever spans say.
#pragma once

#include <string>

#include "core/result.h"
#include "ingest/sample.h"

namespace quell::wire::v1 {
class Histogram;
}
namespace quell::wire::v2 {
class Histogram;
}

namespace quell::ingest {

// REQUIRES: CheckHistogram accepted it. kInvalidArgument: counts that are not finite or add up to
// infinity, a zero threshold that is negative or not finite, custom bounds that are not finite,
// spans that point beyond the custom buckets.
Result<HistogramSample> ReadHistogram(const wire::v1::Histogram& histogram);
Result<HistogramSample> ReadHistogram(const wire::v2::Histogram& histogram);

// The Histogram message (alike in both protocols) of a float histogram with custom buckets; reading
// it gives the same sample, to the bit.
std::string EncodeHistogram(const HistogramSample& sample);

}  // namespace quell::ingest
