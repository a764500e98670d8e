// ingest_load: load for any Prometheus remote-write receiver, and what the receiver spends on it.
//
// All requests are made before the run. `--matched all` sends metrics that Quell finds signals in,
// `--matched none` such that it leaves out (bench/load_series.h). Exit code 1 where a sample was
// not accepted in the end, 2 for a wrong command line.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/load_process.h"
#include "bench/load_run.h"
#include "engine/signals/discovery.h"

namespace quell::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kDiscoveredMax = 100'000;  // series whose signals are counted
constexpr double kSettleSeconds = 30;

struct Flags {
  LoadOptions load;
  std::string url = "http://127.0.0.1:9797/api/v1/write";
  std::string step = "15s";
  std::string ends_ago = "1s";
  std::string matched = "all";
  std::vector<std::string> headers;
  bool v2 = false;
  bool json = false;
  double samples = 0;
  double duration = 0;
  size_t warm_up = 2;
  int pid = 0;
};

Status ReadUrl(const std::string& url, LoadOptions& load) {
  const std::string scheme = "http://";
  const size_t slash = url.find('/', scheme.size());
  const std::string place = url.substr(0, slash).substr(std::min(url.size(), scheme.size()));
  const size_t colon = place.find(':');
  int port = 0;
  if (url.rfind(scheme, 0) != 0 || slash == std::string::npos || colon == std::string::npos ||
      (port = std::atoi(place.c_str() + colon + 1)) <= 0 || port > 65535) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "--url: '" + url + "' is not http://IPV4:PORT/PATH");
  }
  load.host = place.substr(0, colon);
  load.port = port;
  load.path = url.substr(slash);
  return Ok{};
}

// Fills `flags.load` from what was given as text or follows from other flags.
Status Complete(Flags& flags) {
  LoadOptions& load = flags.load;
  QUELL_TRY(ReadUrl(flags.url, load));
  QUELL_ASSIGN(load.step_ms, ParseDuration(flags.step));
  QUELL_ASSIGN(const DurationMs ends_ago, ParseDuration(flags.ends_ago));
  load.protocol = flags.v2 ? Protocol::kV2 : Protocol::kV1;
  load.series.matched = flags.matched == "all";
  for (const std::string& header : flags.headers) load.headers += header + "\r\n";
  if (flags.samples <= 0) {
    const bool timed = load.rate > 0 && flags.duration > 0;
    flags.samples = timed ? load.rate * flags.duration : 2e6;
  }
  // A receiver that cannot keep the rate is given time to say so in its latencies.
  if (flags.duration > 0) load.seconds_max = flags.duration * (load.rate > 0 ? 3 : 1);
  const auto series = static_cast<double>(load.series.series);
  load.scrapes = flags.warm_up + static_cast<size_t>(std::max(1.0, flags.samples / series + 0.5));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  load.last_scrape = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() - ends_ago;
  return Ok{};
}

// Signals that discovery finds in the first series.
size_t CountSignals(const SeriesSet& set, size_t series) {
  std::set<std::pair<std::string, Labels>> found;
  for (size_t i = 0; i < series; ++i) {
    for (const auto& signal : signals::Discover(Labels(set.LabelsOf(i, 0)))) {
      found.emplace(signal.def.name, signal.group);
    }
  }
  return found.size();
}

double Quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5)];
}

Json LatencyJson(const std::vector<double>& sorted) {
  return {{"p50", Quantile(sorted, 0.5)},
          {"p90", Quantile(sorted, 0.9)},
          {"p99", Quantile(sorted, 0.99)},
          {"max", sorted.empty() ? 0 : sorted.back()}};
}

Json ResultJson(const Flags& flags, const Load& load, const LoadResult& result) {
  const LoadOptions& options = flags.load;
  const SeriesSet set(options.series);
  const size_t looked_at = std::min(set.size(), kDiscoveredMax);
  const double millions = std::max(1e-6, static_cast<double>(result.samples_accepted) / 1e6);
  Json statuses = Json::object();
  for (const auto& [status, count] : result.statuses) statuses[std::to_string(status)] = count;
  Json out = {{"protocol", flags.v2 ? "2.0" : "1.0"},
              {"matched", flags.matched},
              {"series", options.series.series},
              {"connections", options.connections},
              {"scrapes", options.scrapes - flags.warm_up},
              {"signals_in_first_series",
               {{"series", looked_at}, {"signals", CountSignals(set, looked_at)}}},
              {"body_bytes_per_sample", load.BodyBytesPerSample()},
              {"statuses", std::move(statuses)},
              {"samples_accepted", result.samples_accepted},
              {"seconds", result.seconds},
              {"samples_per_second", static_cast<double>(result.samples_accepted) / result.seconds},
              {"own_cpu_seconds_per_million", result.own_cpu_seconds / millions},
              {"latency_ms", LatencyJson(result.latency_ms)},
              {"service_ms", LatencyJson(result.service_ms)}};
  if (!result.first_refusal.empty()) out["first_refusal"] = result.first_refusal;
  return out;
}

