// Prometheus' XOR chunk: timestamps as deltas of deltas, values as XOR with their predecessor.
// Source: Prometheus tsdb/docs/format/chunks.md (after Facebook's Gorilla, VLDB 2015).
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

// Appends the chunk's samples to `out`. kCorrupt, with `out` as before, if the bytes end early or
// state an impossible width. At most 65535 samples.
Status DecodeXorChunk(std::string_view chunk, std::vector<Sample>& out);

}  // namespace quell::ingest
