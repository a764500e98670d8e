#include "replay/runner/history.h"

#include <algorithm>
#include <vector>

#include "ingest/history.h"
#include "ingest/journal.h"

namespace quell::replay {
namespace {

Status ReadSource(const Source& source, const ReplayOptions& options, SeriesStore& store) {
  switch (source.kind) {
    case Source::Kind::kOpenMetrics: {
      const auto read = ingest::ReadOpenMetrics(source.where, store);
      return read.ok() ? Status(Ok{}) : Status(read.error());
    }
    case Source::Kind::kCsv: {
      const auto read = ingest::ReadCsv(source.where, store);
      return read.ok() ? Status(Ok{}) : Status(read.error());
    }
    case Source::Kind::kPrometheus: {
      ingest::PrometheusSource from;
      from.url = source.where;
      from.start = options.from;
      from.end = options.to;
      from.step_ms = options.pipeline.signals.step_ms;
      if (from.start >= from.end) {
        return MakeError(ErrorCode::kInvalidArgument,
                         "prometheus: needs --from and --to, with --from before --to");
      }
      const auto read = ingest::ReadPrometheus(from, store);
      return read.ok() ? Status(Ok{}) : Status(read.error());
    }
    case Source::Kind::kJournal:
      break;
  }
  return MakeError(ErrorCode::kUnsupported,
                   "journal: cannot be mixed with other inputs; give it alone");
}

}  // namespace

Result<std::unique_ptr<History>> History::Read(const ReplayOptions& options,
                                               const ProgressCall& progress) {
  std::unique_ptr<History> history(new History(options));
  if (options.sources.size() == 1 && options.sources[0].kind == Source::Kind::kJournal) {
    history->journal_ = options.sources[0].where;
    return history;
  }
  SeriesStore& store = history->store_;
  store.OnProgress([&](std::uint64_t done, std::uint64_t total) {
    if (progress && total > 0) {
      progress("reading", static_cast<double>(done) / static_cast<double>(total));
    }
  });
  for (const Source& source : options.sources) {
    QUELL_TRY(ReadSource(source, options, store));
  }
  store.OnProgress(nullptr);
  if (store.samples() == 0) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "no input has a sample that a signal would use; see --config and the "
                     "naming conventions in docs/signals.md");
  }
  store.Sort();
  return history;
}

Result<HistorySpan> History::Span() const {
  if (!journal_.empty()) {
    return MakeError(ErrorCode::kUnsupported,
                     "a journal cannot be tuned on; give openmetrics:, csv: or prometheus:");
  }
  return HistorySpan{store_.first(), store_.last()};
}

Status History::Feed(pipeline::Pipeline& pipeline, const pipeline::PipelineOptions& options,
                     ReplayResult& result, const StretchCall& stretch) const {
  if (journal_.empty()) {
    FeedColumns(pipeline, options, result, stretch);
  } else {
    QUELL_TRY(FeedJournal(pipeline, result, stretch));
  }
  result.signals = pipeline.signals().signals().size();
  result.steps = pipeline.counters().steps;
  return Ok{};
}

Status History::FeedJournal(pipeline::Pipeline& pipeline, ReplayResult& result,
                            const StretchCall& stretch) const {
  QUELL_ASSIGN(auto reader, ingest::JournalReader::Open(journal_, 1));
  for (;;) {
    QUELL_ASSIGN(const auto record, reader->Next());
    if (!record) break;
    pipeline.Apply(*record);
    if (result.first == 0) result.first = pipeline.event_time();
    stretch(-1);
  }
  result.last = pipeline.event_time();
  result.samples = pipeline.samples();
  result.series = pipeline.signals().series_count();
  return Ok{};
}

// Step by step: all samples of a step, series by series, then the step closes.
void History::FeedColumns(pipeline::Pipeline& pipeline, const pipeline::PipelineOptions& options,
                          ReplayResult& result, const StretchCall& stretch) const {
  struct Cursor {
    const ingest::Sample* next;
    const ingest::Sample* end;
    signals::SeriesId series;
  };
  std::vector<Cursor> cursors;
  for (const SeriesStore::Column& column : store_.columns()) {
    const signals::SeriesId series = pipeline.Intern(column.labels);
    if (series == signals::kIgnoredSeries || column.samples.empty()) continue;
    const ingest::Sample* begin = column.samples.data();
    cursors.push_back({begin, begin + column.samples.size(), series});
  }
  const DurationMs step = options.signals.step_ms;
  const TimeMs first = (store_.first() + step - 1) / step * step;
  const auto steps = static_cast<double>(std::max<TimeMs>(1, (store_.last() - first) / step + 1));
  double done = 0;
  for (TimeMs end = first; end < store_.last() + step; end += step) {
    for (Cursor& cursor : cursors) {
      while (cursor.next != cursor.end && cursor.next->time <= end) {
        pipeline.Observe(cursor.series, cursor.next->time, cursor.next->value);
        ++cursor.next;
      }
    }
    pipeline.AdvanceTo(end + options.lateness_ms);
    stretch(std::min(1.0, ++done / steps));
  }
  result.first = store_.first();
  result.last = store_.last();
  result.samples = store_.samples();
  result.series = store_.columns().size();
}

}  // namespace quell::replay
