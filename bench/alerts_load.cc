// alerts_load: posts alerts to Alertmanager's API as a large Prometheus does, over and over.
//
// Every alert is posted once, then all again with a later end, until the time is over. Prints one
// line of JSON: how many were accepted a second when new and when known, how long requests took,
// what the receiver used.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bench/load_connection.h"
#include "bench/load_process.h"
#include "core/time.h"

namespace quell::bench {
namespace {

struct Options {
  std::string host = "127.0.0.1";
  int port = 9797;
  int pid = 0;
  size_t alerts = 100000, batch = 256, connections = 4;
  double seconds = 20;
};

struct Request {
  std::string text;             // head and body
  std::vector<size_t> ends_at;  // where the ends stand in it
};

TimeMs WallMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// About what kube-prometheus' rules make: ten labels, two annotations.
std::string AlertText(size_t i, const std::string& starts) {
  const auto number = [](size_t value) { return std::to_string(value); };
  return R"({"labels":{"alertname":"KubePodCrashLooping)" + number(i % 40) +
         R"(","cluster":"prod-eu-west-1","container":"payment-gateway","instance":"10.)" +
         number(i / 65536) + '.' + number(i / 256 % 256) + '.' + number(i % 256) +
         R"(:9090","job":"kube-state-metrics","namespace":"payments-)" + number(i % 17) +
         R"(","pod":"payment-gateway-)" + number(i) +
         R"(","prometheus":"monitoring/k8s","service":"payment-gateway","severity":")" +
         (i % 50 == 0 ? "critical" : "warning") +
         R"("},"annotations":{"description":"Pod payments/payment-gateway-)" + number(i) +
         R"( is restarting 2.1 times / 5 minutes.","summary":"Pod is crash looping."},"startsAt":")" +
         starts + R"(","endsAt":"                        ","generatorURL":)" +
         R"("http://prometheus:9090/graph?g0.expr=rate%28restarts%5B5m%5D%29&g0.tab=1"})";
}

std::vector<Request> MakeRequests(const Options& options) {
  std::vector<Request> out;
  const std::string starts = FormatRfc3339(WallMs());
  constexpr std::string_view kEnds = "\"endsAt\":\"";
  for (size_t i = 0; i < options.alerts; i += options.batch) {
    std::string body = "[";
    for (size_t j = i; j < std::min(options.alerts, i + options.batch); ++j) {
      body += (j > i ? "," : "") + AlertText(j, starts);
    }
    body += ']';
    Request request;
    request.text =
        "POST /api/v2/alerts HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    for (size_t at = request.text.find(kEnds); at != std::string::npos;
         at = request.text.find(kEnds, at + 1)) {
      request.ends_at.push_back(at + kEnds.size());
    }
    out.push_back(std::move(request));
  }
  return out;
}

struct Outcome {
  std::uint64_t accepted = 0, refused = 0;
  std::vector<double> seconds;  // of each request
};

// Request `first`, then every `step`-th after it, once.
void PostShare(const Options& options, LoadConnection& connection, std::vector<Request>& requests,
               size_t first, double until, Outcome& out) {
  for (size_t i = first; i < requests.size() && Now() < until; i += options.connections) {
    Request& request = requests[i];
    const std::string ends = FormatRfc3339(WallMs() + 4 * kMinuteMs);
    for (const size_t at : request.ends_at)
      std::memcpy(&request.text[at], ends.data(), ends.size());
    const double began = Now();
    const auto answer = connection.Post(request.text);
    out.seconds.push_back(Now() - began);
    const bool taken = answer.ok() && answer->status == 200;
    (taken ? out.accepted : out.refused) += request.ends_at.size();
    if (!taken) {
      std::fprintf(
          stderr, "alerts_load: %s\n",
          answer.ok() ? answer->body.substr(0, 200).c_str() : answer.error().message.c_str());
    }
  }
}

// All connections at once; `rounds` over all alerts, or until the time is over.
Outcome Post(const Options& options, std::vector<Request>& requests, size_t rounds, double until) {
  std::vector<Outcome> outcomes(options.connections);
  std::vector<std::thread> threads;
  for (size_t c = 0; c < options.connections; ++c) {
    threads.emplace_back([&, c] {
      LoadConnection connection(options.host, options.port);
      for (size_t round = 0; round < rounds && Now() < until; ++round) {
        PostShare(options, connection, requests, c, until, outcomes[c]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Outcome all;
  for (const Outcome& one : outcomes) {
    all.accepted += one.accepted;
    all.refused += one.refused;
    all.seconds.insert(all.seconds.end(), one.seconds.begin(), one.seconds.end());
  }
  std::sort(all.seconds.begin(), all.seconds.end());
  return all;
}

nlohmann::ordered_json Report(const Outcome& outcome, double seconds) {
  const auto quantile = [&](double q) {
    if (outcome.seconds.empty()) return 0.0;
    const auto last = static_cast<double>(outcome.seconds.size() - 1);
    return 1000 * outcome.seconds[static_cast<size_t>(q * last)];
  };
  return {{"alerts_per_second", static_cast<double>(outcome.accepted) / seconds},
          {"accepted", outcome.accepted},
          {"refused", outcome.refused},
          {"seconds", seconds},
          {"p50_ms", quantile(0.5)},
          {"p99_ms", quantile(0.99)}};
}

int Run(const Options& options) {
  std::vector<Request> requests = MakeRequests(options);
  const double began = Now();
  const Outcome first = Post(options, requests, 1, began + 600);
  const double first_seconds = Now() - began;
  const auto before = UseOf(options.pid);
  const double again = Now();
  const Outcome known = Post(options, requests, 1U << 30U, again + options.seconds);
  const double known_seconds = Now() - again;
  nlohmann::ordered_json out = {{"new", Report(first, first_seconds)},
                                {"known", Report(known, known_seconds)}};
  const auto after = UseOf(options.pid);
  if (before.ok() && after.ok()) {
    out["known"]["receiver_cores"] = (after->cpu_seconds - before->cpu_seconds) / known_seconds;
    const auto quiet = UseOnceQuiet(options.pid, 60);
    if (quiet.ok()) out["rss_mib"] = static_cast<double>(quiet->rss_bytes) / (1U << 20U);
    out["rss_peak_mib"] = static_cast<double>(after->rss_peak_bytes) / (1U << 20U);
  }
  std::printf("%s\n", out.dump().c_str());
  return first.refused + known.refused == 0 ? 0 : 1;
}

}  // namespace
}  // namespace quell::bench

int main(int argc, char** argv) {
  quell::bench::Options options;
  CLI::App app("Posts alerts to Alertmanager's API v2 and tells how many were accepted a second.");
  app.add_option("--host", options.host, "IPv4 address");
  app.add_option("--port", options.port);
  app.add_option("--pid", options.pid, "the receiver, for what it uses");
  app.add_option("--alerts", options.alerts, "distinct alerts");
  app.add_option("--batch", options.batch, "alerts a request")->check(CLI::PositiveNumber);
  app.add_option("--connections", options.connections)->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds, "of posting known alerts again");
  CLI11_PARSE(app, argc, argv);
  return quell::bench::Run(options);
}
