#include "ingest/fast_decoder.h"

#include <algorithm>
#include <cstring>

#include "ingest/fast_wire.h"
#include "ingest/proto/remote_write_v2.pb.h"

namespace quell::ingest {
namespace {

using namespace fast_wire;

// A Sample message: value, timestamp, and in 2.0 the start timestamp, each at most once, in order.
bool ReadSample(const char* at, const char* end, bool v2, TimeMs& time, double& value) {
  value = 0;
  std::uint64_t number = 0;
  if (end - at >= 9 && ByteAt(at) == Tag(1, kFixed64Type)) {
    std::memcpy(&value, at + 1, sizeof value);
    at += 9;
  }
  if (at < end && ByteAt(at) == Tag(2, kVarintType) && !Varint(++at, end, number)) return false;
  time = static_cast<TimeMs>(number);
  if (v2 && at < end && ByteAt(at) == Tag(3, kVarintType) && !Varint(++at, end, number)) {
    return false;
  }
  return at == end;
}

// A Metadata message of 2.0 whose references exist.
bool IsPlainMetadata(const char* at, const char* end, size_t symbols) {
  std::uint64_t value = 0;
  if (at < end && ByteAt(at) == Tag(1, kVarintType) && !Varint(++at, end, value)) return false;
  for (const unsigned field : {3U, 4U}) {  // help, unit
    if (at == end || ByteAt(at) != Tag(field, kVarintType)) continue;
    if (!Varint(++at, end, value) || value >= symbols) return false;
  }
  return at == end;
}

constexpr unsigned char kExemplarV1 = Tag(3, kBytesType);
constexpr unsigned char kHistogramV1 = Tag(4, kBytesType);
constexpr unsigned char kHistogramV2 = Tag(3, kBytesType);
constexpr unsigned char kExemplarV2 = Tag(4, kBytesType);

}  // namespace

FastDecoder::FastDecoder(const RemoteWriteLimits& limits)
    : limits_(limits), histogram_(std::make_unique<wire::v2::Histogram>()) {}

FastDecoder::~FastDecoder() = default;

bool FastDecoder::CutSeriesV1(const char* at, const char* end, const SeriesRegistry& registry) {
  Frame frame;
  frame.labels = at;
  frame.end = end;
  size_t labels = 0;
  const char* begin = nullptr;
  while (at < end && ByteAt(at) == Tag(1, kBytesType)) {
    if (!Bytes(++at, end, begin)) return false;
    ++labels;
  }
  if (labels > limits_.labels_per_series_max) return false;
  frame.data = at;
  // Exemplars stand before histograms.
  while (at < end && ByteAt(at) == kExemplarV1) {
    if (!Bytes(++at, end, begin)) return false;
  }
  if (at < end && ByteAt(at) == kHistogramV1) frame.type = SeriesType::kHistogram;
  frame.key = registry.Key(View(frame.labels, frame.data), frame.type);
  frames_.push_back(frame);
  return frames_.size() <= limits_.series_max;
}

bool FastDecoder::CutV1(std::string_view message, const SeriesRegistry& registry) {
  const char* at = message.data();
  const char* end = at + message.size();
  const char* begin = nullptr;
  while (at < end) {
    const unsigned char tag = ByteAt(at++);
    if (tag == Tag(3, kBytesType)) {  // metadata
      if (!Bytes(at, end, begin)) return false;
    } else if (tag != Tag(1, kBytesType) || !Bytes(at, end, begin) ||
               !CutSeriesV1(begin, at, registry)) {
      return false;
    }
  }
  return true;
}

bool FastDecoder::AddSymbol(std::string_view symbol) {
  if (symbols_.empty() && !symbol.empty()) return false;
  symbols_.push_back(symbol);
  return frames_.empty() && symbols_.size() <= limits_.symbols_max;
}

bool FastDecoder::CutSeriesV2(const char* at, const char* end, const SeriesRegistry& registry) {
  Frame frame;
  if (at == end || ByteAt(at) != Tag(1, kBytesType) || !Bytes(++at, end, frame.labels))
    return false;
  frame.data = at;
  frame.end = end;
  if (at < end && ByteAt(at) == Tag(1, kBytesType)) return false;  // references in two runs
  reference_hashes_.clear();
  for (const char* reference = frame.labels; reference < frame.data;) {
    std::uint64_t symbol = 0;
    if (!Varint(reference, frame.data, symbol) || symbol >= symbols_.size()) return false;
    if (reference_hashes_.size() == 2 * limits_.labels_per_series_max) return false;
    reference_hashes_.push_back(symbol_hashes_[symbol]);
  }
  const size_t references = reference_hashes_.size();
  if (references % 2 != 0) return false;
  if (at < end && ByteAt(at) == kHistogramV2) frame.type = SeriesType::kHistogram;
  frame.key = registry.Key(
      {reinterpret_cast<const char*>(reference_hashes_.data()), references * sizeof(std::uint64_t)},
      frame.type);
  frames_.push_back(frame);
  return frames_.size() <= limits_.series_max;
}

bool FastDecoder::CutV2(std::string_view message, const SeriesRegistry& registry) {
  symbols_.clear();
  symbol_hashes_.clear();
  const char* at = message.data();
  const char* end = at + message.size();
  const char* begin = nullptr;
  while (at < end) {
    const unsigned char tag = ByteAt(at++);
    if (!Bytes(at, end, begin)) return false;
    if (tag == Tag(4, kBytesType)) {
      if (!AddSymbol(View(begin, at))) return false;
      symbol_hashes_.push_back(Hash64(symbols_.back(), registry.seed()));
    } else if (tag != Tag(5, kBytesType) || !CutSeriesV2(begin, at, registry)) {
      return false;
    }
  }
  return frames_.empty() || !symbols_.empty();
}

bool FastDecoder::LabelsV1(const Frame& frame) {
  views_.clear();
  for (const char* at = frame.labels; at < frame.data;) {
    const char* label = nullptr;
    if (!Bytes(++at, frame.data, label)) return false;  // the tag was seen by CutSeriesV1
    LabelView view;
    const char* begin = nullptr;
    if (label == at || ByteAt(label) != Tag(1, kBytesType) || !Bytes(++label, at, begin)) {
      return false;
    }
    view.name = View(begin, label);
    if (label < at) {
      if (ByteAt(label) != Tag(2, kBytesType) || !Bytes(++label, at, begin)) return false;
      view.value = View(begin, label);
    }
    if (label != at || views_.size() == limits_.labels_per_series_max) return false;
    views_.push_back(view);
  }
  return true;
}

bool FastDecoder::LabelsV2(const Frame& frame) {
  views_.clear();
  for (const char* at = frame.labels; at < frame.data;) {
    std::uint64_t name = 0;
    std::uint64_t value = 0;
    if (!Varint(at, frame.data, name) || !Varint(at, frame.data, value)) return false;
    if (name >= symbols_.size() || value >= symbols_.size()) return false;
    if (views_.size() == limits_.labels_per_series_max) return false;
    views_.push_back({symbols_[name], symbols_[value]});
  }
  return true;
}

// Decodes and judges the series from `at` on that are not known, some at a time: the registry is
// left to other requests meanwhile, and taken back once for all of them.
void FastDecoder::JudgeFrom(size_t at, bool v2, SeriesRegistry::Session& session) {
  constexpr size_t kAtOnce = 64;
  judged_.clear();
  next_judged_ = 0;
  const size_t end = std::min(frames_.size(), at + kAtOnce);
  for (size_t i = at; i < end; ++i) session.Prefetch(frames_[i].key);
  for (size_t i = at; i < end; ++i) {
    const Hash128& key = frames_[i].key;
    KeptSeries* kept = nullptr;
    const auto same = [&](const Judged& judged) { return frames_[judged.frame].key == key; };
    if (i > at && session.Find(key, kept)) continue;
    if (std::none_of(judged_.begin(), judged_.end(), same)) judged_.push_back({i, {}});
  }
  session.Without([&] {
    for (Judged& judged : judged_) {
      const Frame& frame = frames_[judged.frame];
      if (!(v2 ? LabelsV2(frame) : LabelsV1(frame))) return;
      Result<Labels> labels = CheckLabels(views_, limits_);
      if (!labels.ok()) return;
      judged.labels = *std::move(labels);
      judged.wanted = session.Admit(judged.labels, frame.type);
      judged.valid = true;
    }
  });
}

bool FastDecoder::FirstSeen(size_t at, SeriesRegistry::Session& session, Target& target,
                            WriteTally& tally) {
  while (next_judged_ < judged_.size() && judged_[next_judged_].frame < at) ++next_judged_;
  if (next_judged_ == judged_.size() || judged_[next_judged_].frame > at) {
    JudgeFrom(at, target.v2, session);
  }
  const Judged& judged = judged_[next_judged_];
  if (!judged.valid) return false;
  const Frame& frame = frames_[at];
  const Status added = session.AddJudged(frame.key, SeriesRegistry::Form::kRaw, judged.labels,
                                         frame.type, judged.wanted, target.kept);
  target.refused = !added.ok();
  if (target.refused) {
    ++tally.series_refused;
    if (tally.first_refusal.empty()) {
      if (!(target.v2 ? LabelsV2(frame) : LabelsV1(frame))) return false;
      tally.first_refusal = DescribeSeries(views_) + ": " + added.error().message;
    }
  }
  return true;
}

bool FastDecoder::TakeData(const Frame& frame, const Target& target, KeptBatch& batch,
                           WriteTally& tally) {
  const unsigned char exemplar = target.v2 ? kExemplarV2 : kExemplarV1;
  const unsigned char histogram = target.v2 ? kHistogramV2 : kHistogramV1;
  const bool floats = frame.type == SeriesType::kFloat;
  std::uint64_t points = 0;
  const char* at = frame.data;
  while (at < frame.end) {
    const unsigned char tag = ByteAt(at++);
    const char* begin = nullptr;
    std::uint64_t created = 0;
    if (target.v2 && tag == Tag(6, kVarintType)) {
      if (!Varint(at, frame.end, created)) return false;
      continue;
    }
    if (!Bytes(at, frame.end, begin)) return false;
    if (floats && tag == Tag(2, kBytesType)) {
      KeptBatch::Entry entry{target.kept, 0, 0};
      if (!ReadSample(begin, at, target.v2, entry.time, entry.value)) return false;
      if (entry.time < 0 || entry.time > target.latest) return false;
      if (target.kept != nullptr) batch.samples.push_back(entry);
      ++points;
    } else if (!floats && tag == histogram) {
      if (!TakeHistogram(View(begin, at), target, batch)) return false;
      ++points;
    } else if (tag == exemplar) {
      if (!TakeExemplar(View(begin, at), target)) return false;
      ++tally.exemplars_written;
    } else if (!target.v2 || tag != Tag(5, kBytesType) ||
               !IsPlainMetadata(begin, at, symbols_.size())) {
      return false;
    }
  }
  if (target.v2 && points == 0) return false;
  elements_ += points;
  if (elements_ > limits_.samples_max) return false;
  std::uint64_t& written = floats ? tally.samples_written : tally.histograms_written;
  (target.refused ? tally.samples_refused : written) += points;
  return true;
}

bool FastDecoder::Decode(WriteProtocol protocol, std::string_view message, TimeMs now_ms,
                         SeriesRegistry& registry, KeptBatch& batch, WriteTally& tally) {
  constexpr size_t kAhead = 8;  // series whose places are fetched before they are needed
  const bool v2 = protocol == WriteProtocol::kV2;
  frames_.clear();
  judged_.clear();
  next_judged_ = 0;
  elements_ = 0;
  batch.Clear();
  tally = {};
  if (!(v2 ? CutV2(message, registry) : CutV1(message, registry))) return false;
  if (frames_.empty()) return true;
  Target target{v2, now_ms + limits_.future_max_ms, nullptr, false};
  SeriesRegistry::Session session(registry, now_ms);
  for (size_t i = 0; i < frames_.size(); ++i) {
    const Frame& frame = frames_[i];
    if (i + kAhead < frames_.size()) session.Prefetch(frames_[i + kAhead].key);
    target.kept = nullptr;
    target.refused = false;
    if (!session.Find(frame.key, target.kept) && !FirstSeen(i, session, target, tally)) {
      return false;
    }
    if (!TakeData(frame, target, batch, tally)) return false;
  }
  return true;
}

}  // namespace quell::ingest
