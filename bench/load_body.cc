#include "bench/load_body.h"

#include <snappy.h>

#include <cstring>
#include <unordered_map>

#include "ingest/wire_cursor.h"

namespace quell::bench {
namespace {

using ingest::WireType;
using ingest::WireWriter;

// Sample { double value = 1; int64 timestamp = 2 }: tag and eight bytes, tag and six.
constexpr size_t kSampleBytes = 16;
constexpr size_t kValueAt = 1;
constexpr size_t kTimeAt = 10;
constexpr int kTimeBytes = 6;

void PutTime(char* at, TimeMs time) {
  auto rest = static_cast<std::uint64_t>(time);
  for (int i = 0; i < kTimeBytes; ++i, rest >>= 7U) {
    const auto low = static_cast<unsigned char>(rest & 0x7FU);
    at[i] = static_cast<char>(i + 1 < kTimeBytes ? low | 0x80U : low);
  }
}

// Field 2 of both protocols' TimeSeries. Returns where in `out` the message begins.
size_t PutSample(std::string& out) {
  std::string sample(kSampleBytes, '\0');
  sample[0] = 1 << 3 | 1;
  sample[kTimeAt - 1] = 2 << 3;
  PutTime(sample.data() + kTimeAt, TimeMs{1} << 41);
  WireWriter(out).Bytes(2, sample);
  return out.size() - kSampleBytes;
}

}  // namespace

RequestTemplate::RequestTemplate(Protocol protocol, const SeriesSet& set,
                                 std::vector<std::uint32_t> series, unsigned generation)
    : series_(std::move(series)) {
  samples_at_.reserve(series_.size());
  if (protocol == Protocol::kV1) {
    EncodeV1(set, generation);
  } else {
    EncodeV2(set, generation);
  }
}

void RequestTemplate::EncodeV1(const SeriesSet& set, unsigned generation) {
  std::string one;
  std::string pair;
  for (const std::uint32_t index : series_) {
    one.clear();
    for (const Label& label : set.LabelsOf(index, generation)) {
      pair.clear();
      WireWriter(pair).Bytes(1, label.name);
      WireWriter(pair).Bytes(2, label.value);
      WireWriter(one).Bytes(1, pair);
    }
    PutSample(one);
    WireWriter(message_).Bytes(1, one);
    samples_at_.push_back(static_cast<std::uint32_t>(message_.size() - kSampleBytes));
  }
}

void RequestTemplate::EncodeV2(const SeriesSet& set, unsigned generation) {
  std::unordered_map<std::string, std::uint64_t> ref_of;
  std::string symbols;
  WireWriter(symbols).Bytes(4, "");
  const auto ref = [&](const std::string& text) {
    const auto [at, added] = ref_of.try_emplace(text, ref_of.size() + 1);
    if (added) WireWriter(symbols).Bytes(4, text);
    return at->second;
  };
  std::string all;
  std::string one;
  std::string refs;
  for (const std::uint32_t index : series_) {
    one.clear();
    refs.clear();
    for (const Label& label : set.LabelsOf(index, generation)) {
      WireWriter(refs).Varint(ref(label.name));
      WireWriter(refs).Varint(ref(label.value));
    }
    WireWriter(one).Bytes(1, refs);
    const size_t sample_at = PutSample(one);
    WireWriter(one).Bytes(5, std::string_view("\x08\x01", 2));  // Metadata { type = COUNTER }
    const size_t tail = one.size() - sample_at;
    WireWriter(all).Bytes(5, one);
    samples_at_.push_back(static_cast<std::uint32_t>(all.size() - tail));
  }
  for (std::uint32_t& at : samples_at_) at += static_cast<std::uint32_t>(symbols.size());
  message_ = symbols + all;
}

std::string RequestTemplate::Body(const SeriesSet& set, TimeMs time_ms) {
  for (size_t i = 0; i < series_.size(); ++i) {
    char* sample = message_.data() + samples_at_[i];
    const double value = set.Value(series_[i]);
    std::memcpy(sample + kValueAt, &value, sizeof value);  // little-endian, as on the wire
    PutTime(sample + kTimeAt, time_ms + set.OffsetMs(series_[i]));
  }
  std::string body;
  snappy::Compress(message_.data(), message_.size(), &body);
  return body;
}

std::string HttpRequest(Protocol protocol, const std::string& host, const std::string& path,
                        const std::string& extra, const std::string& body) {
  const bool v2 = protocol == Protocol::kV2;
  return "POST " + path + " HTTP/1.1\r\nHost: " + host +
         "\r\nUser-Agent: ingest_load\r\nContent-Type: application/x-protobuf" +
         (v2 ? ";proto=io.prometheus.write.v2.Request" : "") +
         "\r\nContent-Encoding: snappy\r\nX-Prometheus-Remote-Write-Version: " +
         (v2 ? "2.0.0" : "0.1.0") + "\r\n" + extra +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace quell::bench
