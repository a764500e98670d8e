#include "cli/simulate.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "core/clock.h"
#include "replay/simulator/exporter.h"
#include "replay/simulator/openmetrics_files.h"
#include "replay/simulator/push.h"

namespace quell::cli {
namespace {

using namespace quell::simulator;

struct Flags {
  SimulatorOptions options;
  std::string start, duration = "14d", interval = "30s", quiet_start = "7d", scrape_jitter = "0s";
  std::string out, compress = "none";
  std::string remote_write, protocol = "v2", speed = "max";
  std::size_t batch = 2000;
  std::string serve;
  bool native_histograms = false;
  bool incidents_given = false, lookalikes_given = false;
};

constexpr const char* kDescription =
    R"(Simulate a payments platform: services, regions, PSPs, daily and weekly seasons, small lanes,
restarts and gaps; with labelled incidents, and look-alikes that must not page. The same options
give the same bytes.

Choose where it goes:
  --out DIR             metrics.om (OpenMetrics), incidents.json, changes.json, manifest.json
  --remote-write URL    samples in time order to a Prometheus remote-write receiver
  --serve HOST:PORT     a live Prometheus target; POST /incident?kind=psp_outage&psp=acme&duration=10m
                        makes something fail, POST /clear ends it)";

std::string Footer() {
  std::string text = "Incident kinds:\n";
  for (const Kind& kind : IncidentKinds()) {
    text += "  " + std::string(kind.name) + std::string(24 - kind.name.size(), ' ') +
            std::string(kind.what) + "\n";
  }
  text += "Look-alikes:\n";
  for (const Kind& kind : LookalikeKinds()) {
    text += "  " + std::string(kind.name) + std::string(24 - kind.name.size(), ' ') +
            std::string(kind.what) + "\n";
  }
  return text +
         "\nExamples:\n"
         "  quell simulate --series 1000 --out history --compress zst\n"
         "  quell simulate --start now-14d --remote-write http://127.0.0.1:9797/api/v1/write\n"
         "  quell simulate --duration 1d --quiet-start 0s --incidents-per-week 0 --out one-day \\\n"
         "      --inject 'psp_outage,psp=acme;region=eu,+10h,20m'\n"
         "  quell simulate --serve 127.0.0.1:9100\n";
}

void AddPlatformFlags(CLI::App& verb, Flags& flags) {
  SimulatorOptions& options = flags.options;
  const char* group = "Platform";
  verb.add_option("--seed", options.seed, "What to draw from; another seed, another platform")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--series", options.series,
                  "About how many series; chooses the four counts below (50 to 200000)")
      ->group(group);
  verb.add_option("--services", options.services, "Services (1 to 20)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--regions", options.regions, "Regions, each in its time zone (1 to 10)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--psps", options.psps, "Payment service providers, largest first (1 to 16)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--instances", options.instances, "Instances per service and region (1 to 16)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--noise", options.noise,
                  "How much volume, failures and latency wander (0 to 5; counting noise stays)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--swing", options.swing,
                  "How far nights and weekends fall: a power on the daily curve (0 to 3)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--burst", options.burst,
                  "How much a scrape's volume jumps beside its wandering (0 to 1)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--dialect", options.dialect,
                  "Metric and label names: payments (psp, outcome), gateway (provider, status) or "
                  "otel (peer, result)")
      ->group(group)
      ->capture_default_str();
}

void AddTimeFlags(CLI::App& verb, Flags& flags) {
  const char* group = "Time and events";
  verb.add_option("--start", flags.start,
                  "First moment: RFC 3339, epoch seconds, now, or now-14d [a fixed Monday, "
                  "2026-06-01T00:00:00Z]")
      ->group(group);
  verb.add_option("--duration", flags.duration, "How long, such as 14d or 36h")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--interval", flags.interval, "Scrape interval (1s to 1h)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--scrape-jitter", flags.scrape_jitter,
                  "How late a scrape may be, at most a 25th of the interval")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--quiet-start", flags.quiet_start,
                  "Nothing is drawn to happen in this first while, so that baselines can learn")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--incidents-per-week", flags.options.incidents_per_week,
                  "Labelled incidents after the quiet start (0 to 1000; with --serve 0)")
      ->group(group)
      ->capture_default_str()
      ->each([&flags](const std::string&) { flags.incidents_given = true; });
  verb.add_option("--lookalikes-per-week", flags.options.lookalikes_per_week,
                  "Look-alikes after the quiet start (0 to 1000; with --serve 0)")
      ->group(group)
      ->capture_default_str()
      ->each([&flags](const std::string&) { flags.lookalikes_given = true; });
  verb.add_flag(
          "--calendar", flags.options.calendar,
          "Paydays (the 25th, the last working day), national holidays by date and a members' "
          "evening every first Thursday, from the start on")
      ->group(group);
  verb.add_option("--inject", flags.options.inject,
                  "kind,scope,at,duration (repeatable): scope is psp=acme;region=eu or all, at is "
                  "a time or +8d4h after the start; kinds are below")
      ->group(group)
      ->allow_extra_args(false);
}

