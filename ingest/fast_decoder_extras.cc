// What a clean request holds besides float samples: exemplars and native histograms.
#include "ingest/exemplar_check.h"
#include "ingest/fast_decoder.h"
#include "ingest/fast_wire.h"
#include "ingest/histogram_check.h"
#include "ingest/native_histogram.h"
#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/write_frames.h"

namespace quell::ingest {

using namespace fast_wire;

// Rare enough for the generated class, which both protocols' histograms fit; its elements are
// counted before it is built.
bool FastDecoder::TakeHistogram(std::string_view message, const Target& target, KeptBatch& batch) {
  if (!CountHistogram(message, elements_).ok() || elements_ > limits_.samples_max) return false;
  if (!histogram_->ParseFromArray(message.data(), static_cast<int>(message.size()))) return false;
  const TimeMs time = histogram_->timestamp();
  if (time < 0 || time > target.latest || !CheckHistogram(*histogram_).ok()) return false;
  Result<HistogramSample> sample = ReadHistogram(*histogram_);
  if (!sample.ok()) return false;
  if (target.kept != nullptr) batch.histograms.push_back({target.kept, *std::move(sample)});
  return true;
}

// Labels, value, timestamp, in this order.
bool FastDecoder::TakeExemplar(std::string_view message, const Target& target) {
  const char* at = message.data();
  const char* end = at + message.size();
  const char* begin = nullptr;
  Frame labels;
  labels.labels = at;
  if (target.v2) {
    if (at < end && ByteAt(at) == Tag(1, kBytesType) && !Bytes(++at, end, labels.labels)) {
      return false;
    }
    labels.data = at;
    if (!LabelsV2(labels)) return false;
    elements_ += 2 * views_.size();
  } else {
    while (at < end && ByteAt(at) == Tag(1, kBytesType)) {
      if (!Bytes(++at, end, begin)) return false;
    }
    labels.data = at;
    if (!LabelsV1(labels)) return false;
    elements_ += views_.size();
  }
  ++elements_;
  if (end - at >= 9 && ByteAt(at) == Tag(2, kFixed64Type)) at += 9;
  std::uint64_t time = 0;
  if (at < end && ByteAt(at) == Tag(3, kVarintType) && !Varint(++at, end, time)) return false;
  if (at != end || static_cast<TimeMs>(time) < 0 || static_cast<TimeMs>(time) > target.latest) {
    return false;
  }
  return CheckExemplarLabels(views_, limits_).ok();
}

}  // namespace quell::ingest
