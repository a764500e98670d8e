// SampleBatch <-> Remote Write. The encoders write the wire format directly; the decoder uses the
// generated message, so each checks the other.

#include <snappy.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "ingest/histogram_check.h"
#include "ingest/native_histogram.h"
#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/remote_write.h"
#include "ingest/series_intake.h"
#include "ingest/wire_cursor.h"
#include "ingest/write_frames.h"

namespace quell::ingest {
namespace {

// A Sample message; both protocols number its fields alike. Zeros are the default and left out,
// by their bits: -0.0 is written.
void AppendSample(WireWriter& out, std::uint32_t number, const Sample& sample) {
  const bool has_value = std::bit_cast<std::uint64_t>(sample.value) != 0;
  const auto time = static_cast<std::uint64_t>(sample.time);
  out.Tag(number, WireType::kBytes);
  out.Varint((has_value ? 9 : 0) + (time != 0 ? 1 + VarintSize(time) : 0));
  if (has_value) out.Double(1, sample.value);
  if (time != 0) {
    out.Tag(2, WireType::kVarint);
    out.Varint(time);
  }
}

// What a series holds; histograms are field `histograms` (4 in 1.0, 3 in 2.0).
void AppendData(WireWriter& out, std::uint32_t histograms, const SampleBatch& batch,
                const SampleBatch::Series& series) {
  for (std::uint32_t i = series.begin; i < series.end; ++i) {
    AppendSample(out, 2, batch.samples[i]);
  }
  for (std::uint32_t i = series.histograms_begin; i < series.histograms_end; ++i) {
    out.Bytes(histograms, EncodeHistogram(batch.histograms[i]));
  }
}

class SymbolTable {
 public:
  SymbolTable() { Intern(""); }
  std::uint32_t Intern(std::string_view text) {
    const auto [at, added] = index_.try_emplace(text, static_cast<std::uint32_t>(symbols_.size()));
    if (added) symbols_.push_back(text);
    return at->second;
  }
  [[nodiscard]] const std::vector<std::string_view>& symbols() const { return symbols_; }

 private:
  std::unordered_map<std::string_view, std::uint32_t> index_;
  std::vector<std::string_view> symbols_;
};

std::string EncodeV1(const SampleBatch& batch) {
  std::string out;
  WireWriter request(out);
  std::string message;
  std::string label_message;
  for (const SampleBatch::Series& series : batch.series) {
    message.clear();
    WireWriter writer(message);
    for (const Label& label : series.labels) {
      label_message.clear();
      WireWriter label_writer(label_message);
      label_writer.Bytes(1, label.name);
      label_writer.Bytes(2, label.value);
      writer.Bytes(1, label_message);
    }
    AppendData(writer, 4, batch, series);
    request.Bytes(1, message);
  }
  return out;
}

Error Corrupt(const std::string& what) {
  return MakeError(ErrorCode::kCorrupt, "samples record: " + what);
}

// Our own records are within the limits of what we accepted: only their form is checked.
RemoteWriteLimits NoLimits() {
  constexpr size_t kNone = ~size_t{0};
  RemoteWriteLimits limits;
  limits.series_max = limits.samples_max = limits.symbols_max = kNone;
  return limits;
}

Status DecodeHistograms(const wire::v2::TimeSeries& series, SampleBatch& batch) {
  for (const auto& histogram : series.histograms()) {
    const Status checked = CheckHistogram(histogram);
    if (!checked.ok()) return Corrupt(checked.error().message);
    Result<HistogramSample> sample = ReadHistogram(histogram);
    if (!sample.ok()) return Corrupt(sample.error().message);
    batch.histograms.push_back(*std::move(sample));
  }
  return Ok{};
}

Status DecodeSeries(const wire::v2::TimeSeries& series, std::span<const std::string_view> symbols,
                    std::vector<LabelView>& views, SampleBatch& batch) {
  const auto& refs = series.labels_refs();
  if (!ResolveReferences({refs.data(), static_cast<size_t>(refs.size())}, symbols, views)) {
    return Corrupt("a label reference is out of range");
  }
  std::vector<Label> labels;
  labels.reserve(views.size());
  for (const LabelView& view : views) {
    labels.push_back({std::string(view.name), std::string(view.value)});
  }
  SampleBatch::Series made;
  made.labels = Labels(std::move(labels));
  made.begin = static_cast<std::uint32_t>(batch.samples.size());
  for (const auto& sample : series.samples()) {
    batch.samples.push_back({sample.timestamp(), sample.value()});
  }
  made.end = static_cast<std::uint32_t>(batch.samples.size());
  if (series.histograms_size() > 0) {
    made.histograms_begin = static_cast<std::uint32_t>(batch.histograms.size());
    QUELL_TRY(DecodeHistograms(series, batch));
    made.histograms_end = static_cast<std::uint32_t>(batch.histograms.size());
  }
  batch.series.push_back(std::move(made));
  return Ok{};
}

}  // namespace

std::string EncodeBatch(const SampleBatch& batch) {
  SymbolTable table;
  std::string series_bytes;
  WireWriter series_writer(series_bytes);
  std::string refs;
  std::string message;
  for (const SampleBatch::Series& series : batch.series) {
    refs.clear();
    WireWriter refs_writer(refs);
    for (const Label& label : series.labels) {
      refs_writer.Varint(table.Intern(label.name));
      refs_writer.Varint(table.Intern(label.value));
    }
    message.clear();
    WireWriter writer(message);
    if (!refs.empty()) writer.Bytes(1, refs);
    AppendData(writer, 3, batch, series);
    series_writer.Bytes(5, message);
  }
  std::string out;
  WireWriter request(out);
  for (const std::string_view symbol : table.symbols()) request.Bytes(4, symbol);
  return out + series_bytes;
}

Result<SampleBatch> DecodeBatch(std::string_view payload) {
  WriteFrames frames;
  const Status framed = FrameRequest(WriteProtocol::kV2, payload, NoLimits(), frames);
  if (!framed.ok()) return Corrupt(framed.error().message);
  if (!frames.symbols.empty() && !frames.symbols.front().empty()) {
    return Corrupt("symbols[0] is not the empty string");
  }
  SampleBatch batch;
  batch.series.reserve(frames.series.size());
  batch.samples.reserve(frames.elements);
  wire::v2::TimeSeries message;
  std::vector<LabelView> views;
  for (const SeriesFrame& frame : frames.series) {
    if (!message.ParseFromArray(frame.bytes.data(), static_cast<int>(frame.bytes.size()))) {
      return Corrupt("a time series does not decode");
    }
    QUELL_TRY(DecodeSeries(message, frames.symbols, views, batch));
  }
  return batch;
}

std::string EncodeWriteRequest(WriteProtocol protocol, const SampleBatch& batch) {
  const std::string message = protocol == WriteProtocol::kV1 ? EncodeV1(batch) : EncodeBatch(batch);
  std::string out;
  snappy::Compress(message.data(), message.size(), &out);
  return out;
}

}  // namespace quell::ingest
