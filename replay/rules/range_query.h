// RangeQuery: an expression evaluated by a Prometheus server over a stretch of time.
//
// One request at a time; answers are bounded in bytes and series. Thread-compatible.
#pragma once

#include <string>

#include "core/clock.h"
#include "core/http_client.h"
#include "core/result.h"
#include "ingest/prometheus_reader.h"
#include "ingest/sample.h"

namespace quell::replay {

class RangeQuery {
 public:
  static constexpr std::int64_t kPointsMax = 11000;  // of a series; Prometheus refuses more
  static constexpr size_t kAnswerBytesMax = 32U << 20U;
  static constexpr size_t kSeriesMax = 10000;
  static constexpr int kRetriesMax = 3;  // 1 s, 2 s, 4 s later

  // `clock` only waits before a retry.
  RangeQuery(ingest::PrometheusAccess access, Clock& clock);

  // The values at start, start + step, .. <= end. REQUIRES: at most kPointsMax of them.
  //   kResourceExhausted: too much for the server's limits or the bounds above; ask for less
  //   kUnavailable: the server is away or overloaded, after retries
  //   kInvalidArgument: the server refuses; with its own words
  Result<ingest::SampleBatch> Fetch(const std::string& expr, TimeMs start, TimeMs end,
                                    DurationMs step);

 private:
  Result<ingest::SampleBatch> Ask(const HttpRequest& request, TimeMs start, TimeMs end);

  ingest::PrometheusAccess access_;
  std::string safe_url_;
  Clock& clock_;
  HttpClient client_;
};

}  // namespace quell::replay
