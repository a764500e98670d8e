// The matrix answers of Prometheus' HTTP query API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

// {"status":"success","data":{"resultType":"matrix","result":[{"metric":{..},"values":[[s,"v"],..]}]}}
// trimmed to [start, end). kCorrupt if the answer is of another form; an API error's own text.
Result<SampleBatch> DecodeMatrix(std::string_view json, TimeMs start, TimeMs end);

// {"status":"success","data":["name", ..]}, sorted. kResourceExhausted above `max`.
Result<std::vector<std::string>> DecodeNames(std::string_view json, size_t max);

// Percent-encoding for a query or form parameter.
std::string EncodeParameter(std::string_view text);

// Milliseconds as "seconds.mmm".
std::string FormatSeconds(TimeMs time);

}  // namespace quell::ingest
