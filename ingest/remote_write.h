// Remote Write 1.0 and 2.0: from request headers and body to a SampleBatch, with the status code
// that the specification asks for. Wire facts: docs/formats/remote_write.md.
//
// Thread-compatible; one RemoteWriteDecoder per thread (it reuses its buffers).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

struct RemoteWriteLimits {
  size_t wire_bytes_max = 16U << 20U;
  size_t decoded_bytes_max = 32U << 20U;  // declared length, checked before allocating
  size_t series_max = 100000;  // elements are counted on the wire before objects are built
  size_t samples_max = 1000000;
  size_t symbols_max = 500000;
  size_t labels_per_series_max = 64;
  size_t label_name_bytes_max = 1024;
  size_t label_value_bytes_max = 4096;
  DurationMs future_max_ms = 10 * kMinuteMs;  // samples later than now + this are refused

  bool operator==(const RemoteWriteLimits&) const = default;
};

enum class WriteProtocol : std::uint8_t { kV1, kV2 };

// Judged from headers alone, before the body is read.
struct HeaderVerdict {
  int status = 200;  // 200 = go on; 415, 411, 413
  WriteProtocol protocol = WriteProtocol::kV1;
  std::string message;
};
HeaderVerdict JudgeWriteHeaders(std::string_view content_type, std::string_view content_encoding,
                                std::int64_t content_length /* -1 = absent */,
                                const RemoteWriteLimits& limits);

// The outcome of a body. `batch` holds the valid part even when status is 400.
struct WriteOutcome {
  int status = 204;  // 204, or 400 with `message` naming the first offender (<= 1024 bytes)
  std::string message;
  SampleBatch batch;
  std::uint64_t samples_written = 0;  // for X-Prometheus-Remote-Write-Samples-Written (v2 only)
  std::uint64_t histograms_written = 0;  // native histograms, all in `batch`
  std::uint64_t exemplars_written = 0;
  std::uint64_t samples_rejected = 0;  // by any reason
  std::uint64_t series_rejected = 0;
};

// The simple path, through generated Protobuf classes: the reference that the fast path
// (ingest/fast_decoder.h) is held against, and what it leaves odd requests to.
class RemoteWriteDecoder {
 public:
  explicit RemoteWriteDecoder(const RemoteWriteLimits& limits);
  ~RemoteWriteDecoder();
  // `now_ms`: wall time of receipt, for the future rule only.
  WriteOutcome Decode(WriteProtocol protocol, std::string_view body, TimeMs now_ms);
  // The same for a body that is unpacked already (ingest/snappy_body.h).
  WriteOutcome DecodeMessage(WriteProtocol protocol, std::string_view message, TimeMs now_ms);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SampleBatch <-> an (uncompressed) Remote Write 2.0 request: the journal's samples payload.
// Symbols are interned in order of first use, so equal batches give equal bytes.
std::string EncodeBatch(const SampleBatch& batch);
Result<SampleBatch> DecodeBatch(std::string_view payload);

// A complete snappy-compressed request body for senders (simulator, tests). Native histograms go
// out as float histograms with custom buckets, over 1.0 too.
std::string EncodeWriteRequest(WriteProtocol protocol, const SampleBatch& batch);

}  // namespace quell::ingest
