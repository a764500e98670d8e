// The journal's bytes: segment names, frames, and the scan that tells a torn tail from damage.
// docs/formats/journal.md is the specification.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ingest/journal.h"

namespace quell::ingest {

// Name and version. New segments are of version 2; version 1 had no kSeries and kBatch.
inline constexpr std::string_view kSegmentMagic = "QUELLJ02";
inline constexpr std::string_view kSegmentMagicV1 = "QUELLJ01";
inline constexpr size_t kFrameHeaderBytes = 17;  // u32 u32 u8 i64
inline constexpr size_t kPayloadBytesMax = 256U << 20U;

struct Segment {
  std::string path;
  std::uint64_t first_sequence = 0;  // from the name
  std::uint64_t bytes = 0;
  std::optional<TimeMs> first_received;  // of its first record, where somebody looked
};

// How a segment that begins with `bytes` is to be read.
enum class SegmentStart { kVersion1, kVersion2, kShort, kForeign };
SegmentStart ReadSegmentStart(std::string_view bytes);

std::string SegmentPath(const std::string& folder, std::uint64_t first_sequence);

// Segments by sequence. kNotFound without the folder, kCorrupt for a "*.qj" of another form.
Result<std::vector<Segment>> ListSegments(const std::string& folder);

void AppendFrame(std::string& out, RecordKind kind, TimeMs received_ms, std::string_view payload);

// One frame at the front of `bytes`.
enum class FrameState {
  kWhole,  // a record with the right checksum
  kShort,  // the bytes end before the frame does
  kBad,    // all bytes are there, checksum or kind are wrong
};
struct FrameView {
  FrameState state = FrameState::kShort;
  RecordKind kind = RecordKind::kSamples;
  TimeMs received_ms = 0;
  std::string_view payload;
  size_t frame_bytes = 0;
};
FrameView ReadFrame(std::string_view bytes);
// REQUIRES: a whole frame header. Unchecked.
TimeMs FrameReceived(std::string_view header);

// What follows the last whole record of the last segment: a torn tail (nothing after it is a
// whole record) or damage in the middle (a whole record follows).
bool HasWholeFrame(std::string_view bytes);
// Where the first whole record stands in `bytes`; npos: nowhere.
size_t FindWholeFrame(std::string_view bytes);

}  // namespace quell::ingest
