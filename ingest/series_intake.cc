#include "ingest/series_intake.h"

#include "ingest/exemplar_check.h"
#include "ingest/histogram_check.h"
#include "ingest/native_histogram.h"
#include "ingest/proto/remote_write_v1.pb.h"
#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

constexpr size_t kMessageBytesMax = 1024;  // senders log no more than this

bool ExemplarLabels(const wire::v1::Exemplar& exemplar, std::span<const std::string_view>,
                    std::vector<LabelView>& out) {
  out.clear();
  for (const auto& label : exemplar.labels()) out.push_back({label.name(), label.value()});
  return true;
}

bool ExemplarLabels(const wire::v2::Exemplar& exemplar, std::span<const std::string_view> symbols,
                    std::vector<LabelView>& out) {
  const auto& refs = exemplar.labels_refs();
  return ResolveReferences({refs.data(), static_cast<size_t>(refs.size())}, symbols, out);
}

template <typename Series>
std::uint64_t SampleCount(const Series& series) {
  return static_cast<std::uint64_t>(series.samples_size());
}

}  // namespace

bool ResolveReferences(std::span<const std::uint32_t> references,
                       std::span<const std::string_view> symbols, std::vector<LabelView>& out) {
  out.clear();
  if (references.size() % 2 != 0) return false;
  for (size_t i = 0; i < references.size(); i += 2) {
    if (references[i] >= symbols.size() || references[i + 1] >= symbols.size()) return false;
    out.push_back({symbols[references[i]], symbols[references[i + 1]]});
  }
  return true;
}

void SeriesIntake::Note(std::string_view reason) {
  if (first_.empty()) {
    first_ = "series " + std::to_string(index_) + ' ' + DescribeSeries(views_) + ": " +
             std::string(reason);
  }
}

void SeriesIntake::Refuse(std::uint64_t samples, std::string_view reason) {
  ++index_;
  views_.clear();
  Note(reason);
  ++outcome_.series_rejected;
  outcome_.samples_rejected += samples;
}

Status SeriesIntake::CheckTime(TimeMs time) const {
  if (time < 0) {
    return MakeError(ErrorCode::kOutOfRange,
                     "timestamp " + std::to_string(time) + " ms is before 1970");
  }
  if (time - limits_.future_max_ms <= now_ms_) return Ok{};
  return MakeError(ErrorCode::kOutOfRange,
                   "timestamp " + std::to_string(time) + " ms is more than " +
                       FormatDuration(limits_.future_max_ms) + " in the future");
}

void SeriesIntake::Take(const wire::v1::TimeSeries& series) {
  ++index_;
  views_.clear();
  for (const auto& label : series.labels()) views_.push_back({label.name(), label.value()});
  Result<Labels> labels = CheckLabels(views_, limits_);
  if (labels.ok()) return TakeData(series, *std::move(labels), {});
  Note(labels.error().message);
  ++outcome_.series_rejected;
  outcome_.samples_rejected += SampleCount(series);
}

void SeriesIntake::Take(const wire::v2::TimeSeries& series,
                        std::span<const std::string_view> symbols) {
  ++index_;
  const auto& refs = series.labels_refs();
  const auto& metadata = series.metadata();
  std::string reason;
  if (!ResolveReferences({refs.data(), static_cast<size_t>(refs.size())}, symbols, views_)) {
    views_.clear();
    reason = refs.size() % 2 != 0 ? "the number of label references is odd"
                                  : "a label reference is not below the number of symbols (" +
                                        std::to_string(symbols.size()) + ')';
  } else if (metadata.help_ref() >= symbols.size() || metadata.unit_ref() >= symbols.size()) {
    reason = "a metadata reference is not below the number of symbols (" +
             std::to_string(symbols.size()) + ')';
  } else if (series.samples_size() == 0 && series.histograms_size() == 0) {
    reason = "the series has neither samples nor histograms";
  } else if (series.samples_size() > 0 && series.histograms_size() > 0) {
    reason = "the series has both samples and histograms";
  } else {
    Result<Labels> labels = CheckLabels(views_, limits_);
    if (labels.ok()) return TakeData(series, *std::move(labels), symbols);
    reason = labels.error().message;
  }
  Note(reason);
  ++outcome_.series_rejected;
  outcome_.samples_rejected += SampleCount(series);
}

template <typename Series>
void SeriesIntake::TakeSamples(const Series& series, Labels labels) {
  SampleBatch& batch = outcome_.batch;
  const auto begin = static_cast<std::uint32_t>(batch.samples.size());
  for (const auto& sample : series.samples()) {
    const Status in_time = CheckTime(sample.timestamp());
    if (in_time.ok()) {
      batch.samples.push_back({sample.timestamp(), sample.value()});
      ++outcome_.samples_written;
    } else {
      Note(in_time.error().message);
      ++outcome_.samples_rejected;
    }
  }
  const auto end = static_cast<std::uint32_t>(batch.samples.size());
  if (end > begin) batch.series.push_back({std::move(labels), begin, end});
}

template <typename Series>
void SeriesIntake::TakeHistograms(const Series& series, Labels labels) {
  SampleBatch& batch = outcome_.batch;
  SampleBatch::Series made;
  made.begin = made.end = static_cast<std::uint32_t>(batch.samples.size());
  made.histograms_begin = static_cast<std::uint32_t>(batch.histograms.size());
  for (const auto& histogram : series.histograms()) {
    Status status = CheckTime(histogram.timestamp());
    if (status.ok()) status = CheckHistogram(histogram);
    if (status.ok()) {
      Result<HistogramSample> sample = ReadHistogram(histogram);
      if (sample.ok()) {
        batch.histograms.push_back(*std::move(sample));
        ++outcome_.histograms_written;
        continue;
      }
      status = sample.error();
    }
    Note(status.error().message);
    ++others_rejected_;
  }
  made.histograms_end = static_cast<std::uint32_t>(batch.histograms.size());
  if (made.histograms_end == made.histograms_begin) return;
  made.labels = std::move(labels);
  batch.series.push_back(std::move(made));
}

template <typename Series>
void SeriesIntake::TakeData(const Series& series, Labels labels,
                            std::span<const std::string_view> symbols) {
  if (series.histograms_size() == 0) {
    TakeSamples(series, std::move(labels));
  } else {  // 1.0 may send both: they are two series
    TakeSamples(series, labels);
    TakeHistograms(series, std::move(labels));
  }
  std::vector<LabelView> exemplar_labels;
  for (const auto& exemplar : series.exemplars()) {
    Status status = CheckTime(exemplar.timestamp());
    if (status.ok() && !ExemplarLabels(exemplar, symbols, exemplar_labels)) {
      status = MakeError(ErrorCode::kInvalidArgument,
                         "an exemplar's label references are odd or out of range");
    }
    if (status.ok()) status = CheckExemplarLabels(exemplar_labels, limits_);
    if (status.ok()) {
      ++outcome_.exemplars_written;
    } else {
      Note(status.error().message);
      ++others_rejected_;
    }
  }
}

void SeriesIntake::Finish() {
  if (first_.empty()) return;
  outcome_.status = 400;
  const std::string counts = " (refused: " + std::to_string(outcome_.series_rejected) +
                             " series, " + std::to_string(outcome_.samples_rejected) +
                             " samples, " + std::to_string(others_rejected_) +
                             " histograms and exemplars; the rest is kept)";
  outcome_.message = first_.substr(0, kMessageBytesMax - counts.size()) + counts;
}

}  // namespace quell::ingest
