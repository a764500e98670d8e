#include "ingest/journal_format.h"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "core/bytes.h"
#include "core/file.h"
#include "core/hash.h"

namespace quell::ingest {
namespace {

constexpr std::string_view kSuffix = ".qj";
constexpr size_t kNameDigits = 20;
constexpr size_t kChecksumAt = 4;  // the checksum covers what follows it
constexpr size_t kBodyAt = 8;

template <typename T>
T Load(std::string_view bytes, size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

bool IsKind(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(RecordKind::kSamples) &&
         kind <= static_cast<std::uint8_t>(RecordKind::kSilence);
}

}  // namespace

SegmentStart ReadSegmentStart(std::string_view bytes) {
  const std::string_view magic = bytes.substr(0, kSegmentMagic.size());
  if (magic == kSegmentMagic) return SegmentStart::kVersion2;
  if (magic == kSegmentMagicV1) return SegmentStart::kVersion1;
  if (magic.size() < kSegmentMagic.size() &&
      (kSegmentMagic.starts_with(magic) || kSegmentMagicV1.starts_with(magic))) {
    return SegmentStart::kShort;
  }
  return SegmentStart::kForeign;
}

std::string SegmentPath(const std::string& folder, std::uint64_t first_sequence) {
  std::string digits = std::to_string(first_sequence);
  digits.insert(0, kNameDigits - digits.size(), '0');
  return folder + '/' + digits + std::string(kSuffix);
}

Result<std::vector<Segment>> ListSegments(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return MakeError(ErrorCode::kNotFound, "journal folder " + folder + " does not exist");
  }
  QUELL_ASSIGN(const std::vector<std::string> files, ListFiles(folder));
  std::vector<Segment> out;
  for (const std::string& path : files) {
    if (!path.ends_with(kSuffix)) continue;
    const std::string name = std::filesystem::path(path).filename().string();
    Segment segment;
    segment.path = path;
    const char* end = name.data() + name.size() - kSuffix.size();
    const auto [stop, ec] = std::from_chars(name.data(), end, segment.first_sequence);
    if (name.size() != kNameDigits + kSuffix.size() || ec != std::errc() || stop != end ||
        segment.first_sequence == 0) {
      return MakeError(ErrorCode::kCorrupt, path + ": a segment's name is twenty digits and .qj");
    }
    segment.bytes = std::filesystem::file_size(path, error);
    if (error) return MakeError(ErrorCode::kIo, "cannot stat " + path + ": " + error.message());
    out.push_back(std::move(segment));
  }
  return out;
}

void AppendFrame(std::string& out, RecordKind kind, TimeMs received_ms, std::string_view payload) {
  const size_t begin = out.size();
  ByteWriter header;
  header.Put(static_cast<std::uint32_t>(payload.size()));
  header.Put(std::uint32_t{0});
  header.Put(static_cast<std::uint8_t>(kind));
  header.Put(static_cast<std::int64_t>(received_ms));
  out += header.bytes();
  out += payload;
  const std::uint32_t checksum = Crc32c(std::string_view(out).substr(begin + kBodyAt));
  std::memcpy(out.data() + begin + kChecksumAt, &checksum, sizeof checksum);
}

FrameView ReadFrame(std::string_view bytes) {
  FrameView frame;
  if (bytes.size() < kFrameHeaderBytes) return frame;
  const auto length = Load<std::uint32_t>(bytes, 0);
  if (length > bytes.size() - kFrameHeaderBytes) return frame;
  frame.frame_bytes = kFrameHeaderBytes + length;
  frame.state = FrameState::kBad;
  const auto kind = Load<std::uint8_t>(bytes, kBodyAt);
  if (!IsKind(kind) || Load<std::uint32_t>(bytes, kChecksumAt) !=
                           Crc32c(bytes.substr(kBodyAt, frame.frame_bytes - kBodyAt))) {
    return frame;
  }
  frame.state = FrameState::kWhole;
  frame.kind = static_cast<RecordKind>(kind);
  frame.received_ms = Load<std::int64_t>(bytes, kBodyAt + 1);
  frame.payload = bytes.substr(kFrameHeaderBytes, length);
  return frame;
}

TimeMs FrameReceived(std::string_view header) { return Load<std::int64_t>(header, kBodyAt + 1); }

bool HasWholeFrame(std::string_view bytes) {
  return FindWholeFrame(bytes) != std::string_view::npos;
}

size_t FindWholeFrame(std::string_view bytes) {
  // Cheap tests first, so that checksums are only computed where a frame very likely begins:
  // a known kind, a time between 1970 and 2109, a length that fits.
  constexpr std::int64_t kReceivedMax = std::int64_t{1} << 42;
  for (size_t at = 0; at + kFrameHeaderBytes <= bytes.size(); ++at) {
    const std::string_view here = bytes.substr(at);
    const auto received = Load<std::int64_t>(here, kBodyAt + 1);
    if (IsKind(Load<std::uint8_t>(here, kBodyAt)) && received >= 0 && received < kReceivedMax &&
        ReadFrame(here).state == FrameState::kWhole) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace quell::ingest
