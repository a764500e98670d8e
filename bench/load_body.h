// RequestTemplate: the protobuf message of one remote-write request whose series stay the same from
// scrape to scrape, so that the next scrape's body is a matter of new numbers and compression.
//
// Encoded here by hand, from the specifications' field numbers: the receiver under test shares no
// code with its load. Thread-compatible.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bench/load_series.h"

namespace quell::bench {

enum class Protocol : std::uint8_t { kV1, kV2 };  // Remote Write 1.0, 2.0

class RequestTemplate {
 public:
  // One sample a series. Version 2.0 carries its symbols and each series' metadata type.
  RequestTemplate(Protocol protocol, const SeriesSet& set, std::vector<std::uint32_t> series,
                  unsigned generation);

  [[nodiscard]] std::span<const std::uint32_t> series() const { return series_; }
  // The values of `set` as they are now, at `time_ms` plus each series' offset; snappy block
  // format. REQUIRES: 2^35 <= time_ms < 2^42 (1971 to 2109), so that every timestamp takes six
  // bytes.
  std::string Body(const SeriesSet& set, TimeMs time_ms);

 private:
  void EncodeV1(const SeriesSet& set, unsigned generation);
  void EncodeV2(const SeriesSet& set, unsigned generation);

  std::vector<std::uint32_t> series_;
  std::string message_;
  std::vector<std::uint32_t> samples_at_;  // offset of each series' Sample message
};

// The whole HTTP request for a body; `extra` is further header lines, each with its CRLF.
std::string HttpRequest(Protocol protocol, const std::string& host, const std::string& path,
                        const std::string& extra, const std::string& body);

}  // namespace quell::bench
