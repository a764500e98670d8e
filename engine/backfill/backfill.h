// Backfill: a past out of a source into a data directory whose server is not running, as if Quell
// had been there. docs/backfill.md.
//
// The history is written to DATA_DIR/backfill/journal window by window, the existing journal is put
// behind it, both take the existing one's place (swap.h), and a note asks the next start to learn
// it (relearn.h). A run that was killed anywhere goes on with the same options.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "engine/backfill/pace.h"
#include "engine/backfill/progress.h"
#include "engine/backfill/slices.h"
#include "engine/backfill/source.h"
#include "engine/backfill/swap.h"
#include "ingest/journal.h"
#include "ingest/redaction.h"

namespace quell::backfill {

struct Options {
  std::string data_dir;
  TimeMs from = 0, to = 0;         // [from, to); 0 = where a source's files begin and end
  std::string configuration;       // digest of what decides which series are wanted
  ingest::JournalOptions journal;  // its sizes; the folder is data_dir's
  SliceOptions slices;
  PaceOptions pace;
  bool restart = false;                // discards what another run has left
  ingest::RedactionOptions redaction;  // of labels, with the key of the data directory
  Checkpoint checkpoint;
};

struct State {
  TimeMs from = 0, to = 0, next = 0;  // [from, next) of [from, to) is done
  std::uint64_t samples = 0, records = 0, windows = 0, journal_bytes = 0;
  std::uint64_t series_max = 0;        // most in one window
  std::uint64_t histogram_chunks = 0;  // native, left out
  // Of this run alone:
  std::uint64_t samples_now = 0, retries = 0;
  TimeMs begun_at = 0;  // `next` at its beginning
  DurationMs elapsed_ms = 0, requests_ms = 0, waited_ms = 0;
};
using ProgressCall = std::function<void(const State&)>;  // after every window; may be null

enum class Outcome {
  kDone,     // the history is in place; the next start learns it
  kNothing,  // nothing of the range comes before what the journal holds
};
struct Report {
  Outcome outcome = Outcome::kDone;
  State state;
};

// kUnavailable: a server has the data directory, or the source was away for all retries;
// kInvalidArgument: another backfill was begun there, or the source refuses; kResourceExhausted,
// naming journal.total_bytes_max: the history will not fit, or naming --samples-max: a minute of it
// does not; kNotFound: no sample in the range. What was done is kept, but for kNotFound.
Result<Report> RunBackfill(const Options& options, Source& source, Clock& clock,
                           const ProgressCall& progress);

}  // namespace quell::backfill