// The receiver's use over the run, and until it was quiet again.
void AddUse(const ProcessUse& before, const ProcessUse& at_end, const ProcessUse& quiet,
            const LoadResult& result, Json& out) {
  const double millions = std::max(1e-6, static_cast<double>(result.samples_accepted) / 1e6);
  const auto megabytes = [](std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; };
  out["receiver"] = {
      {"cpu_seconds_per_million", (quiet.cpu_seconds - before.cpu_seconds) / millions},
      {"cpu_seconds_per_million_until_last_answer",
       (at_end.cpu_seconds - before.cpu_seconds) / millions},
      {"cores_used", (at_end.cpu_seconds - before.cpu_seconds) / result.seconds},
      {"foreign_cores_used", (result.machine_busy_seconds - result.own_cpu_seconds -
                              (at_end.cpu_seconds - before.cpu_seconds)) /
                                 result.seconds},
      {"rss_mb_before", megabytes(before.rss_bytes)},
      {"rss_mb", megabytes(quiet.rss_bytes)},
      {"rss_peak_mb", megabytes(quiet.rss_peak_bytes)}};
}

void Print(const Json& json, const std::string& prefix = "") {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      Print(value, prefix + key + ' ');
    } else {
      std::printf("%-48s %s\n", (prefix + key).c_str(),
                  value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
    }
  }
}

Load* running = nullptr;  // what SIGTERM and SIGINT end

Result<bool> RunAll(Flags& flags) {
  QUELL_TRY(Complete(flags));
  QUELL_ASSIGN(const std::unique_ptr<Load> load, Load::Prepare(flags.load));
  running = load.get();
  for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, [](int) { running->Stop(); });
  bool whole = true;
  if (flags.warm_up > 0) {
    const LoadResult warm = load->Run(0, flags.warm_up);
    whole = warm.samples_accepted == flags.warm_up * flags.load.series.series;
    if (!whole) std::fprintf(stderr, "warm-up: %s\n", warm.first_refusal.c_str());
  }
  ProcessUse before, at_end, quiet;
  if (flags.pid > 0) {
    QUELL_ASSIGN(before, UseOnceQuiet(flags.pid, kSettleSeconds));
  }
  const LoadResult result = load->Run(flags.warm_up, flags.load.scrapes);
  if (flags.pid > 0) {
    QUELL_ASSIGN(at_end, UseOf(flags.pid));
    QUELL_ASSIGN(quiet, UseOnceQuiet(flags.pid, kSettleSeconds));
  }
  Json out = ResultJson(flags, *load, result);
  if (flags.pid > 0) AddUse(before, at_end, quiet, result, out);
  if (flags.json) {
    std::printf("%s\n", out.dump().c_str());
  } else {
    Print(out);
  }
  std::uint64_t answered = 0;
  for (const auto& [status, count] : result.statuses) answered += status / 100 == 2 ? count : 0;
  return whole && answered == result.latency_ms.size() &&
         result.samples_accepted == (flags.load.scrapes - flags.warm_up) * flags.load.series.series;
}

void AddFlags(CLI::App& app, Flags& flags) {
  LoadOptions& load = flags.load;
  const auto defaulted = [](CLI::Option* option) { option->capture_default_str(); };
  defaulted(app.add_option("--url", flags.url, "the receiver: http://IPV4:PORT/PATH"));
  app.add_flag("--v2", flags.v2, "Remote Write 2.0 instead of 1.0");
  defaulted(app.add_option("--series", load.series.series, "series, 12 labels each")
                ->check(CLI::Range(size_t{1}, size_t{10'000'000})));
  defaulted(
      app.add_option("--matched", flags.matched, "all | none: whether Quell's signals use them")
          ->check(CLI::IsMember({"all", "none"})));
  defaulted(app.add_option("--copies", load.series.copies, "pods a deployment")
                ->check(CLI::Range(1, 1000)));
  defaulted(app.add_option("--seed", load.series.seed, "of the values"));
  defaulted(app.add_option("--connections", load.connections, "each with a share of the series")
                ->check(CLI::Range(1, 1000)));
  defaulted(app.add_option("--samples-per-request", load.samples_per_request,
                           "at most; a request holds samples of one scrape")
                ->check(CLI::Range(1, 1'000'000)));
  defaulted(app.add_option("--step", flags.step, "between scrapes, as the timestamps have it"));
  defaulted(app.add_option("--ends-ago", flags.ends_ago, "when the last scrape was"));
  defaulted(app.add_option("--scrapes-before", load.scrapes_before,
                           "scrapes that an earlier run sent: values go on from there"));
  app.add_option("--samples", flags.samples, "in all, after the warm-up (default 2e6)");
  app.add_option("--duration", flags.duration,
                 "seconds; with --rate it decides how many samples, and it ends a run early");
  defaulted(app.add_option("--rate", load.rate, "samples a second; 0 = as fast as it goes"));
  defaulted(app.add_option("--warm-up", flags.warm_up, "scrapes sent before anything is measured"));
  app.add_flag("--renew", load.renew, "every scrape is of new pods: no series comes twice");
  defaulted(app.add_option("--lead", load.lead,
                           "scrapes a connection may be ahead of the slowest; 0 = no bound"));
  app.add_flag("--retry", load.retry, "send again what was not answered or answered 5xx or 429");
  app.add_option("--record-acks", load.record,
                 "file for 'series INDEX LABELS' and 'INDEX TIME_MS VALUE' of what was accepted");
  app.add_option("--header", flags.headers, "a further header line; may be repeated");
  app.add_option("--pid", flags.pid, "the receiver's process: its CPU and memory are reported");
  app.add_flag("--json", flags.json, "one line of JSON");
}

}  // namespace
}  // namespace quell::bench

int main(int argc, char** argv) {
  using namespace quell::bench;
  CLI::App app{"Load for a Prometheus remote-write receiver."};
  Flags flags;
  AddFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto done = RunAll(flags);
  if (!done.ok()) {
    std::fprintf(stderr, "ingest_load: %s\n", done.error().message.c_str());
    return 2;
  }
  return *done ? 0 : 1;
}
