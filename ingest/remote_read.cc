#include "ingest/remote_read.h"

#include <snappy.h>

#include <algorithm>
#include <vector>

#include "core/hash.h"
#include "ingest/proto/remote_read.pb.h"
#include "ingest/wire_cursor.h"
#include "ingest/xor_chunk.h"

namespace quell::ingest {
namespace {

constexpr size_t kVarintBytesMax = 10;

enum ChunkEncoding : int { kXor = 1, kHistogram = 2, kFloatHistogram = 3 };

int MatcherType(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return 0;
    case MatchOp::kNotEqual:
      return 1;
    case MatchOp::kRegex:
      return 2;
    case MatchOp::kNotRegex:
      return 3;
  }
  return 0;
}

template <typename Pairs>
Labels LabelsOf(const Pairs& pairs) {
  std::vector<Label> labels;
  labels.reserve(static_cast<size_t>(pairs.size()));
  for (const auto& pair : pairs) labels.push_back({pair.name(), pair.value()});
  return Labels(std::move(labels));
}

// The samples from `begin` on become a series, those outside [start, end) left out. Frames of one
// series follow each other and are joined.
void CloseSeries(SampleBatch& batch, Labels labels, size_t begin, TimeMs start, TimeMs end) {
  const auto first = batch.samples.begin() + static_cast<std::ptrdiff_t>(begin);
  batch.samples.erase(std::remove_if(first, batch.samples.end(),
                                     [start, end](const Sample& sample) {
                                       return sample.time < start || sample.time >= end;
                                     }),
                      batch.samples.end());
  if (batch.samples.size() == begin) return;
  const auto stop = static_cast<std::uint32_t>(batch.samples.size());
  if (!batch.series.empty() && batch.series.back().labels == labels) {
    batch.series.back().end = stop;
  } else {
    batch.series.push_back({std::move(labels), static_cast<std::uint32_t>(begin), stop});
  }
}

Error BadFrame(std::uint64_t offset, std::string_view what) {
  return MakeError(ErrorCode::kCorrupt, "remote read: frame at offset " + std::to_string(offset) +
                                            ": " + std::string(what));
}

Error TooManySamples(std::uint64_t samples_max) {
  return MakeError(ErrorCode::kResourceExhausted, "remote read: the answer has more than " +
                                                      std::to_string(samples_max) + " samples");
}

std::uint32_t TakeBigEndian32(std::string_view& rest) {
  std::uint32_t out = 0;
  for (size_t i = 0; i < 4; ++i) out = out << 8U | static_cast<unsigned char>(rest[i]);
  rest.remove_prefix(4);
  return out;
}

}  // namespace

std::string EncodeReadRequest(const Selector& selector, TimeMs start, TimeMs end, ReadForm form) {
  wire::read::ReadRequest request;
  auto* query = request.add_queries();
  query->set_start_timestamp_ms(start);
  query->set_end_timestamp_ms(end - 1);
  for (const Matcher& matcher : selector.matchers()) {
    auto* out = query->add_matchers();
    out->set_type(MatcherType(matcher.op()));
    out->set_name(matcher.name());
    out->set_value(matcher.value());
  }
  if (form == ReadForm::kStreamedChunks) request.add_accepted_response_types(1);
  request.add_accepted_response_types(0);
  const std::string message = request.SerializeAsString();
  std::string out;
  snappy::Compress(message.data(), message.size(), &out);
  return out;
}

ChunkedAnswer::ChunkedAnswer(TimeMs start, TimeMs end, std::uint64_t samples_max, Wants wants)
    : start_(start), end_(end), samples_max_(samples_max), wants_(std::move(wants)) {}

Status ChunkedAnswer::Feed(std::string_view bytes) {
  pending_.append(bytes);
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const std::uint64_t offset = offset_ + (pending_.size() - rest.size());
    std::string_view frame = rest;
    std::uint64_t length = 0;
    if (!TakeVarint(frame, length)) {
      if (rest.size() >= kVarintBytesMax) return BadFrame(offset, "its length does not decode");
      break;
    }
    if (length > kFrameBytesMax) {
      return BadFrame(offset, "its " + std::to_string(length) + " bytes are more than " +
                                  std::to_string(kFrameBytesMax));
    }
    if (frame.size() < length + 4) break;
    const std::uint32_t checksum = TakeBigEndian32(frame);
    rest = frame.substr(length);
    frame = frame.substr(0, length);
    if (Crc32c(frame) != checksum) return BadFrame(offset, "the checksum is wrong");
    const Status taken = TakeFrame(frame);
    if (!taken.ok()) {
      if (taken.error().code == ErrorCode::kCorrupt) return BadFrame(offset, taken.error().message);
      return taken;
    }
  }
  offset_ += pending_.size() - rest.size();
  pending_.erase(0, pending_.size() - rest.size());
  return Ok{};
}

Status ChunkedAnswer::TakeFrame(std::string_view frame) {
  wire::read::ChunkedReadResponse message;
  if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    return MakeError(ErrorCode::kCorrupt, "not a ChunkedReadResponse");
  }
  for (const auto& series : message.chunked_series()) {
    Labels labels = LabelsOf(series.labels());
    if (wants_ && !wants_(labels)) continue;
    const size_t begin = batch_.samples.size();
    for (const auto& chunk : series.chunks()) {
      if (chunk.type() == kHistogram || chunk.type() == kFloatHistogram) {
        ++histogram_chunks_;
        continue;
      }
      if (chunk.type() != kXor) {
        return MakeError(ErrorCode::kUnsupported,
                         "chunk encoding " + std::to_string(chunk.type()) + " is not known");
      }
      QUELL_TRY(DecodeXorChunk(chunk.data(), batch_.samples));
    }
    CloseSeries(batch_, std::move(labels), begin, start_, end_);
    if (batch_.samples.size() > samples_max_) return TooManySamples(samples_max_);
  }
  return Ok{};
}

Result<SampleBatch> ChunkedAnswer::Finish() {
  if (!pending_.empty()) return BadFrame(offset_, "cut short");
  return std::move(batch_);
}

Result<SampleBatch> DecodeStreamedChunks(std::string_view body, TimeMs start, TimeMs end) {
  ChunkedAnswer answer(start, end, ~std::uint64_t{0}, nullptr);
  QUELL_TRY(answer.Feed(body));
  return answer.Finish();
}

Result<SampleBatch> DecodeSampledAnswer(std::string_view body, TimeMs start, TimeMs end,
                                        size_t decoded_bytes_max) {
  size_t length = 0;
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &length)) {
    return MakeError(ErrorCode::kCorrupt, "remote read: the answer is not snappy");
  }
  if (length > decoded_bytes_max) {
    return MakeError(ErrorCode::kResourceExhausted,
                     "remote read: the answer of " + std::to_string(length) +
                         " bytes is larger than " + std::to_string(decoded_bytes_max));
  }
  std::string message;
  wire::read::ReadResponse response;
  if (!snappy::Uncompress(body.data(), body.size(), &message) ||
      !response.ParseFromString(message)) {
    return MakeError(ErrorCode::kCorrupt, "remote read: the answer does not decode");
  }
  SampleBatch batch;
  for (const auto& result : response.results()) {
    for (const auto& series : result.timeseries()) {
      const size_t begin = batch.samples.size();
      for (const auto& sample : series.samples()) {
        batch.samples.push_back({sample.timestamp(), sample.value()});
      }
      CloseSeries(batch, LabelsOf(series.labels()), begin, start, end);
    }
  }
  return batch;
}

}  // namespace quell::ingest