void AddOutputFlags(CLI::App& verb, Flags& flags) {
  const char* group = "Output (one of --out, --remote-write, --serve)";
  verb.add_option("--out", flags.out, "Folder for the files")->group(group);
  verb.add_option("--compress", flags.compress, "metrics.om as none, gz or zst (with --out)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--remote-write", flags.remote_write, "URL of the receiver")->group(group);
  verb.add_option("--speed", flags.speed, "max, or a factor of real time such as 60x")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--protocol", flags.protocol, "Remote write v1 or v2")
      ->group(group)
      ->capture_default_str();
  verb.add_flag("--native-histograms", flags.native_histograms,
                "Latencies as native histograms with custom buckets (with --remote-write)")
      ->group(group);
  verb.add_option("--batch", flags.batch, "Samples per request (1 to 100000)")
      ->group(group)
      ->capture_default_str();
  verb.add_option("--serve", flags.serve, "Address to serve /metrics at, such as 127.0.0.1:9100")
      ->group(group);
}

int Fail(int code, const Error& error) {
  std::fprintf(stderr, "quell simulate: %s\n", error.message.c_str());
  return code;
}

Error Wrong(const std::string& message) { return MakeError(ErrorCode::kInvalidArgument, message); }

Result<DurationMs> FlagDuration(const char* flag, const std::string& text) {
  Result<DurationMs> duration = ParseDuration(text);
  if (!duration.ok()) return WithContext(duration.error(), std::string(flag) + " \"" + text + "\"");
  return duration;
}

Result<TimeMs> FlagStart(const std::string& text, Clock& clock) {
  if (text.empty()) return kDefaultStartMs;
  if (text.starts_with("now")) {
    const TimeMs now = clock.WallMs() / kSecondMs * kSecondMs;
    if (text == "now") return now;
    if (text.size() > 4 && (text[3] == '-' || text[3] == '+')) {
      QUELL_ASSIGN(const DurationMs by, FlagDuration("--start", text.substr(4)));
      return text[3] == '-' ? now - by : now + by;
    }
  }
  Result<TimeMs> time = ParseTime(text);
  if (!time.ok()) return WithContext(time.error(), "--start \"" + text + "\"");
  if (*time < 0) return Wrong("--start \"" + text + "\" lies before 1970");
  return time;
}

Status Complete(Flags& flags, Clock& clock) {
  QUELL_ASSIGN(flags.options.start, FlagStart(flags.start, clock));
  QUELL_ASSIGN(flags.options.duration_ms, FlagDuration("--duration", flags.duration));
  QUELL_ASSIGN(flags.options.interval_ms, FlagDuration("--interval", flags.interval));
  QUELL_ASSIGN(flags.options.scrape_jitter_ms,
               FlagDuration("--scrape-jitter", flags.scrape_jitter));
  QUELL_ASSIGN(flags.options.quiet_start_ms, FlagDuration("--quiet-start", flags.quiet_start));
  const int outputs = static_cast<int>(!flags.out.empty()) +
                      static_cast<int>(!flags.remote_write.empty()) +
                      static_cast<int>(!flags.serve.empty());
  if (outputs != 1) {
    return Wrong("give one of --out DIR, --remote-write URL and --serve HOST:PORT (see --help)");
  }
  if (flags.native_histograms && flags.remote_write.empty()) {
    return Wrong("--native-histograms needs --remote-write");
  }
  return Ok{};
}

// A line on a terminal that is rewritten twice a second; elsewhere one every ten seconds.
class ProgressLine {
 public:
  ProgressLine(Clock& clock, TimeMs from, TimeMs to) : clock_(clock), from_(from), to_(to) {}
  ~ProgressLine() {
    if (shown_ && terminal_) std::fputc('\n', stderr);
  }
  void Show(TimeMs event_time, std::uint64_t samples) {
    const DurationMs now = clock_.MonotonicMs();
    if (started_ < 0) started_ = last_ = now;
    if (now - last_ < (terminal_ ? 500 : 10 * kSecondMs)) return;
    last_ = now;
    shown_ = true;
    const double share = static_cast<double>(event_time - from_) /
                         static_cast<double>(std::max<TimeMs>(1, to_ - from_));
    const double seconds = static_cast<double>(now - started_) / kSecondMs;
    std::fprintf(stderr, "%s%3.0f %%  %s  %llu samples  %.0f samples/s%s", terminal_ ? "\r" : "",
                 100 * share, FormatRfc3339(event_time).c_str(),
                 static_cast<unsigned long long>(samples), static_cast<double>(samples) / seconds,
                 terminal_ ? "  " : "\n");
  }

 private:
  Clock& clock_;
  TimeMs from_, to_;
  DurationMs started_ = -1, last_ = 0;
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  bool shown_ = false;
};

void Summarise(const char* what, std::uint64_t samples, DurationMs elapsed_ms) {
  const double seconds = static_cast<double>(std::max<DurationMs>(1, elapsed_ms)) / kSecondMs;
  std::fprintf(stderr, "%s %llu samples in %.1f s, %.0f samples/s\n", what,
               static_cast<unsigned long long>(samples), seconds,
               static_cast<double>(samples) / seconds);
}

