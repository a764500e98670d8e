#include "ingest/native_histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "ingest/proto/remote_write_v1.pb.h"
#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/wire_cursor.h"

namespace quell::ingest {
namespace {

constexpr int kSchemaKeptMax = 2;
constexpr int kSchemaMin = -4;
constexpr int kSchemaCustomBuckets = -53;
constexpr int kResetHintGauge = 3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
// 2^(i/4): constants, so that no two machines disagree about a bound.
constexpr std::array<double, 4> kRoots = {1, 1.189207115002721, 1.4142135623730951,
                                          1.681792830507429};
constexpr std::int64_t kExponentMin = -1022;  // smaller ones fall into the bucket of this one
constexpr std::int64_t kExponentMax = 1024;   // stands for infinity

struct IndexedCount {
  std::int64_t index;
  double count;
};

Error Invalid(std::string text) {
  return MakeError(ErrorCode::kInvalidArgument, "native histogram: " + std::move(text));
}

// The buckets of one side by index. Spans and buckets agree (CheckHistogram); an index is at most
// the number of spans times 2^32, far from overflowing.
template <typename Spans, typename Deltas, typename Counts>
std::vector<IndexedCount> ReadSide(const Spans& spans, const Deltas& deltas, const Counts& counts,
                                   bool is_float) {
  std::vector<IndexedCount> out;
  out.reserve(static_cast<size_t>(is_float ? counts.size() : deltas.size()));
  std::int64_t index = 0;
  std::int64_t integer = 0;
  int at = 0;
  for (const auto& span : spans) {
    index += span.offset();
    for (std::uint32_t i = 0; i < span.length(); ++i, ++at, ++index) {
      if (!is_float) integer += deltas[at];
      out.push_back({index, is_float ? counts[at] : static_cast<double>(integer)});
    }
  }
  return out;
}

// Upper bound of a bucket, schema -4..2.
double UpperBound(std::int64_t index, int schema) {
  std::int64_t exponent = 0;
  double root = 1;
  if (schema > 0) {
    const auto part = static_cast<size_t>(index & ((1 << schema) - 1));
    root = kRoots[part << static_cast<unsigned>(kSchemaKeptMax - schema)];
    exponent = index >> schema;
  } else {
    exponent = index * (std::int64_t{1} << -schema);
  }
  return exponent >= kExponentMax ? kInfinity : std::ldexp(root, static_cast<int>(exponent));
}

// Halves the resolution from schema `from` to `to`: new index = ceil(index / 2^(from - to)).
// Neighbours that meet are merged.
void Reduce(std::vector<IndexedCount>& buckets, int from, int to) {
  const std::int64_t scale = std::int64_t{1} << std::abs(to);
  const std::int64_t lowest = to >= 0 ? kExponentMin * scale : kExponentMin / scale;
  const std::int64_t highest = to >= 0 ? kExponentMax * scale : kExponentMax / scale;
  size_t kept = 0;
  for (const IndexedCount& bucket : buckets) {
    const std::int64_t index = std::clamp(((bucket.index - 1) >> (from - to)) + 1, lowest, highest);
    if (kept > 0 && buckets[kept - 1].index == index) {
      buckets[kept - 1].count += bucket.count;
    } else {
      buckets[kept++] = {index, bucket.count};
    }
  }
  buckets.resize(kept);
}

// `below`: what lies at or under zero, and in the zero bucket, by ascending bound.
std::vector<HistogramBucket> ByBound(std::vector<HistogramBucket> below,
                                     const std::vector<IndexedCount>& positive, int schema) {
  std::vector<HistogramBucket> out = std::move(below);
  out.reserve(out.size() + positive.size() + 1);
  for (const IndexedCount& bucket : positive) {
    const double lower = UpperBound(bucket.index - 1, schema);
    const double upper = UpperBound(bucket.index, schema);
    if (out.empty() || lower > out.back().upper) out.push_back({lower, 0});
    if (upper > out.back().upper) {
      out.push_back({upper, bucket.count});
    } else {
      out.back().count += bucket.count;  // inside the zero bucket
    }
  }
  return out;
}

template <typename H>
Result<std::vector<HistogramBucket>> ReadExponential(const H& h, bool is_float) {
  const double threshold = h.zero_threshold();
  if (!std::isfinite(threshold) || threshold < 0) {
    return Invalid("the zero threshold is " + std::to_string(threshold));
  }
  double negative = 0;
  for (const IndexedCount& bucket :
       ReadSide(h.negative_spans(), h.negative_deltas(), h.negative_counts(), is_float)) {
    negative += bucket.count;
  }
  const double zero = is_float ? h.zero_count_float() : static_cast<double>(h.zero_count_int());
  std::vector<HistogramBucket> below;
  if (negative != 0) below.push_back({0, negative});
  if (zero != 0 && threshold == 0 && !below.empty()) {
    below.back().count += zero;
  } else if (zero != 0) {
    below.push_back({threshold, zero});
  }
  std::vector<IndexedCount> positive =
      ReadSide(h.positive_spans(), h.positive_deltas(), h.positive_counts(), is_float);
  int schema = std::min(h.schema(), kSchemaKeptMax);
  Reduce(positive, h.schema(), schema);
  std::vector<HistogramBucket> out = ByBound(below, positive, schema);
  // At the lowest schema all doubles fall into 128 buckets.
  while (out.size() > kHistogramBucketsMax && schema > kSchemaMin) {
    Reduce(positive, schema, schema - 1);
    --schema;
    out = ByBound(below, positive, schema);
  }
  return out;
}

// Every bound is a bucket, empty or not; too many bounds are thinned out evenly.
template <typename H>
Result<std::vector<HistogramBucket>> ReadCustom(const H& h, bool is_float) {
  const auto& bounds = h.custom_values();
  const std::int64_t infinite = bounds.size();
  if (!std::all_of(bounds.begin(), bounds.end(), [](double b) { return std::isfinite(b); })) {
    return Invalid("a custom bound is not finite");
  }
  const std::vector<IndexedCount> given =
      ReadSide(h.positive_spans(), h.positive_deltas(), h.positive_counts(), is_float);
  if (!given.empty() && (given.front().index < 0 || given.back().index > infinite)) {
    return Invalid("spans reach beyond its " + std::to_string(infinite) + " custom bounds");
  }
  const bool has_infinite = !given.empty() && given.back().index == infinite;
  const auto count = static_cast<size_t>(infinite) + (has_infinite ? 1 : 0);
  const size_t stride = (count + kHistogramBucketsMax - 1) / kHistogramBucketsMax;
  std::vector<HistogramBucket> out;
  out.reserve(std::min(count, kHistogramBucketsMax));
  size_t next = 0;
  for (size_t end = std::min(stride, count); end > 0; end = std::min(end + stride, count)) {
    const bool last_is_infinite = has_infinite && end == count;
    HistogramBucket bucket{last_is_infinite ? kInfinity : bounds[static_cast<int>(end) - 1], 0};
    for (; next < given.size() && given[next].index < static_cast<std::int64_t>(end); ++next) {
      bucket.count += given[next].count;
    }
    out.push_back(bucket);
    if (end == count) break;
  }
  return out;
}

template <typename H>
Result<HistogramSample> Read(const H& h) {
  HistogramSample out;
  out.time = h.timestamp();
  out.sum = h.sum();
  if (IsStale(out.sum)) {
    out.stale = true;
    return out;
  }
  out.gauge = h.reset_hint() == kResetHintGauge;
  const bool is_float = h.count_case() == H::kCountFloat;
  out.count = is_float ? h.count_float() : static_cast<double>(h.count_int());
  QUELL_ASSIGN(out.buckets, h.schema() == kSchemaCustomBuckets ? ReadCustom(h, is_float)
                                                               : ReadExponential(h, is_float));
  double total = out.count;
  for (const HistogramBucket& bucket : out.buckets) total += bucket.count;
  if (!std::isfinite(total)) return Invalid("a count is not finite, or the counts add up to more");
  return out;
}

void PackedDoubles(WireWriter& out, std::uint32_t number, std::span<const double> values) {
  if (values.empty()) return;
  out.Bytes(number, {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

}  // namespace

Result<HistogramSample> ReadHistogram(const wire::v1::Histogram& histogram) {
  return Read(histogram);
}
Result<HistogramSample> ReadHistogram(const wire::v2::Histogram& histogram) {
  return Read(histogram);
}

// Fields in ascending order, zeros left out as protobuf does; count is one of two and always there.
std::string EncodeHistogram(const HistogramSample& sample) {
  std::vector<double> bounds;
  std::vector<double> counts;
  for (const HistogramBucket& bucket : sample.buckets) {
    if (std::isfinite(bucket.upper)) bounds.push_back(bucket.upper);
    counts.push_back(bucket.count);
  }
  std::string out;
  WireWriter message(out);
  if (!sample.stale) message.Double(2, sample.count);
  const double sum = sample.stale ? StaleMarker() : sample.sum;
  if (std::bit_cast<std::uint64_t>(sum) != 0) message.Double(3, sum);
  if (!sample.stale) {
    message.Tag(4, WireType::kVarint);
    message.Varint(2 * -kSchemaCustomBuckets - 1);  // zigzag
    if (!counts.empty()) {
      std::string span;
      WireWriter length(span);
      length.Tag(2, WireType::kVarint);
      length.Varint(counts.size());
      message.Bytes(11, span);
    }
    PackedDoubles(message, 13, counts);
    if (sample.gauge) {
      message.Tag(14, WireType::kVarint);
      message.Varint(kResetHintGauge);
    }
  }
  if (sample.time != 0) {
    message.Tag(15, WireType::kVarint);
    message.Varint(static_cast<std::uint64_t>(sample.time));
  }
  if (!sample.stale) PackedDoubles(message, 16, bounds);
  return out;
}

}  // namespace quell::ingest
