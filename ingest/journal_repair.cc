#include "ingest/journal_repair.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "core/file.h"
#include "ingest/file_ops.h"
#include "ingest/folder_lock.h"
#include "ingest/journal_inspect.h"
#include "ingest/segment_file.h"

namespace quell::ingest {
namespace {

// A segment as it will be.
struct Kept {
  std::uint64_t first = 0;
  std::uint64_t next = 0;
};

std::string SavedPath(const std::string& folder, const SegmentReport& segment) {
  return folder + "/damaged/" + std::filesystem::path(segment.segment.path).filename().string() +
         '@' + std::to_string(segment.whole_bytes);
}

Result<RepairReport> Plan(const std::string& folder, const JournalReport& report) {
  RepairReport plan;
  std::vector<Kept> kept;
  for (const SegmentReport& segment : report.segments) {
    if (segment.damaged || segment.torn_bytes > 0) {
      plan.cuts.push_back({segment.segment.path, segment.whole_bytes,
                           segment.segment.bytes - segment.whole_bytes, segment.whole_after,
                           SavedPath(folder, segment)});
    }
    const bool moved = segment.damaged && segment.version == 0;
    if (!moved) kept.push_back({segment.segment.first_sequence, segment.next_sequence});
  }
  if (!report.segments.empty() && report.segments.back().damaged) {
    const SegmentReport& last = report.segments.back();
    const std::uint64_t lost_max = (last.segment.bytes - last.whole_bytes) / kFrameHeaderBytes + 1;
    plan.new_segment = last.next_sequence + lost_max;
    kept.push_back({plan.new_segment, plan.new_segment});
  }
  for (size_t i = 1; i < kept.size(); ++i) {
    if (kept[i].first < kept[i - 1].next) {
      return MakeError(ErrorCode::kUnsupported,
                       SegmentPath(folder, kept[i].first) + ": begins before record " +
                           std::to_string(kept[i - 1].next) +
                           ", where the one before ends; move away one of the two");
    }
    const bool gap = kept[i].first > kept[i - 1].next;
    if (gap && !GapIsKnown(folder, kept[i - 1].next, kept[i].first)) {
      plan.gaps.push_back({kept[i - 1].next, kept[i].first});
    }
  }
  return plan;
}

Status Cut(const RepairStep& step) {
  QUELL_ASSIGN(const std::string bytes, ReadFile(step.path, size_t{17} << 30U));
  QUELL_TRY(WriteFileAtomic(step.saved_as, std::string_view(bytes).substr(step.offset)));
  FileOps& ops = SystemFileOps();
  if (step.offset == 0) {
    if (::unlink(step.path.c_str()) != 0) return SystemError("cannot move away", step.path);
    return Ok{};
  }
  const Descriptor file(::open(step.path.c_str(), O_RDWR | O_CLOEXEC));
  if (file.get() < 0 || ops.Truncate(file.get(), step.offset) != 0 || ops.Sync(file.get()) != 0) {
    return SystemError("cannot cut", step.path);
  }
  return Ok{};
}

// Markers and the new segment come before the cuts: broken off in between, the damage still shows.
Status CarryOut(const std::string& folder, const RepairReport& plan) {
  for (const RepairGap& gap : plan.gaps) {
    QUELL_TRY(WriteFileAtomic(
        GapPath(folder, gap.first_missing, gap.next),
        "Records " + std::to_string(gap.first_missing) + " to " + std::to_string(gap.next - 1) +
            " were given up by quell journal repair. Without this file readers stop here.\n"));
  }
  if (!plan.cuts.empty()) QUELL_TRY(MakeFolders(folder + "/damaged"));
  if (plan.new_segment != 0) {
    SegmentFile segment(SystemFileOps());
    QUELL_TRY(segment.Begin(folder, plan.new_segment));
  }
  for (const RepairStep& step : plan.cuts) QUELL_TRY(Cut(step));
  if (SystemFileOps().SyncFolder(folder) != 0) return SystemError("cannot sync", folder);
  return Ok{};
}

}  // namespace

Result<RepairReport> RepairJournal(const std::string& folder, bool dry_run) {
  QUELL_TRY(ListSegments(folder));  // a folder that is none is not made one by a lock
  FolderLock lock;
  QUELL_TRY(lock.Take(folder));
  QUELL_ASSIGN(const JournalReport report, InspectJournal(folder));
  QUELL_ASSIGN(RepairReport plan, Plan(folder, report));
  if (!dry_run) QUELL_TRY(CarryOut(folder, plan));
  return plan;
}

}  // namespace quell::ingest
