// First pass over a decoded write request: cuts it into symbols and series and counts every
// element that would become an object, so that limits act before objects exist (a 2-byte empty
// series costs libprotobuf over a hundred bytes).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ingest/remote_write.h"

namespace quell::ingest {

struct SeriesFrame {
  std::string_view bytes;    // one TimeSeries message
  std::uint32_t labels = 0;  // v2: references / 2, rounded up
  std::uint32_t samples = 0;
  std::uint32_t histograms = 0;
  std::uint32_t exemplars = 0;
};

struct WriteFrames {
  std::vector<std::string_view> symbols;  // v2 only
  std::vector<SeriesFrame> series;
  std::uint64_t elements = 0;  // samples, histograms and their buckets, exemplars and their labels
};

// kCorrupt if the bytes are not a message of this protocol, kResourceExhausted over a limit;
// the text names the limit and its value. Reuses the capacity of `frames`.
Status FrameRequest(WriteProtocol protocol, std::string_view message,
                    const RemoteWriteLimits& limits, WriteFrames& frames);

// Adds the spans, buckets and bounds of a Histogram message, alike in both protocols; kCorrupt if
// it is none.
Status CountHistogram(std::string_view message, std::uint64_t& elements);

}  // namespace quell::ingest
