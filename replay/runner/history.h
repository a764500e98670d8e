// History: what a replay's inputs hold, read once, to be fed to any number of pipelines.
//
// Files and servers are kept in memory, by series; a journal stays on disk and is read once a
// feeding. Thread-safe once read: several threads may feed pipelines of their own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "replay/runner/replay.h"
#include "replay/runner/series_store.h"

namespace quell::replay {

struct HistorySpan {
  TimeMs first = 0, last = 0;
};

class History {
 public:
  // Errors name the source.
  static Result<std::unique_ptr<History>> Read(const ReplayOptions& options,
                                               const ProgressCall& progress);

  // kUnsupported for a journal: its span shows only when it has been read.
  [[nodiscard]] Result<HistorySpan> Span() const;

  // Called after every stretch with the share that is done, -1 where that is not known.
  using StretchCall = std::function<void(double done)>;
  // Feeds all of it to a fresh pipeline and fills the facts of `result` (first, last, series,
  // samples, signals, steps).
  Status Feed(pipeline::Pipeline& pipeline, const pipeline::PipelineOptions& options,
              ReplayResult& result, const StretchCall& stretch) const;

 private:
  explicit History(const ReplayOptions& options)
      : filter_(options.pipeline.definitions, options.pipeline.signals.discover),
        store_(filter_, options.samples_max) {}
  Status FeedJournal(pipeline::Pipeline& pipeline, ReplayResult& result,
                     const StretchCall& stretch) const;
  void FeedColumns(pipeline::Pipeline& pipeline, const pipeline::PipelineOptions& options,
                   ReplayResult& result, const StretchCall& stretch) const;

  std::string journal_;  // its folder; "" = the columns
  signals::SeriesFilter filter_;
  SeriesStore store_;
};

}  // namespace quell::replay
