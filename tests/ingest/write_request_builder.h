// Write requests in plain words, valid or not, built with the generated messages.
#pragma once

#include <snappy.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/proto/remote_write_v1.pb.h"
#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/remote_write.h"

namespace quell::ingest {

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline constexpr TimeMs kNow = 1755856800000;

inline std::string Snappy(std::string_view message) {
  std::string out;
  snappy::Compress(message.data(), message.size(), &out);
  return out;
}

class V1Request {
 public:
  wire::v1::TimeSeries* Series(const Pairs& labels) {
    auto* series = message.add_timeseries();
    for (const auto& [name, value] : labels) {
      auto* label = series->add_labels();
      label->set_name(name);
      label->set_value(value);
    }
    return series;
  }
  V1Request& Sample(const Pairs& labels, double value = 1, TimeMs time = kNow) {
    auto* sample = Series(labels)->add_samples();
    sample->set_value(value);
    sample->set_timestamp(time);
    return *this;
  }
  [[nodiscard]] std::string Body() const { return Snappy(message.SerializeAsString()); }

  wire::v1::WriteRequest message;
};

class V2Request {
 public:
  V2Request() { message.add_symbols(""); }
  std::uint32_t Ref(const std::string& text) {
    for (int i = 0; i < message.symbols_size(); ++i) {
      if (message.symbols(i) == text) return static_cast<std::uint32_t>(i);
    }
    message.add_symbols(text);
    return static_cast<std::uint32_t>(message.symbols_size() - 1);
  }
  wire::v2::TimeSeries* Series(const Pairs& labels) {
    auto* series = message.add_timeseries();
    for (const auto& [name, value] : labels) {
      series->add_labels_refs(Ref(name));
      series->add_labels_refs(Ref(value));
    }
    return series;
  }
  wire::v2::TimeSeries* Sample(const Pairs& labels, double value = 1, TimeMs time = kNow) {
    auto* series = Series(labels);
    auto* sample = series->add_samples();
    sample->set_value(value);
    sample->set_timestamp(time);
    return series;
  }
  [[nodiscard]] std::string Body() const { return Snappy(message.SerializeAsString()); }

  wire::v2::Request message;
};

inline WriteOutcome Decode(const V1Request& request) {
  return RemoteWriteDecoder(RemoteWriteLimits{}).Decode(WriteProtocol::kV1, request.Body(), kNow);
}
inline WriteOutcome Decode(const V2Request& request) {
  return RemoteWriteDecoder(RemoteWriteLimits{}).Decode(WriteProtocol::kV2, request.Body(), kNow);
}

}  // namespace quell::ingest
