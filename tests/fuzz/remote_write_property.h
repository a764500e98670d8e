// What holds for any body in either protocol.
#pragma once

#include <snappy.h>

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
  std::uint32_t at = 0;
  for (const auto& series : outcome.batch.series) {
    FUZZ_REQUIRE(series.begin == at && series.end > series.begin);
    at = series.end;
    CheckLabelsAreValid(series.labels);
  }
  FUZZ_REQUIRE(at == outcome.batch.samples.size());
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
