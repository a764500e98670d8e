// Prometheus remote read: request bytes, and the two forms of answer as a SampleBatch.
//
// Answers are trimmed to [start, end); native histograms in them are left out. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/matcher.h"
#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

enum class ReadForm { kStreamedChunks, kSamples };

// snappy(ReadRequest) for [start, end). With kStreamedChunks samples are named as the second
// choice.
std::string EncodeReadRequest(const Selector& selector, TimeMs start, TimeMs end, ReadForm form);

// Frames of (uvarint length, big-endian CRC-32C, ChunkedReadResponse). kCorrupt with the frame's
// offset; kUnsupported for a chunk encoding that is not known here.
Result<SampleBatch> DecodeStreamedChunks(std::string_view body, TimeMs start, TimeMs end);

// snappy(ReadResponse). kResourceExhausted if it declares more than `decoded_bytes_max`.
Result<SampleBatch> DecodeSampledAnswer(std::string_view body, TimeMs start, TimeMs end,
                                        size_t decoded_bytes_max);

}  // namespace quell::ingest
