// Progress: how far a backfill has come, in DATA_DIR/backfill/progress.json. Written after each
// window whose records are on disk, so that a run that was killed goes on where it stopped.
//
// Plain data and functions of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/time.h"

namespace quell::backfill {

// What two runs must have in common to be one.
struct Identity {
  std::string source;         // "prometheus:http://..." without user information, or "csv:PATH"
  TimeMs from = 0, to = 0;    // as asked for; 0 = not given
  std::string configuration;  // digest of what decides which series are wanted, and of the slices

  bool operator==(const Identity&) const = default;
};

enum class Phase : std::uint8_t {
  kHistory,  // windows are being read
  kMerge,    // all windows are in; the existing journal is to be put behind them
};

struct Progress {
  Identity identity;
  std::string selector;     // what the source is asked for; chosen once
  TimeMs from = 0, to = 0;  // what is read: [from, to)
  DurationMs slice_ms = 0;
  std::uint64_t segment_bytes_max = 0;
  Phase phase = Phase::kHistory;
  TimeMs next = 0;  // [from, next) is in the staged journal
  // The staged journal up to `next`: its last segment, that segment's bytes, its last record.
  std::uint64_t segment = 0, segment_bytes = 0, last_sequence = 0;
  std::uint64_t journal_bytes = 0;
  std::uint64_t samples = 0, records = 0, windows = 0;
  std::uint64_t series_max = 0;  // most in one window
  std::uint64_t histogram_chunks = 0;
};

Status WriteProgress(const std::string& folder, const Progress& progress);  // atomic, durable
// Nothing where there is none. kCorrupt naming the file and what to do.
Result<std::optional<Progress>> ReadProgress(const std::string& folder);

}  // namespace quell::backfill
