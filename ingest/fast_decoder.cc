#include "ingest/fast_decoder.h"

#include <cstring>

namespace quell::ingest {
namespace {

// Tags as encoders write them: field number and wire type in one byte.
constexpr unsigned char Tag(unsigned number, unsigned type) {
  return static_cast<unsigned char>(number << 3U | type);
}
constexpr unsigned kVarintType = 0;
constexpr unsigned kFixed64Type = 1;
constexpr unsigned kBytesType = 2;

unsigned char ByteAt(const char* at) { return static_cast<unsigned char>(*at); }
std::string_view View(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

// Moves `at` behind a varint; false where it is cut short or longer than ten bytes.
bool Varint(const char*& at, const char* end, std::uint64_t& value) {
  if (at < end && ByteAt(at) < 0x80) {
    value = ByteAt(at++);
    return true;
  }
  value = 0;
  for (unsigned shift = 0; at < end && shift < 70; shift += 7) {
    const unsigned char byte = ByteAt(at++);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// A length and that many bytes: `at` moves behind them, [begin, at) are they.
bool Bytes(const char*& at, const char* end, const char*& begin) {
  std::uint64_t length = 0;
  if (!Varint(at, end, length) || length > static_cast<std::uint64_t>(end - at)) return false;
  begin = at;
  at += length;
  return true;
}

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

}  // namespace

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
  frame.key = registry.Key(View(frame.labels, at), frame.type);
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
    if (label != at) return false;
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
    views_.push_back({symbols_[name], symbols_[value]});  // in range: CutSeriesV2
  }
  return true;
}

bool FastDecoder::FirstSeen(const Frame& frame, WriteProtocol protocol,
                            SeriesRegistry::Session& session, KeptSeries*& kept, bool& refused,
                            WriteTally& tally) {
  if (!(protocol == WriteProtocol::kV2 ? LabelsV2(frame) : LabelsV1(frame))) return false;
  Result<Labels> labels = CheckLabels(views_, limits_);
  if (!labels.ok()) return false;
  const Status added =
      session.Add(frame.key, SeriesRegistry::Form::kRaw, *std::move(labels), frame.type, kept);
  refused = !added.ok();
  if (refused) {
    ++tally.series_refused;
    if (tally.first_refusal.empty()) {
      tally.first_refusal = DescribeSeries(views_) + ": " + added.error().message;
    }
  }
  return true;
}

bool FastDecoder::TakeSamples(const Frame& frame, TimeMs latest, bool v2, KeptSeries* kept,
                              bool refused, KeptBatch& batch, WriteTally& tally) {
  std::uint64_t samples = 0;
  const char* at = frame.data;
  while (at < frame.end) {
    const unsigned char tag = ByteAt(at++);
    const char* begin = nullptr;
    std::uint64_t created = 0;
    if (tag == Tag(2, kBytesType)) {
      TimeMs time = 0;
      double value = 0;
      if (!Bytes(at, frame.end, begin) || !ReadSample(begin, at, v2, time, value)) return false;
      if (time < 0 || time > latest) return false;
      ++samples;
      if (kept != nullptr) batch.samples.push_back({kept, time, value});
    } else if (v2 && tag == Tag(5, kBytesType)) {
      if (!Bytes(at, frame.end, begin) || !IsPlainMetadata(begin, at, symbols_.size())) {
        return false;
      }
    } else if (!v2 || tag != Tag(6, kVarintType) || !Varint(at, frame.end, created)) {
      return false;
    }
  }
  if (v2 && samples == 0) return false;
  elements_ += samples;
  if (elements_ > limits_.samples_max) return false;
  (refused ? tally.samples_refused : tally.samples_written) += samples;
  return true;
}

bool FastDecoder::Decode(WriteProtocol protocol, std::string_view message, TimeMs now_ms,
                         SeriesRegistry& registry, KeptBatch& batch, WriteTally& tally) {
  constexpr size_t kAhead = 8;  // series whose places are fetched before they are needed
  const bool v2 = protocol == WriteProtocol::kV2;
  frames_.clear();
  elements_ = 0;
  batch.Clear();
  tally = {};
  if (!(v2 ? CutV2(message, registry) : CutV1(message, registry))) return false;
  if (frames_.empty()) return true;
  const TimeMs latest = now_ms + limits_.future_max_ms;
  SeriesRegistry::Session session(registry, now_ms);
  for (size_t i = 0; i < frames_.size(); ++i) {
    const Frame& frame = frames_[i];
    if (i + kAhead < frames_.size()) session.Prefetch(frames_[i + kAhead].key);
    KeptSeries* kept = nullptr;
    bool refused = false;
    if (!session.Find(frame.key, kept) &&
        !FirstSeen(frame, protocol, session, kept, refused, tally)) {
      return false;
    }
    if (!TakeSamples(frame, latest, v2, kept, refused, batch, tally)) return false;
  }
  return true;
}

}  // namespace quell::ingest
