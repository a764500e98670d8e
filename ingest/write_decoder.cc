#include "ingest/write_decoder.h"

#include "ingest/series_records.h"
#include "ingest/snappy_body.h"

namespace quell::ingest {
namespace {

constexpr size_t kMessageBytesMax = 1024;  // senders log no more than this

void AddRefusals(const WriteTally& tally, WriteVerdict& verdict) {
  verdict.series_refused = tally.series_refused;
  verdict.samples_refused = tally.samples_refused;
  if (tally.series_refused == 0) return;
  verdict.status = 400;
  const std::string counts = " (refused: " + std::to_string(tally.series_refused) +
                             " new series, " + std::to_string(tally.samples_refused) +
                             " samples; the rest is kept)";
  std::string text = (verdict.message.empty() ? "" : verdict.message + "; ") + tally.first_refusal;
  verdict.message = text.substr(0, kMessageBytesMax - counts.size()) + counts;
}

// Sends a decoded series' samples to `batch`; the series is known by its canonical labels.
class Registrar {
 public:
  Registrar(SeriesRegistry& registry, TimeMs now_ms, KeptBatch& batch, WriteTally& tally)
      : registry_(registry), session_(registry, now_ms), batch_(batch), tally_(tally) {}

  // Null where the samples are not wanted or refused; `refused` tells which.
  KeptSeries* Resolve(const Labels& labels, SeriesType type, bool& refused) {
    KeptSeries* kept = nullptr;
    refused = false;
    const Hash128 key = registry_.Key(DefinitionBody(type, labels), type);
    if (session_.Find(key, kept)) return kept;
    const Status added = session_.Add(key, SeriesRegistry::Form::kCanonical, labels, type, kept);
    refused = !added.ok();
    if (!refused) return kept;
    ++tally_.series_refused;
    if (tally_.first_refusal.empty()) {
      std::vector<LabelView> views;
      for (const Label& label : labels) views.push_back({label.name, label.value});
      tally_.first_refusal = DescribeSeries(views) + ": " + added.error().message;
    }
    return nullptr;
  }

  void Take(const SampleBatch& from, const SampleBatch::Series& series) {
    bool refused = false;
    if (series.end > series.begin) {
      KeptSeries* kept = Resolve(series.labels, SeriesType::kFloat, refused);
      if (refused) tally_.samples_refused += series.end - series.begin;
      for (std::uint32_t i = series.begin; kept != nullptr && i < series.end; ++i) {
        batch_.samples.push_back({kept, from.samples[i].time, from.samples[i].value});
      }
    }
    if (series.histograms_end > series.histograms_begin) {
      KeptSeries* kept = Resolve(series.labels, SeriesType::kHistogram, refused);
      if (refused) tally_.histograms_written += series.histograms_end - series.histograms_begin;
      for (std::uint32_t i = series.histograms_begin; kept != nullptr && i < series.histograms_end;
           ++i) {
        batch_.histograms.push_back({kept, from.histograms[i]});
      }
    }
  }

 private:
  SeriesRegistry& registry_;
  SeriesRegistry::Session session_;
  KeptBatch& batch_;
  WriteTally& tally_;
};

}  // namespace

WriteVerdict WriteDecoder::DecodeByReference(WriteProtocol protocol, std::string_view message,
                                             TimeMs now_ms, SeriesRegistry& registry,
                                             KeptBatch& batch) {
  const WriteOutcome outcome = reference_.DecodeMessage(protocol, message, now_ms);
  WriteVerdict verdict;
  verdict.status = outcome.status;
  verdict.message = outcome.message;
  verdict.samples_rejected = outcome.samples_rejected;
  verdict.series_rejected = outcome.series_rejected;
  WriteTally refused;  // what Take() counts here was refused by the registry
  {
    Registrar registrar(registry, now_ms, batch, refused);
    for (const SampleBatch::Series& series : outcome.batch.series) {
      registrar.Take(outcome.batch, series);
    }
  }
  verdict.samples_written = outcome.samples_written - refused.samples_refused;
  verdict.histograms_written = outcome.histograms_written - refused.histograms_written;
  verdict.exemplars_written = outcome.exemplars_written;
  AddRefusals(refused, verdict);
  return verdict;
}

WriteVerdict WriteDecoder::Decode(WriteProtocol protocol, std::string_view body, TimeMs now_ms,
                                  SeriesRegistry& registry, KeptBatch& batch) {
  batch.Clear();
  const Result<std::string_view> message = UnpackBody(body, limits_, buffer_);
  if (!message.ok()) {
    WriteVerdict verdict;
    verdict.status = 400;
    verdict.message = message.error().message;
    return verdict;
  }
  WriteTally tally;
  if (!fast_.Decode(protocol, *message, now_ms, registry, batch, tally)) {
    batch.Clear();
    return DecodeByReference(protocol, *message, now_ms, registry, batch);
  }
  WriteVerdict verdict;
  verdict.fast = true;
  verdict.samples_written = tally.samples_written;
  verdict.histograms_written = tally.histograms_written;
  verdict.exemplars_written = tally.exemplars_written;
  AddRefusals(tally, verdict);
  return verdict;
}

void EncodeKept(const KeptBatch& batch, std::uint64_t epoch, std::string& series,
                std::string& samples) {
  series.clear();
  const auto define = [&](KeptSeries& kept) {
    if (kept.defined_epoch.load(std::memory_order_relaxed) == epoch) return;
    AppendDefinition(kept.id, kept.definition, series);
    kept.defined_epoch.store(epoch, std::memory_order_relaxed);
  };
  BatchWriter writer(samples, batch.samples.size());
  for (const KeptBatch::Entry& entry : batch.samples) {
    define(*entry.series);
    writer.Sample(entry.series->id, entry.time, entry.value);
  }
  writer.Histograms(batch.histograms.size());
  for (const KeptBatch::HistogramEntry& entry : batch.histograms) {
    define(*entry.series);
    writer.Histogram(entry.series->id, entry.histogram);
  }
}

}  // namespace quell::ingest
