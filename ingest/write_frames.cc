#include "ingest/write_frames.h"

#include <algorithm>
#include <string>

#include "ingest/wire_cursor.h"

namespace quell::ingest {
namespace {

// Where the two protocols keep the same thing.
struct FieldNumbers {
  std::uint32_t series, symbols;                         // in the request
  std::uint32_t labels, samples, histograms, exemplars;  // in a series
};
constexpr FieldNumbers kV1Fields{1, 0, 1, 2, 4, 3};
constexpr FieldNumbers kV2Fields{5, 4, 1, 2, 3, 4};

Error Malformed(std::string_view what) {
  return MakeError(ErrorCode::kCorrupt,
                   "the body is not a valid protobuf message: " + std::string(what));
}

Status Within(std::uint64_t count, size_t max, std::string_view what) {
  if (count <= max) return Ok{};
  return MakeError(ErrorCode::kResourceExhausted,
                   "the request has more than " + std::to_string(max) + ' ' + std::string(what));
}

Status CountExemplar(std::string_view message, bool v2, std::uint64_t& elements) {
  WireCursor cursor(message);
  WireField field;
  while (cursor.Next(field)) {
    if (field.number != 1) continue;  // labels or references to them
    elements += v2 && field.type == WireType::kBytes ? CountVarints(field.bytes) : 1;
  }
  return cursor.ok() ? Status(Ok{}) : Status(Malformed("exemplar"));
}

Status CountSeries(const FieldNumbers& at, bool v2, SeriesFrame& frame, std::uint64_t& elements) {
  WireCursor cursor(frame.bytes);
  WireField field;
  std::uint64_t references = 0;
  while (cursor.Next(field)) {
    const bool nested = field.type == WireType::kBytes;
    if (field.number == at.labels) {
      if (!v2 && nested) ++frame.labels;
      if (v2) references += nested ? CountVarints(field.bytes) : 1;
    } else if (nested && field.number == at.samples) {
      ++frame.samples, ++elements;
    } else if (nested && field.number == at.histograms) {
      ++frame.histograms, ++elements;
      QUELL_TRY(CountHistogram(field.bytes, elements));
    } else if (nested && field.number == at.exemplars) {
      ++frame.exemplars, ++elements;
      QUELL_TRY(CountExemplar(field.bytes, v2, elements));
    }
  }
  if (!cursor.ok()) return Malformed("time series");
  if (v2) frame.labels = static_cast<std::uint32_t>((references + 1) / 2);
  return Ok{};
}

}  // namespace

Status CountHistogram(std::string_view message, std::uint64_t& elements) {
  WireCursor cursor(message);
  WireField field;
  while (cursor.Next(field)) {
    if (field.number < 8 || field.number > 16) continue;  // spans, buckets, bounds
    const bool packed = field.type == WireType::kBytes;
    if (packed && (field.number == 9 || field.number == 12)) {
      elements += CountVarints(field.bytes);
    } else if (packed && (field.number == 10 || field.number == 13 || field.number == 16)) {
      // No larger in memory than here, but a reused message keeps its memory for each field.
      elements += std::max<size_t>(1, field.bytes.size() / sizeof(double));
    } else {
      ++elements;
    }
  }
  return cursor.ok() ? Status(Ok{}) : Status(Malformed("histogram"));
}

Status FrameRequest(WriteProtocol protocol, std::string_view message,
                    const RemoteWriteLimits& limits, WriteFrames& frames) {
  frames.symbols.clear();
  frames.series.clear();
  frames.elements = 0;
  const bool v2 = protocol == WriteProtocol::kV2;
  const FieldNumbers& at = v2 ? kV2Fields : kV1Fields;
  WireCursor cursor(message);
  WireField field;
  while (cursor.Next(field)) {
    if (field.type != WireType::kBytes) continue;
    if (field.number == at.series) {
      QUELL_TRY(Within(frames.series.size() + 1, limits.series_max, "series"));
      SeriesFrame frame;
      frame.bytes = field.bytes;
      QUELL_TRY(CountSeries(at, v2, frame, frames.elements));
      QUELL_TRY(
          Within(frames.elements, limits.samples_max, "samples, histogram buckets and exemplars"));
      frames.series.push_back(frame);
    } else if (v2 && field.number == at.symbols) {
      QUELL_TRY(Within(frames.symbols.size() + 1, limits.symbols_max, "symbols"));
      frames.symbols.push_back(field.bytes);
    }
  }
  if (!cursor.ok()) return Malformed("write request");
  return Ok{};
}

}  // namespace quell::ingest
