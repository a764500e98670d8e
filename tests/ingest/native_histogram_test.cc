#include "ingest/native_histogram.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "core/random.h"
#include "ingest/histogram_check.h"
#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Buckets = std::vector<HistogramBucket>;
using Indexed = std::map<std::int64_t, std::int64_t>;

// An integer histogram with these positive buckets by index; one span a run.
wire::v2::Histogram Positive(int schema, const Indexed& counts) {
  wire::v2::Histogram h;
  h.set_schema(schema);
  h.set_timestamp(kNow);
  std::int64_t next = 0;
  std::int64_t before = 0;
  std::uint64_t total = 0;
  for (const auto& [index, count] : counts) {
    if (h.positive_spans_size() == 0 || index != next) {
      h.add_positive_spans()->set_offset(static_cast<std::int32_t>(index - next));
    }
    auto* span = h.mutable_positive_spans(h.positive_spans_size() - 1);
    span->set_length(span->length() + 1);
    h.add_positive_deltas(count - before);
    before = count;
    next = index + 1;
    total += static_cast<std::uint64_t>(count);
  }
  h.set_count_int(total);
  return h;
}

HistogramSample Read(const wire::v2::Histogram& h) {
  const Status checked = CheckHistogram(h);
  INFO((checked.ok() ? "" : checked.error().message));
  REQUIRE(checked.ok());
  const auto sample = ReadHistogram(h);
  INFO((sample.ok() ? "" : sample.error().message));
  REQUIRE(sample.ok());
  return *sample;
}

std::string Refusal(const wire::v2::Histogram& h) {
  REQUIRE(CheckHistogram(h).ok());
  const auto sample = ReadHistogram(h);
  REQUIRE_FALSE(sample.ok());
  CHECK(sample.error().code == ErrorCode::kInvalidArgument);
  return sample.error().message;
}

void CheckBuckets(const Buckets& got, const Buckets& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i].upper == Approx(expected[i].upper).epsilon(1e-14));
    CHECK(got[i].count == expected[i].count);
  }
}

}  // namespace

TEST_CASE("Native histograms: bounds are those of the schema, worked out by hand") {
  // Schema 0, base 2: index 1 is (1, 2]. The empty bucket in front says where it starts.
  CheckBuckets(Read(Positive(0, {{1, 5}, {2, 3}})).buckets, {{1, 0}, {2, 5}, {4, 3}});
  // A hole has both its edges.
  CheckBuckets(Read(Positive(0, {{-1, 5}, {3, 2}})).buckets, {{0.25, 0}, {0.5, 5}, {4, 0}, {8, 2}});
  // Schema 2, base 2^(1/4).
  CheckBuckets(Read(Positive(2, {{1, 1}, {2, 1}, {3, 1}, {4, 1}})).buckets,
               {{1, 0}, {std::pow(2, 0.25), 1}, {std::sqrt(2), 1}, {std::pow(2, 0.75), 1}, {2, 1}});
  // Schema -4, base 65536; index 64 ends at 2^1024, which is no number.
  CheckBuckets(
      Read(Positive(-4, {{0, 1}, {1, 2}, {64, 3}, {100, 4}})).buckets,
      {{std::ldexp(1, -16), 0}, {1, 1}, {65536, 2}, {std::ldexp(1, 1008), 0}, {kInfinity, 7}});
}

TEST_CASE("Native histograms: finer schemas are reduced by rounding the index up") {
  // Schema 3: index -2 and -1 become -1 and 0 of schema 2.
  CheckBuckets(Read(Positive(3, {{-2, 2}, {-1, 3}})).buckets,
               {{std::sqrt(0.5), 0}, {std::pow(2, -0.25), 2}, {1, 3}});
  // Schema 8: 64 indices make one: 193..256 end at 2, 192 belongs to the bucket below.
  CheckBuckets(Read(Positive(8, {{192, 1}, {193, 2}, {256, 4}, {257, 8}})).buckets,
               {{std::sqrt(2), 0}, {std::pow(2, 0.75), 1}, {2, 6}, {std::pow(2, 1.25), 8}});
  // Schema 20: 2^18 indices make one, on both sides of 1.
  CheckBuckets(
      Read(Positive(20, {{-262144, 1}, {-262143, 2}, {0, 4}, {1, 8}, {1 << 20, 16}})).buckets,
      {{std::sqrt(0.5), 0},
       {std::pow(2, -0.25), 1},
       {1, 6},
       {std::pow(2, 0.25), 8},
       {std::pow(2, 0.75), 0},
       {2, 16}});
}

