#include "replay/runner/replay.h"

#include <algorithm>

#include "ingest/history.h"
#include "ingest/journal.h"
#include "replay/runner/recorder.h"
#include "replay/runner/series_store.h"

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

void TakeDecisions(pipeline::Pipeline& pipeline, ReplayResult& result) {
  for (store::Effect& effect : pipeline.TakeEffects()) {
    if (effect.kind == store::EffectKind::kDecision) {
      result.decisions.push_back(std::move(effect.body));
    }
  }
}

Status ReplayJournal(const std::string& folder, pipeline::Pipeline& pipeline,
                     ReplayResult& result) {
  QUELL_ASSIGN(auto reader, ingest::JournalReader::Open(folder, 1));
  for (;;) {
    QUELL_ASSIGN(const auto record, reader->Next());
    if (!record) break;
    pipeline.Apply(*record);
    if (result.first == 0) result.first = pipeline.event_time();
    TakeDecisions(pipeline, result);
  }
  result.last = pipeline.event_time();
  result.samples = pipeline.samples();
  result.series = pipeline.signals().series_count();
  return Ok{};
}

// Feeds the columns step by step: all samples of a step, series by series, then the step closes.
void ReplayColumns(SeriesStore& store, const pipeline::PipelineOptions& options,
                   pipeline::Pipeline& pipeline, ReplayResult& result,
                   const ProgressCall& progress) {
  struct Cursor {
    const ingest::Sample* next;
    const ingest::Sample* end;
    signals::SeriesId series;
  };
  store.Sort();
  std::vector<Cursor> cursors;
  for (const SeriesStore::Column& column : store.columns()) {
    const signals::SeriesId series = pipeline.Intern(column.labels);
    if (series == signals::kIgnoredSeries || column.samples.empty()) continue;
    const ingest::Sample* begin = column.samples.data();
    cursors.push_back({begin, begin + column.samples.size(), series});
  }
  const DurationMs step = options.signals.step_ms;
  const TimeMs first = (store.first() + step - 1) / step * step;
  const auto steps = static_cast<double>(std::max<TimeMs>(1, (store.last() - first) / step + 1));
  std::uint64_t done = 0;
  for (TimeMs end = first; end < store.last() + step; end += step) {
    for (Cursor& cursor : cursors) {
      while (cursor.next != cursor.end && cursor.next->time <= end) {
        pipeline.Observe(cursor.series, cursor.next->time, cursor.next->value);
        ++cursor.next;
      }
    }
    pipeline.AdvanceTo(end + options.lateness_ms);
    TakeDecisions(pipeline, result);
    if (++done % 64 == 0 && progress) progress("replaying", static_cast<double>(done) / steps);
  }
  result.first = store.first();
  result.last = store.last();
  result.samples = store.samples();
  result.series = store.columns().size();
}

}  // namespace

Result<Source> ParseSource(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  Source source;
  if (colon != std::string::npos && colon + 1 < text.size()) {
    source.where = text.substr(colon + 1);
    if (kind == "openmetrics") return source;
    source.kind = Source::Kind::kCsv;
    if (kind == "csv") return source;
    source.kind = Source::Kind::kJournal;
    if (kind == "journal") return source;
    source.kind = Source::Kind::kPrometheus;
    if (kind == "prometheus") return source;
  }
  return MakeError(
      ErrorCode::kInvalidArgument,
      "input \"" + text + "\" is not openmetrics:PATH, csv:PATH, journal:DIR or prometheus:URL");
}

Result<ReplayResult> RunReplay(const ReplayOptions& options,
                               std::span<const LabelledIncident> incidents, Clock& clock,
                               const ProgressCall& progress) {
  const DurationMs started = clock.MonotonicMs();
  signals::SeriesFilter filter(options.pipeline.definitions, options.pipeline.signals.discover);
  SeriesStore store(filter, options.samples_max);
  store.OnProgress([&](std::uint64_t done, std::uint64_t total) {
    if (progress && total > 0) {
      progress("reading", static_cast<double>(done) / static_cast<double>(total));
    }
  });
  Recorder recorder(incidents);
  QUELL_ASSIGN(const auto pipeline, pipeline::Pipeline::Create(options.pipeline, &recorder));
  recorder.Watch(pipeline.get());
  for (const incidents::Change& change : options.changes) pipeline->AddChange(change);
  ReplayResult result;
  result.evaluate_from = options.evaluate_from;
  if (options.sources.size() == 1 && options.sources[0].kind == Source::Kind::kJournal) {
    QUELL_TRY(ReplayJournal(options.sources[0].where, *pipeline, result));
  } else {
    for (const Source& source : options.sources) {
      QUELL_TRY(ReadSource(source, options, store));
    }
    if (store.samples() == 0) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "no input has a sample that a signal would use; see --config and the "
                       "naming conventions in docs/signals.md");
    }
    ReplayColumns(store, options.pipeline, *pipeline, result, progress);
  }
  result.signals = pipeline->signals().signals().size();
  result.steps = pipeline->counters().steps;
  recorder.Finish(result);
  if (progress) progress("replaying", 1);
  result.wall_seconds = static_cast<double>(clock.MonotonicMs() - started) / 1000.0;
  return result;
}

}  // namespace quell::replay
