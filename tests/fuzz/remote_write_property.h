// What holds for any body in either protocol.
#pragma once

#include <snappy.h>

#include <cmath>
#include <string>

#include "ingest/remote_write.h"
#include "ingest/utf8.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {

inline constexpr TimeMs kNow = 1755856800000;

inline void CheckLabelsAreValid(const Labels& labels) {
  FUZZ_REQUIRE(!labels.MetricName().empty());
  const Label* before = nullptr;
  for (const Label& label : labels) {
    FUZZ_REQUIRE(!label.name.empty() && !label.value.empty());
    FUZZ_REQUIRE(ingest::IsValidUtf8(label.name) && ingest::IsValidUtf8(label.value));
    FUZZ_REQUIRE(before == nullptr || before->name < label.name);
    before = &label;
  }
}

inline void CheckHistogramIsSound(const ingest::HistogramSample& histogram) {
  FUZZ_REQUIRE(histogram.buckets.size() <= ingest::kHistogramBucketsMax);
  double total = 0;
  for (size_t i = 0; i < histogram.buckets.size(); ++i) {
    FUZZ_REQUIRE(histogram.buckets[i].count >= 0);
    FUZZ_REQUIRE(!std::isnan(histogram.buckets[i].upper));
    FUZZ_REQUIRE(i == 0 || histogram.buckets[i - 1].upper < histogram.buckets[i].upper);
    total += histogram.buckets[i].count;
  }
  FUZZ_REQUIRE(std::isfinite(total) && std::isfinite(histogram.count) && histogram.count >= 0);
}

// Bodies are given unpacked (the fuzzer would hardly ever meet snappy's own checks), but for
// those with an odd first byte, which go in as they are.
inline void CheckWrite(ingest::WriteProtocol protocol, std::string_view input) {
  using ingest::WriteOutcome;
  static ingest::RemoteWriteDecoder decoder{ingest::RemoteWriteLimits{}};
  std::string body(input);
  const bool raw = !input.empty() && input[0] % 2 == 1;
  if (!raw) snappy::Compress(input.data(), input.size(), &body);
  const WriteOutcome outcome = decoder.Decode(protocol, body, kNow);

  FUZZ_REQUIRE(outcome.status == 204 || outcome.status == 400);
  FUZZ_REQUIRE((outcome.status == 400) == !outcome.message.empty());
  FUZZ_REQUIRE(outcome.message.size() <= 1024);
  FUZZ_REQUIRE(outcome.samples_written == outcome.batch.samples.size());
  FUZZ_REQUIRE(outcome.histograms_written == outcome.batch.histograms.size());
  std::uint32_t at = 0;
  std::uint32_t histograms_at = 0;
  for (const auto& series : outcome.batch.series) {
    FUZZ_REQUIRE(series.begin == at && series.end >= series.begin);
    at = series.end;
    if (series.histograms_end != 0) {
      FUZZ_REQUIRE(series.begin == series.end && series.histograms_begin == histograms_at);
      FUZZ_REQUIRE(series.histograms_end > histograms_at);
      histograms_at = series.histograms_end;
    } else {
      FUZZ_REQUIRE(series.end > series.begin);
    }
    CheckLabelsAreValid(series.labels);
  }
  FUZZ_REQUIRE(at == outcome.batch.samples.size());
  FUZZ_REQUIRE(histograms_at == outcome.batch.histograms.size());
  for (const ingest::HistogramSample& histogram : outcome.batch.histograms) {
    FUZZ_REQUIRE(histogram.time >= 0 && histogram.time <= kNow + 10 * kMinuteMs);
    CheckHistogramIsSound(histogram);
  }
  for (const ingest::Sample& sample : outcome.batch.samples) {
    FUZZ_REQUIRE(sample.time >= 0 && sample.time <= kNow + 10 * kMinuteMs);
  }
  // What was accepted is accepted again, in either protocol, and stays the same.
  const std::string bytes = ingest::EncodeBatch(outcome.batch);
  for (const auto again : {ingest::WriteProtocol::kV1, ingest::WriteProtocol::kV2}) {
    const WriteOutcome second =
        decoder.Decode(again, ingest::EncodeWriteRequest(again, outcome.batch), kNow);
    FUZZ_REQUIRE(second.status == 204);
    FUZZ_REQUIRE(ingest::EncodeBatch(second.batch) == bytes);
  }
}

}  // namespace quell::fuzz
