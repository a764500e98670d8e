// PrometheusReader: windows of a Prometheus server's history, by the best way that it offers.
//
// Remote read (streamed XOR chunks, else samples), else a range selector on the query API, else
// query_range, which resamples; a log line says which way was taken. Streamed answers are decoded
// as they arrive: memory is the window's samples and one frame. One request at a time.
// Thread-compatible.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/http_client.h"
#include "core/matcher.h"
#include "core/result.h"
#include "ingest/sample.h"

namespace quell::ingest {

struct PrometheusAccess {
  std::string url;            // http://host:9090, without user information
  std::string authorization;  // the header's value; secret; "" = none
  std::string ca_file;        // PEM; "" = the system's store
};

// The address without user:password, for logs and errors.
std::string WithoutUserInfo(const std::string& url);

// kInvalidArgument, naming `flag`, unless it is an http:// or https:// address without
// user:password.
Status CheckPrometheusUrl(const std::string& flag, const std::string& url);

class PrometheusReader {
 public:
  using Wants = std::function<bool(const Labels&)>;
  // `step_ms`: of query_range. `wants`: null = every series that the selector matches.
  PrometheusReader(PrometheusAccess access, Selector selector, DurationMs step_ms,
                   std::uint64_t window_samples_max, Wants wants);

  // Samples in [start, end), series as the server orders them.
  //   kResourceExhausted: too much for the server's limits or `window_samples_max`; ask for less
  //   kUnavailable: the server is away or overloaded (transport, timeout, 429, 502, 503, 504)
  //   kInvalidArgument: refused (401, 403); kUnsupported: no way works; kCorrupt: not Prometheus'
  Result<SampleBatch> Fetch(TimeMs start, TimeMs end);

  // The metric names that have samples in [start, end), sorted. kResourceExhausted above `max`.
  Result<std::vector<std::string>> MetricNames(TimeMs start, TimeMs end, size_t max);

  void Select(Selector selector) { selector_ = std::move(selector); }
  [[nodiscard]] const std::string& safe_url() const { return safe_url_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }                        // received
  [[nodiscard]] std::uint64_t histogram_chunks() const { return histogram_chunks_; }  // left out

 private:
  Result<SampleBatch> FetchBy(size_t way, TimeMs start, TimeMs end);
  Result<SampleBatch> FetchStreamed(TimeMs start, TimeMs end);
  Result<SampleBatch> FetchResampled(TimeMs start, TimeMs end);
  Result<SampleBatch> Wanted(Result<SampleBatch> batch) const;
  [[nodiscard]] HttpRequest ReadRequest(TimeMs start, TimeMs end, bool streamed) const;
  [[nodiscard]] HttpRequest Form(std::string_view path, std::string body) const;
  [[nodiscard]] HttpRequest Complete(HttpRequest request) const;
  Result<HttpResponse> Send(HttpRequest request);
  [[nodiscard]] Error Judge(int status, std::string_view body) const;

  PrometheusAccess access_;
  Selector selector_;
  DurationMs step_ms_;
  std::uint64_t window_samples_max_;
  Wants wants_;
  std::string safe_url_;
  HttpClient client_;
  size_t way_ = 0;
  size_t settled_way_ = ~size_t{0};  // the way that the last answer came by
  std::uint64_t bytes_ = 0;
  std::uint64_t histogram_chunks_ = 0;
};

}  // namespace quell::ingest
