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

Status AddChunkedSeries(const wire::read::ChunkedSeries& series, TimeMs start, TimeMs end,
                        SampleBatch& batch) {
  const size_t begin = batch.samples.size();
  for (const auto& chunk : series.chunks()) {
    if (chunk.type() == kHistogram || chunk.type() == kFloatHistogram) continue;
    if (chunk.type() != kXor) {
      return MakeError(ErrorCode::kUnsupported,
                       "chunk encoding " + std::to_string(chunk.type()) + " is not known");
    }
    QUELL_TRY(DecodeXorChunk(chunk.data(), batch.samples));
  }
  CloseSeries(batch, LabelsOf(series.labels()), begin, start, end);
  return Ok{};
}

Error BadFrame(size_t offset, std::string_view what) {
  return MakeError(ErrorCode::kCorrupt, "remote read: frame at offset " + std::to_string(offset) +
                                            ": " + std::string(what));
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

Result<SampleBatch> DecodeStreamedChunks(std::string_view body, TimeMs start, TimeMs end) {
  SampleBatch batch;
  wire::read::ChunkedReadResponse message;
  std::string_view rest = body;
  while (!rest.empty()) {
    const size_t offset = body.size() - rest.size();
    std::uint64_t length = 0;
    if (!TakeVarint(rest, length) || rest.size() < 4 || length > rest.size() - 4) {
      return BadFrame(offset, "cut short");
    }
    const std::uint32_t checksum = TakeBigEndian32(rest);
    const std::string_view frame = rest.substr(0, length);
    rest.remove_prefix(length);
    if (Crc32c(frame) != checksum) return BadFrame(offset, "the checksum is wrong");
    if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
      return BadFrame(offset, "not a ChunkedReadResponse");
    }
    for (const auto& series : message.chunked_series()) {
      QUELL_TRY(AddChunkedSeries(series, start, end, batch));
    }
  }
  return batch;
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
