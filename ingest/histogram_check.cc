#include "ingest/histogram_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "ingest/proto/remote_write_v1.pb.h"
#include "ingest/proto/remote_write_v2.pb.h"

namespace quell::ingest {
namespace {

constexpr int kSchemaMin = -4;
constexpr int kSchemaMax = 52;  // 9..52 are reduced to 8 by those who keep them
constexpr int kSchemaCustomBuckets = -53;

Error Invalid(std::string text) {
  return MakeError(ErrorCode::kInvalidArgument, "native histogram: " + std::move(text));
}

template <typename Spans>
Status CheckSpans(const Spans& spans, std::uint64_t buckets, const std::string& side) {
  std::uint64_t spanned = 0;
  for (int i = 0; i < spans.size(); ++i) {
    if (i > 0 && spans[i].offset() < 0) {
      return Invalid(side + " span " + std::to_string(i) + " has offset " +
                     std::to_string(spans[i].offset()));
    }
    spanned += spans[i].length();
  }
  if (spanned == buckets) return Ok{};
  return Invalid(side + " spans need " + std::to_string(spanned) + " buckets, there are " +
                 std::to_string(buckets));
}

// Adds up buckets given as deltas; each must stay at or above zero.
template <typename Deltas>
Status AddDeltas(const Deltas& deltas, const std::string& side, std::uint64_t& total) {
  std::int64_t bucket = 0;
  for (const std::int64_t delta : deltas) {
    if (__builtin_add_overflow(bucket, delta, &bucket) || bucket < 0) {
      return Invalid("a " + side + " bucket is negative or overflows");
    }
    if (__builtin_add_overflow(total, static_cast<std::uint64_t>(bucket), &total)) {
      return Invalid("the sum of the buckets overflows");
    }
  }
  return Ok{};
}

template <typename Counts>
Status CheckCounts(const Counts& counts, const std::string& side) {
  if (std::any_of(counts.begin(), counts.end(), [](double count) { return count < 0; })) {
    return Invalid("a " + side + " bucket is negative");
  }
  return Ok{};
}

template <typename H>
Status CheckInteger(const H& h) {
  QUELL_TRY(CheckSpans(h.negative_spans(), static_cast<std::uint64_t>(h.negative_deltas_size()),
                       "negative"));
  QUELL_TRY(CheckSpans(h.positive_spans(), static_cast<std::uint64_t>(h.positive_deltas_size()),
                       "positive"));
  std::uint64_t total = h.zero_count_int();
  QUELL_TRY(AddDeltas(h.negative_deltas(), "negative", total));
  QUELL_TRY(AddDeltas(h.positive_deltas(), "positive", total));
  // Observations of NaN count, but fall into no bucket.
  const bool consistent = std::isnan(h.sum()) ? total <= h.count_int() : total == h.count_int();
  if (consistent) return Ok{};
  return Invalid("count is " + std::to_string(h.count_int()) + ", its buckets add up to " +
                 std::to_string(total));
}

template <typename H>
Status CheckFloat(const H& h) {
  QUELL_TRY(CheckSpans(h.negative_spans(), static_cast<std::uint64_t>(h.negative_counts_size()),
                       "negative"));
  QUELL_TRY(CheckSpans(h.positive_spans(), static_cast<std::uint64_t>(h.positive_counts_size()),
                       "positive"));
  if (h.count_float() < 0) return Invalid("count is negative");
  if (h.zero_count_float() < 0) return Invalid("the zero bucket is negative");
  QUELL_TRY(CheckCounts(h.negative_counts(), "negative"));
  return CheckCounts(h.positive_counts(), "positive");
}

template <typename H>
Status CheckCustomBuckets(const H& h) {
  if (h.negative_spans_size() > 0 || h.negative_deltas_size() > 0 || h.negative_counts_size() > 0) {
    return Invalid("custom buckets have no negative side");
  }
  if (h.zero_count_int() != 0 || h.zero_count_float() != 0) {
    return Invalid("custom buckets have no zero bucket");
  }
  const auto& bounds = h.custom_values();
  for (int i = 1; i < bounds.size(); ++i) {
    if (!(bounds[i] > bounds[i - 1])) return Invalid("custom bounds are not ascending");
  }
  return Ok{};
}

template <typename H>
Status Check(const H& h) {
  if (h.schema() == kSchemaCustomBuckets) {
    QUELL_TRY(CheckCustomBuckets(h));
  } else if (h.schema() < kSchemaMin || h.schema() > kSchemaMax) {
    return Invalid("schema " + std::to_string(h.schema()) + " is unknown");
  }
  return h.count_case() == H::kCountFloat ? CheckFloat(h) : CheckInteger(h);
}

}  // namespace

Status CheckHistogram(const wire::v1::Histogram& histogram) { return Check(histogram); }
Status CheckHistogram(const wire::v2::Histogram& histogram) { return Check(histogram); }

}  // namespace quell::ingest
