// Prometheus remote read: request bytes, and the two forms of answer as a SampleBatch.
//
// Answers are trimmed to [start, end); native histograms in them are left out. Functions are pure,
// the class is thread-compatible.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/matcher.h"
#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

enum class ReadForm { kStreamedChunks, kSamples };

// snappy(ReadRequest) for [start, end). With kStreamedChunks samples are named as the second
// choice.
std::string EncodeReadRequest(const Selector& selector, TimeMs start, TimeMs end, ReadForm form);

// Takes a streamed answer piece by piece as it arrives: frames of (uvarint length, big-endian
// CRC-32C, ChunkedReadResponse). Holds one frame and the samples taken so far.
class ChunkedAnswer {
 public:
  using Wants = std::function<bool(const Labels&)>;            // null = every series
  static constexpr std::uint64_t kFrameBytesMax = 64U << 20U;  // Prometheus' default is 1 MiB

  ChunkedAnswer(TimeMs start, TimeMs end, std::uint64_t samples_max, Wants wants);

  // kCorrupt with the frame's offset; kUnsupported for a chunk encoding that is not known here;
  // kResourceExhausted above `samples_max` samples of wanted series.
  Status Feed(std::string_view bytes);
  // kCorrupt if the answer ends inside a frame.
  Result<SampleBatch> Finish();
  [[nodiscard]] std::uint64_t histogram_chunks() const { return histogram_chunks_; }  // left out

 private:
  Status TakeFrame(std::string_view frame);

  TimeMs start_;
  TimeMs end_;
  std::uint64_t samples_max_;
  Wants wants_;
  std::string pending_;       // of the frame that is not whole yet
  std::uint64_t offset_ = 0;  // of pending_ in the answer
  std::uint64_t histogram_chunks_ = 0;
  SampleBatch batch_;
};

// The same for an answer that is there as a whole.
Result<SampleBatch> DecodeStreamedChunks(std::string_view body, TimeMs start, TimeMs end);

// snappy(ReadResponse). kResourceExhausted if it declares more than `decoded_bytes_max`.
Result<SampleBatch> DecodeSampledAnswer(std::string_view body, TimeMs start, TimeMs end,
                                        size_t decoded_bytes_max);

}  // namespace quell::ingest
