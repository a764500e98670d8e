#include "ingest/series_records.h"

#include <cstring>

#include "ingest/wire_cursor.h"

namespace quell::ingest {
namespace {

// A histogram's flags.
constexpr unsigned char kGauge = 1;
constexpr unsigned char kStale = 2;

std::uint64_t ZigZag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t UnZigZag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

size_t PutVarint(char* to, std::uint64_t value) {
  size_t size = 0;
  while (value >= 0x80) {
    to[size++] = static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  to[size++] = static_cast<char>(value);
  return size;
}

void AppendDouble(std::string& out, double value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

size_t TextSize(std::string_view text) { return VarintSize(text.size()) + text.size(); }

char* PutText(char* to, std::string_view text) {
  to += PutVarint(to, text.size());
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

// Reads the bricks above; the first short read makes ok() false.
class RecordCursor {
 public:
  explicit RecordCursor(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t Varint() {
    // One byte is by far the most common.
    if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < 0x80) {
      const auto value = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      return value;
    }
    std::uint64_t value = 0;
    ok_ = ok_ && TakeVarint(rest_, value);
    return ok_ ? value : 0;
  }
  double Double() {
    double value = 0;
    if (!Has(sizeof value)) return value;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  unsigned char Byte() {
    if (!Has(1)) return 0;
    const auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view Text() {
    const std::uint64_t size = Varint();
    if (!Has(size)) return {};
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  // A number of items that take at least `item_bytes` each: bounded by what is left.
  std::uint64_t Count(size_t item_bytes) {
    const std::uint64_t count = Varint();
    if (count > rest_.size() / item_bytes) ok_ = false;
    return ok_ ? count : 0;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

 private:
  bool Has(std::uint64_t count) {
    if (count > rest_.size()) ok_ = false;
    return ok_;
  }
  std::string_view rest_;
  bool ok_ = true;
};

Error Corrupt(std::string_view what) {
  return MakeError(ErrorCode::kCorrupt, "journal record: " + std::string(what));
}

// Numbers and times of samples and histograms go on from one to the next.
struct RunningHead {
  std::uint32_t id = 0;
  TimeMs time = 0;

  bool Take(RecordCursor& in) {
    std::int64_t next = 0;
    std::int64_t at = 0;
    const bool fits = !__builtin_add_overflow(std::int64_t{id}, UnZigZag(in.Varint()), &next) &&
                      !__builtin_add_overflow(time, UnZigZag(in.Varint()), &at);
    if (!in.ok() || !fits || next < 0 || next >= std::int64_t{kSeriesIdsMax}) return false;
    id = static_cast<std::uint32_t>(next);
    time = at;
    return true;
  }
};

bool ReadHistogram(RecordCursor& in, HistogramSample& histogram) {
  const unsigned char flags = in.Byte();
  histogram.gauge = (flags & kGauge) != 0;
  histogram.stale = (flags & kStale) != 0;
  histogram.count = in.Double();
  histogram.sum = in.Double();
  histogram.buckets.resize(in.Count(2 * sizeof(double)));
  for (HistogramBucket& bucket : histogram.buckets) {
    bucket.upper = in.Double();
    bucket.count = in.Double();
  }
  return in.ok();
}

}  // namespace

std::string DefinitionBody(SeriesType type, const Labels& labels) {
  size_t size = 1 + VarintSize(labels.size());
  for (const Label& label : labels) size += TextSize(label.name) + TextSize(label.value);
  std::string out(size, '\0');
  char* to = out.data();
  *to++ = static_cast<char>(type);
  to += PutVarint(to, labels.size());
  for (const Label& label : labels) {
    to = PutText(to, label.name);
    to = PutText(to, label.value);
  }
  return out;
}

void AppendDefinition(std::uint32_t id, std::string_view body, std::string& out) {
  WireWriter writer(out);
  writer.Varint(id);
  out += body;
}

void AppendDefinition(std::uint32_t id, SeriesType type, const Labels& labels, std::string& out) {
  AppendDefinition(id, DefinitionBody(type, labels), out);
}

BatchWriter::BatchWriter(std::string& out, std::uint64_t samples) : out_(out) {
  out_.clear();
  WireWriter(out_).Varint(samples);
}

void BatchWriter::Head(std::uint32_t id, TimeMs time, char* to, size_t& size) {
  size = PutVarint(to, ZigZag(static_cast<std::int64_t>(id) - static_cast<std::int64_t>(id_)));
  size += PutVarint(to + size, ZigZag(time - time_));
  id_ = id;
  time_ = time;
}

void BatchWriter::Sample(std::uint32_t id, TimeMs time, double value) {
  char bytes[32];
  size_t size = 0;
  Head(id, time, bytes, size);
  std::memcpy(bytes + size, &value, sizeof value);
  out_.append(bytes, size + sizeof value);
}

void BatchWriter::Histograms(std::uint64_t histograms) { WireWriter(out_).Varint(histograms); }

void BatchWriter::Histogram(std::uint32_t id, const HistogramSample& histogram) {
  char bytes[32];
  size_t size = 0;
  Head(id, histogram.time, bytes, size);
  out_.append(bytes, size);
  out_ += static_cast<char>((histogram.gauge ? kGauge : 0) | (histogram.stale ? kStale : 0));
  AppendDouble(out_, histogram.count);
  AppendDouble(out_, histogram.sum);
  WireWriter(out_).Varint(histogram.buckets.size());
  for (const HistogramBucket& bucket : histogram.buckets) {
    AppendDouble(out_, bucket.upper);
    AppendDouble(out_, bucket.count);
  }
}

namespace {

// The body at the front of `in`, skipped over; empty where it is cut short.
std::string_view SkipBody(RecordCursor& in) {
  const std::string_view from = in.rest();
  in.Byte();
  const std::uint64_t pairs = in.Count(2);
  for (std::uint64_t i = 0; i < 2 * pairs && in.ok(); ++i) in.Text();
  return in.ok() ? from.substr(0, from.size() - in.rest().size()) : std::string_view();
}

Labels LabelsOf(RecordCursor in) {
  const std::uint64_t pairs = in.Count(2);
  std::vector<Label> labels;
  labels.reserve(pairs);
  for (std::uint64_t i = 0; i < pairs; ++i) {
    const std::string_view name = in.Text();
    labels.push_back({std::string(name), std::string(in.Text())});
  }
  return Labels(std::move(labels));
}

}  // namespace

Result<SeriesDefinition> ReadDefinitionBody(std::string_view body) {
  RecordCursor in(body);
  const bool whole = SkipBody(in).size() == body.size() && !body.empty();
  if (!whole || static_cast<SeriesType>(body.front()) > SeriesType::kHistogram) {
    return Corrupt("a series' definition does not decode");
  }
  return SeriesDefinition{static_cast<SeriesType>(body.front()),
                          LabelsOf(RecordCursor(body.substr(1)))};
}

bool ReadCanonicalBody(std::string_view body, std::vector<LabelText>& out) {
  out.clear();
  RecordCursor in(body);
  if (in.Byte() > static_cast<unsigned char>(SeriesType::kHistogram)) return false;
  const std::uint64_t pairs = in.Count(2);
  size_t size = 1 + VarintSize(pairs);
  for (std::uint64_t i = 0; i < pairs; ++i) {
    const std::string_view from = in.rest();
    const std::string_view name = in.Text();
    const std::string_view value = in.Text();
    if (!in.ok() || value.empty() || (i > 0 && name <= out.back().name)) return false;
    out.push_back({name, value, from.substr(0, from.size() - in.rest().size())});
    size += TextSize(name) + TextSize(value);
  }
  // A length may be written in more bytes than it needs.
  return in.ok() && in.AtEnd() && size == body.size();
}

Status ReadDefinitions(std::string_view payload, BatchVisitor& visitor) {
  RecordCursor in(payload);
  while (!in.AtEnd()) {
    const std::uint64_t id = in.Varint();
    const std::string_view body = SkipBody(in);
    const auto type = static_cast<SeriesType>(body.empty() ? 0 : body.front());
    if (body.empty() || id >= kSeriesIdsMax || type > SeriesType::kHistogram) {
      return Corrupt("a series' definition does not decode");
    }
    const auto number = static_cast<std::uint32_t>(id);
    if (visitor.Knows(number, body)) continue;
    visitor.OnSeries(number, type, LabelsOf(RecordCursor(body.substr(1))));
  }
  return Ok{};
}

Status ReadBatch(std::string_view payload, BatchVisitor& visitor) {
  constexpr size_t kSampleBytesMin = 2 + sizeof(double);
  constexpr size_t kHistogramBytesMin = 4 + 2 * sizeof(double);
  RecordCursor in(payload);
  RunningHead head;
  const std::uint64_t samples = in.Count(kSampleBytesMin);
  for (std::uint64_t i = 0; i < samples; ++i) {
    if (!head.Take(in)) return Corrupt("a sample does not decode");
    const double value = in.Double();
    if (!in.ok()) return Corrupt("a sample does not decode");
    visitor.OnSample(head.id, head.time, value);
  }
  const std::uint64_t histograms = in.Count(kHistogramBytesMin);
  HistogramSample histogram;
  for (std::uint64_t i = 0; i < histograms; ++i) {
    if (!head.Take(in) || !ReadHistogram(in, histogram)) {
      return Corrupt("a histogram does not decode");
    }
    histogram.time = head.time;
    visitor.OnHistogram(head.id, histogram);
  }
  if (!in.ok() || !in.AtEnd()) return Corrupt("a batch has another length than it says");
  return Ok{};
}

}  // namespace quell::ingest
