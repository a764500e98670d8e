// Load: all requests of a run, made before it begins, and the run itself: one thread a connection.
//
// Series are spread over connections as Prometheus spreads them over shards, in an order that stays
// the same from scrape to scrape; each sends one request at a time. A connection is at most
// `lead` scrapes ahead of the slowest, as it would be behind one scraper.
#pragma once

#include <atomic>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/load_body.h"
#include "bench/load_connection.h"

namespace quell::bench {

struct LoadOptions {
  std::string host = "127.0.0.1";  // an IPv4 address
  int port = 9797;
  std::string path = "/api/v1/write";
  std::string headers;  // further header lines, each with its CRLF
  Protocol protocol = Protocol::kV1;
  SeriesOptions series;
  unsigned connections = 5;           // >= 1
  size_t samples_per_request = 2000;  // >= 1; a request holds one scrape's samples only
  size_t scrapes = 100;               // in all, warm-up included
  size_t scrapes_before = 0;          // that another run sent: values go on from there
  DurationMs step_ms = 15000;         // between scrapes
  TimeMs last_scrape = 0;    // when the last one is; REQUIRES: within RequestTemplate's range
  bool renew = false;        // all pods are new at every scrape: no series comes twice
  unsigned lead = 1;         // scrapes; 0 = no bound
  double rate = 0;           // samples a second over all connections; 0 = as fast as it goes
  bool retry = false;        // what a retry may cure, until it is accepted or `seconds_max`
  double seconds_max = 600;  // then a run ends early
  std::string record;        // file: every acknowledged sample; "" = none
  size_t bytes_max = size_t{6} << 30U;  // of prepared requests
};

// What came of the requests of some scrapes.
struct LoadResult {
  std::map<int, std::uint64_t> statuses;  // 0 = no answer
  std::uint64_t samples_accepted = 0;     // of requests answered 2xx
  double seconds = 0;
  double own_cpu_seconds = 0;
  double machine_busy_seconds = 0;  // over all cores, whoever it was
  std::vector<double> latency_ms;   // sorted; from when the request was due to its answer
  std::vector<double> service_ms;   // sorted; from when it was sent
  std::string first_refusal;        // status and words of the first that was not accepted
};

class Load {
 public:
  // kResourceExhausted where the requests take more than `bytes_max`, kIo for the record file.
  static Result<std::unique_ptr<Load>> Prepare(const LoadOptions& options);

  [[nodiscard]] double BodyBytesPerSample() const;
  // Sends scrapes [from, to) over the same connections as before.
  LoadResult Run(size_t from, size_t to);
  // Ends a run after the requests that are on their way. May be called from a signal handler.
  void Stop() { stop_ = true; }

 private:
  struct Request {
    std::string bytes;
    std::uint32_t scrape = 0;
    std::uint32_t series_list = 0;  // index into series_lists_
    std::vector<double> values;     // only where samples are recorded
  };
  class Gate;

  explicit Load(const LoadOptions& options) : options_(options), set_(options.series) {}
  Status MakeRequests();
  void SendAll(unsigned connection, size_t from, size_t to, Gate& gate, LoadResult& out);
  void Send(LoadConnection& connection, const Request& request, double due, double until,
            LoadResult& out);
  void Record(const Request& request);
  [[nodiscard]] TimeMs TimeOf(size_t scrape) const;

  LoadOptions options_;
  SeriesSet set_;
  std::vector<std::vector<std::uint32_t>> series_lists_;
  std::vector<std::vector<Request>> requests_;  // by connection, in order
  std::vector<std::unique_ptr<LoadConnection>> connections_;
  std::uint64_t body_bytes_ = 0;
  std::atomic<bool> stop_{false};
  std::mutex record_mutex_;  // guards record_
  std::ofstream record_;
};

}  // namespace quell::bench
