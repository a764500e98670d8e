#include "ingest/journal_inspect.h"

#include <filesystem>
#include <utility>

#include "core/file.h"

namespace quell::ingest {
namespace {

constexpr size_t kSegmentBytesMax = size_t{17} << 30U;  // above what segment_bytes_max may be

// How many whole frames stand anywhere in `bytes`.
std::uint64_t CountWholeFrames(std::string_view bytes) {
  std::uint64_t count = 0;
  for (;;) {
    const size_t at = FindWholeFrame(bytes);
    if (at == std::string_view::npos) return count;
    bytes.remove_prefix(at);
    while (ReadFrame(bytes).state == FrameState::kWhole) {
      bytes.remove_prefix(ReadFrame(bytes).frame_bytes);
      ++count;
    }
  }
}

void ReadSegment(std::string_view bytes, const RecordCall& on_record, SegmentReport& report) {
  const SegmentStart start = ReadSegmentStart(bytes);
  if (start == SegmentStart::kForeign || start == SegmentStart::kShort) return;
  report.version = start == SegmentStart::kVersion1 ? 1 : 2;
  report.whole_bytes = kSegmentMagic.size();
  for (;;) {
    const FrameView frame = ReadFrame(bytes.substr(report.whole_bytes));
    if (frame.state != FrameState::kWhole) return;
    if (on_record) on_record(report.segment, report.whole_bytes, report.next_sequence, frame);
    report.whole_bytes += frame.frame_bytes;
    ++report.next_sequence;
    ++report.records[static_cast<size_t>(frame.kind) - 1];
    if (!report.first_received) report.first_received = frame.received_ms;
    report.last_received = frame.received_ms;
  }
}

// What stands behind the good records: nothing, a torn tail, or damage.
void JudgeTail(std::string_view bytes, bool is_last, SegmentReport& report,
               std::vector<JournalProblem>& problems) {
  const std::string_view rest = bytes.substr(report.whole_bytes);
  const bool is_short = ReadSegmentStart(bytes) == SegmentStart::kShort;
  if (rest.empty() && !is_short) return;
  report.whole_after = CountWholeFrames(rest);
  const bool foreign = report.version == 0 && !is_short;
  if (is_last && !foreign && report.whole_after == 0) {
    report.torn_bytes = rest.size();
    return;
  }
  report.damaged = true;
  std::string what = report.version == 0 ? "not a journal segment of version 1 or 2"
                                         : "the record does not match its checksum or length";
  what += "; " + std::to_string(rest.size()) + " bytes to the segment's end, " +
          std::to_string(report.whole_after) + " whole records among them";
  problems.push_back({report.segment.path, report.whole_bytes, std::move(what)});
}

// Does the segment go on where the one before ended?
void JudgeStart(const std::string& folder, const SegmentReport& before,
                const SegmentReport& segment, std::vector<JournalProblem>& problems) {
  const std::uint64_t expected = before.next_sequence;
  const std::uint64_t first = segment.segment.first_sequence;
  if (before.damaged || first == expected || GapIsKnown(folder, expected, first)) return;
  problems.push_back({segment.segment.path, 0,
                      first > expected
                          ? "records " + std::to_string(expected) + " to " +
                                std::to_string(first - 1) + " are missing before it"
                          : "begins with record " + std::to_string(first) +
                                ", the segment before ends with " + std::to_string(expected - 1)});
}

}  // namespace

Result<JournalReport> InspectJournal(const std::string& folder, const RecordCall& on_record) {
  QUELL_ASSIGN(const std::vector<Segment> segments, ListSegments(folder));
  JournalReport report;
  for (size_t i = 0; i < segments.size(); ++i) {
    Result<std::string> bytes = ReadFile(segments[i].path, kSegmentBytesMax);
    if (!bytes.ok()) {
      // The writer of a live folder may have deleted the oldest meanwhile.
      if (bytes.error().code == ErrorCode::kNotFound && report.segments.empty()) continue;
      return bytes.error();
    }
    SegmentReport segment;
    segment.segment = segments[i];
    segment.segment.bytes = bytes->size();
    segment.next_sequence = segments[i].first_sequence;
    if (!report.segments.empty()) {
      JudgeStart(folder, report.segments.back(), segment, report.problems);
    }
    ReadSegment(*bytes, on_record, segment);
    JudgeTail(*bytes, i + 1 == segments.size(), segment, report.problems);
    report.segments.push_back(std::move(segment));
  }
  return report;
}

std::string GapPath(const std::string& folder, std::uint64_t first_missing, std::uint64_t next) {
  return folder + "/gap-" + std::to_string(first_missing) + "-" + std::to_string(next);
}

bool GapIsKnown(const std::string& folder, std::uint64_t first_missing, std::uint64_t next) {
  std::error_code ignored;
  return next > first_missing && std::filesystem::exists(GapPath(folder, first_missing, next),  //
                                                         ignored);
}

}  // namespace quell::ingest