TEST_CASE("Native histograms: zero bucket and negative buckets come first") {
  auto h = Positive(0, {{0, 7}, {1, 5}});
  h.set_zero_count_int(3);
  h.set_count_int(15);
  CheckBuckets(Read(h).buckets, {{0, 3}, {0.5, 0}, {1, 7}, {2, 5}});
  h.set_zero_threshold(0.25);
  CheckBuckets(Read(h).buckets, {{0.25, 3}, {0.5, 0}, {1, 7}, {2, 5}});
  h.set_zero_threshold(1);  // has swallowed index 0
  CheckBuckets(Read(h).buckets, {{1, 10}, {2, 5}});
  h.set_zero_threshold(0.25);
  h.add_negative_spans()->set_length(2);
  h.add_negative_deltas(4);
  h.add_negative_deltas(2);
  h.set_count_int(25);
  CheckBuckets(Read(h).buckets, {{0, 10}, {0.25, 3}, {0.5, 0}, {1, 7}, {2, 5}});
  h.set_zero_threshold(0);
  CheckBuckets(Read(h).buckets, {{0, 13}, {0.5, 0}, {1, 7}, {2, 5}});
}

TEST_CASE("Native histograms: custom buckets keep their bounds, empty ones too") {
  wire::v2::Histogram h;
  h.set_schema(-53);
  for (const double bound : {-1.0, 0.1, 0.5, 2.5}) h.add_custom_values(bound);
  auto* span = h.add_positive_spans();
  span->set_offset(1);
  span->set_length(2);
  h.add_positive_counts(1.5);
  h.add_positive_counts(2);
  h.set_count_float(3.5);
  CheckBuckets(Read(h).buckets, {{-1, 0}, {0.1, 1.5}, {0.5, 2}, {2.5, 0}});
  h.mutable_positive_spans(0)->set_length(4);
  h.add_positive_counts(0);
  h.add_positive_counts(4);
  h.set_count_float(7.5);
  CheckBuckets(Read(h).buckets, {{-1, 0}, {0.1, 1.5}, {0.5, 2}, {2.5, 0}, {kInfinity, 4}});
  h.mutable_positive_spans(0)->set_offset(2);
  CHECK_THAT(Refusal(h), Catch::Contains("beyond its 4 custom bounds"));
}

TEST_CASE("Native histograms: many custom buckets are thinned out, none of their counts lost") {
  wire::v2::Histogram h;
  h.set_schema(-53);
  h.add_positive_spans()->set_length(1001);
  for (int i = 0; i <= 1000; ++i) {
    if (i < 1000) h.add_custom_values(i);
    h.add_positive_counts(1);
  }
  h.set_count_float(1001);
  const HistogramSample sample = Read(h);
  CHECK(sample.buckets.size() == 143);  // every seventh of 1001
  CHECK(sample.buckets[0].upper == 6);
  CHECK(sample.buckets[0].count == 7);
  CHECK(sample.buckets.back().upper == kInfinity);
  CHECK(sample.buckets.back().count == 7);
}

TEST_CASE("Native histograms: staleness, gauges and a NaN sum are told apart") {
  wire::v2::Histogram h;
  h.set_sum(StaleMarker());
  h.set_reset_hint(3);
  CHECK(Read(h).stale);
  CHECK_FALSE(Read(h).gauge);
  h = Positive(0, {{1, 5}});
  h.set_reset_hint(3);
  CHECK(Read(h).gauge);
  h.set_reset_hint(1);
  CHECK_FALSE(Read(h).gauge);
  h.set_sum(std::numeric_limits<double>::quiet_NaN());
  h.set_count_int(6);  // one observation was NaN
  CHECK_FALSE(Read(h).stale);
  CHECK(Read(h).count == 6);
}

TEST_CASE("Native histograms: numbers that are none are refused") {
  wire::v2::Histogram h;
  h.set_count_float(1);
  h.add_positive_spans()->set_length(2);
  h.add_positive_counts(1);
  h.add_positive_counts(std::numeric_limits<double>::quiet_NaN());
  CHECK_THAT(Refusal(h), Catch::Contains("not finite"));
  h.set_positive_counts(1, kInfinity);
  CHECK_THAT(Refusal(h), Catch::Contains("not finite"));
  h.set_positive_counts(0, 1e308);
  h.set_positive_counts(1, 1e308);
  CHECK_THAT(Refusal(h), Catch::Contains("add up to more"));
  h.set_positive_counts(1, 1);
  h.set_count_float(std::numeric_limits<double>::quiet_NaN());
  CHECK_THAT(Refusal(h), Catch::Contains("not finite"));
  h.set_count_float(1);
  h.set_zero_threshold(-1);
  CHECK_THAT(Refusal(h), Catch::Contains("zero threshold"));
  wire::v2::Histogram custom;
  custom.set_schema(-53);
  custom.add_custom_values(kInfinity);
  CHECK_THAT(Refusal(custom), Catch::Contains("custom bound"));
}