int ToFiles(const Flags& flags, Simulator& simulator, Clock& clock) {
  Compression compression = Compression::kNone;
  if (flags.compress == "gz")
    compression = Compression::kGzip;
  else if (flags.compress == "zst")
    compression = Compression::kZstd;
  else if (flags.compress != "none") {
    return Fail(2, Wrong("--compress must be none, gz or zst, not \"" + flags.compress + "\""));
  }
  const TimeMs from = flags.options.start;
  const TimeMs to = from + flags.options.duration_ms;
  const DurationMs started = clock.MonotonicMs();
  OpenMetricsFiles files;
  {
    ProgressLine progress(clock, from, to);
    for (TimeMs tick = from; tick < to; tick += flags.options.interval_ms) {
      const Status ran = simulator.Run(tick, tick + 1, files);
      if (!ran.ok()) return Fail(1, ran.error());
      progress.Show(tick, files.samples());
    }
  }
  const auto counts = files.Write(simulator, flags.out, compression);
  if (!counts.ok()) return Fail(1, counts.error());
  Summarise("wrote", counts->samples, clock.MonotonicMs() - started);
  std::fprintf(stderr, "%s: %llu series, %zu incidents, %zu changes, %zu events in all\n",
               flags.out.c_str(), static_cast<unsigned long long>(counts->series),
               simulator.incidents().size(), simulator.changes().size(),
               simulator.scenario().events().size());
  return 0;
}

int ToRemoteWrite(const Flags& flags, Simulator& simulator, Clock& clock) {
  PushOptions options;
  options.url = flags.remote_write;
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://")) {
    return Fail(
        2, Wrong("--remote-write must be an http:// or https:// URL, not \"" + options.url + "\""));
  }
  const auto speed = ParseSpeed(flags.speed);
  if (!speed.ok()) return Fail(2, speed.error());
  options.speed = *speed;
  if (flags.protocol != "v1" && flags.protocol != "v2") {
    return Fail(2, Wrong("--protocol must be v1 or v2, not \"" + flags.protocol + "\""));
  }
  options.protocol =
      flags.protocol == "v1" ? ingest::WriteProtocol::kV1 : ingest::WriteProtocol::kV2;
  if (flags.batch < 1 || flags.batch > 100000) {
    return Fail(2,
                Wrong("--batch must be between 1 and 100000, not " + std::to_string(flags.batch)));
  }
  options.batch_samples = flags.batch;
  options.native_histograms = flags.native_histograms;
  const TimeMs from = flags.options.start;
  const TimeMs to = from + flags.options.duration_ms;
  PushSummary summary;
  {
    ProgressLine progress(clock, from, to);
    const auto pushed = Push(simulator, from, to, options, clock, [&](const PushSummary& so_far) {
      progress.Show(so_far.event_time, so_far.samples);
    });
    if (!pushed.ok()) return Fail(1, pushed.error());
    summary = *pushed;
  }
  Summarise("sent", summary.samples, summary.elapsed_ms);
  std::fprintf(stderr, "%llu requests, %llu repeated\n",
               static_cast<unsigned long long>(summary.requests),
               static_cast<unsigned long long>(summary.retries));
  return 0;
}

int Serve(Flags& flags, Clock& clock) {
  const auto address = ParseListenAddress(flags.serve);
  if (!address.ok()) return Fail(2, address.error());
  if (!flags.incidents_given) flags.options.incidents_per_week = 0;
  if (!flags.lookalikes_given) flags.options.lookalikes_per_week = 0;
  auto exporter = Exporter::Create(flags.options, clock);
  if (!exporter.ok()) return Fail(2, exporter.error());
  // Blocked before any thread starts, so that only sigwait() below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto port = (*exporter)->Start(address->first, address->second);
  if (!port.ok()) return Fail(1, port.error());
  std::fprintf(stderr, "serving http://%s:%d/metrics (Ctrl-C ends it)\n", address->first.c_str(),
               *port);
  int signal = 0;
  sigwait(&signals, &signal);
  (*exporter)->Stop();
  return 0;
}

int RunSimulate(Flags& flags) {
  SystemClock clock;
  const Status complete = Complete(flags, clock);
  if (!complete.ok()) return Fail(2, complete.error());
  if (!flags.serve.empty()) return Serve(flags, clock);
  auto simulator = Simulator::Create(flags.options);
  if (!simulator.ok()) return Fail(2, simulator.error());
  return flags.out.empty() ? ToRemoteWrite(flags, **simulator, clock)
                           : ToFiles(flags, **simulator, clock);
}

}  // namespace

void AddSimulateCommand(CLI::App& app, int& exit_code) {
  CLI::App* verb = app.add_subcommand("simulate", kDescription);
  const auto flags = std::make_shared<Flags>();
  AddPlatformFlags(*verb, *flags);
  AddTimeFlags(*verb, *flags);
  AddOutputFlags(*verb, *flags);
  verb->footer(Footer());
  verb->callback([flags, &exit_code] { exit_code = RunSimulate(*flags); });
}

}  // namespace quell::cli
