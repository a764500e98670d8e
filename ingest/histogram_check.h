// Native histograms on the wire: the consistency that Prometheus asks for; native_histogram.h reads
// what passes.
#pragma once

#include "core/result.h"

namespace quell::wire::v1 {
class Histogram;
}
namespace quell::wire::v2 {
class Histogram;
}

namespace quell::ingest {

// kInvalidArgument: schema outside -4..52 and not -53, spans and buckets that do not match, a
// negative bucket, a count that is not the sum of its buckets (integer histograms; with a NaN sum
// it may be larger), buckets that the custom-buckets schema does not have.
Status CheckHistogram(const wire::v1::Histogram& histogram);
Status CheckHistogram(const wire::v2::Histogram& histogram);

}  // namespace quell::ingest