TEST_CASE("Native histograms: hostile spans cost nothing and stay in bounds") {
  wire::v2::Histogram h;
  h.set_schema(52);
  for (int i = 0; i < 5000; ++i) {
    h.add_positive_spans()->set_offset(std::numeric_limits<std::int32_t>::max());
  }
  h.mutable_positive_spans(4999)->set_length(1);
  h.add_positive_deltas(1);
  h.set_count_int(1);
  // 5000 * 2^31 is index 2^43 of schema 52: hardly above 1.
  CheckBuckets(Read(h).buckets, {{1, 0}, {std::pow(2, 0.25), 1}});
  h.set_schema(8);
  CHECK(Read(h).buckets.back() == HistogramBucket{kInfinity, 1});
  h.mutable_positive_spans(0)->set_offset(std::numeric_limits<std::int32_t>::min());
  h.mutable_positive_spans()->DeleteSubrange(1, 4999);
  h.mutable_positive_spans(0)->set_length(1);
  CHECK(Read(h).buckets.back() == HistogramBucket{std::ldexp(1, -1022), 1});
}

// At every bound that is kept, what lies at or below it is exactly what the finer buckets say.
TEST_CASE("Native histograms: nothing moves across a bound, and nothing is lost") {
  Random random(31);
  for (int round = 0; round < 500; ++round) {
    const int schema = static_cast<int>(random.Below(25)) - 4;
    const double scale = std::ldexp(1, schema);  // indices an octave
    Indexed counts;
    const std::uint64_t buckets = random.Below(400);
    const double octaves = std::ldexp(1, static_cast<int>(random.Below(9)));
    for (std::uint64_t i = 0; i < buckets; ++i) {
      const double octave = (random.Uniform() - 0.5) * octaves;
      counts[static_cast<std::int64_t>(std::llround(octave * scale))] =
          static_cast<std::int64_t>(random.Below(50));
    }
    const HistogramSample sample = Read(Positive(schema, counts));
    REQUIRE(sample.buckets.size() <= kHistogramBucketsMax);
    double below = 0;
    double before = -1;
    for (const HistogramBucket& bucket : sample.buckets) {
      REQUIRE(bucket.upper > before);
      before = bucket.upper;
      below += bucket.count;
      const double last = std::round(std::log2(bucket.upper) * scale * 16) / 16;
      double expected = 0;
      for (const auto& [index, count] : counts) {
        if (static_cast<double>(index) <= last) expected += static_cast<double>(count);
      }
      REQUIRE(below == expected);
    }
    REQUIRE(below == sample.count);
  }
}

TEST_CASE("Native histograms: a histogram too wide for its resolution loses some of it") {
  Indexed counts;
  for (int i = -300; i < 300; ++i) counts[i] = 1;
  const HistogramSample sample = Read(Positive(2, counts));
  CHECK(sample.buckets.size() == 152);  // schema 0: indices -75..75, and where -75 starts
  CHECK(sample.buckets[0].upper == std::ldexp(1, -76));
  CHECK(sample.buckets[2] == HistogramBucket{std::ldexp(1, -74), 4});
}

TEST_CASE("Native histograms: what is encoded is read again to the bit") {
  Random random(32);
  for (int round = 0; round < 300; ++round) {
    HistogramSample sample;
    sample.time = static_cast<TimeMs>(random.Below(1U << 30U));
    sample.stale = random.Below(10) == 0;
    sample.sum = sample.stale ? StaleMarker() : random.Normal();
    if (!sample.stale) {
      sample.gauge = random.Below(2) == 0;
      double upper = random.Normal();
      for (std::uint64_t i = random.Below(kHistogramBucketsMax + 1); i > 0; --i) {
        sample.buckets.push_back({upper, random.Uniform()});
        sample.count += sample.buckets.back().count;
        upper = random.Below(20) == 0 ? kInfinity : upper + random.Uniform() + 0.001;
        if (sample.buckets.back().upper == kInfinity) break;
      }
    }
    const std::string bytes = EncodeHistogram(sample);
    wire::v2::Histogram message;
    REQUIRE(message.ParseFromString(bytes));
    CHECK(message.SerializeAsString() == bytes);
    const HistogramSample again = Read(message);
    CHECK(again.time == sample.time);
    CHECK(again.count == sample.count);
    CHECK(again.stale == sample.stale);
    CHECK(again.gauge == sample.gauge);
    CHECK(again.buckets == sample.buckets);
    CHECK(EncodeHistogram(again) == bytes);
    wire::v1::Histogram v1;
    REQUIRE(v1.ParseFromString(bytes));
    CHECK(EncodeHistogram(*ReadHistogram(v1)) == bytes);
  }
}

}  // namespace quell::ingest
