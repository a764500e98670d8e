// WriteDecoder: one remote-write body into samples of registered series, and what to answer.
//
// Clean requests go the fast way; all others through the reference decoder, whose refusals are the
// answer. Thread-compatible; one per thread (it reuses its buffers).
#pragma once

#include <string>
#include <string_view>

#include "ingest/fast_decoder.h"
#include "ingest/remote_write.h"
#include "ingest/series_registry.h"

namespace quell::ingest {

// What a request is answered, once its batch is durable.
struct WriteVerdict {
  int status = 204;  // 204, or 400 with `message` (<= 1024 bytes); valid samples are kept on both
  std::string message;
  std::uint64_t samples_written = 0, histograms_written = 0, exemplars_written = 0;
  std::uint64_t samples_rejected = 0, series_rejected = 0;  // as invalid
  std::uint64_t series_refused = 0, samples_refused = 0;    // new series over a live-series limit
  bool fast = false;
};

class WriteDecoder {
 public:
  explicit WriteDecoder(const RemoteWriteLimits& limits)
      : limits_(limits), fast_(limits), reference_(limits) {}

  WriteVerdict Decode(WriteProtocol protocol, std::string_view body, TimeMs now_ms,
                      SeriesRegistry& registry, KeptBatch& batch);
  [[nodiscard]] const RemoteWriteLimits& limits() const { return limits_; }
  // Bytes of its largest buffer, for those who would rather make a new decoder than keep it.
  [[nodiscard]] size_t BytesHeld() const { return buffer_.capacity(); }

 private:
  WriteVerdict DecodeByReference(WriteProtocol protocol, std::string_view message, TimeMs now_ms,
                                 SeriesRegistry& registry, KeptBatch& batch);

  const RemoteWriteLimits limits_;
  FastDecoder fast_;
  RemoteWriteDecoder reference_;
  std::string buffer_;
};

// For Journal::AppendBatch: definitions of the series that are new to `epoch`, then the samples.
void EncodeKept(const KeptBatch& batch, std::uint64_t epoch, std::string& series,
                std::string& samples);

}  // namespace quell::ingest
