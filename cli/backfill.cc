// quell backfill: a past out of Prometheus or files into a data directory.
#include "engine/backfill/backfill.h"

#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "cli/commands.h"
#include "cli/prometheus_flags.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/log.h"
#include "engine/config/config.h"
#include "engine/signals/series_filter.h"
#include "ingest/sensitive.h"

namespace quell::cli {
namespace {

struct BackfillFlags {
  std::string input, selector, from, to, data_dir, config;
  PrometheusFlags prometheus;
  std::uint64_t samples_max = backfill::PrometheusSourceOptions{}.samples_max;
  backfill::PaceOptions pace;
  bool restart = false, quiet = false;
};

// "1h02m", "3m05s", "12s".
std::string Rough(DurationMs duration) {
  const auto seconds = static_cast<long long>(duration / kSecondMs);
  char text[32];
  if (seconds >= 3600) {
    std::snprintf(text, sizeof text, "%lldh%02lldm", seconds / 3600, seconds / 60 % 60);
  } else if (seconds >= 60) {
    std::snprintf(text, sizeof text, "%lldm%02llds", seconds / 60, seconds % 60);
  } else {
    std::snprintf(text, sizeof text, "%llds", seconds);
  }
  return text;
}

std::uint64_t PerSecond(std::uint64_t count, DurationMs elapsed) {
  return count * kSecondMs / static_cast<std::uint64_t>(std::max<DurationMs>(1, elapsed));
}

// A bar that redraws itself on a terminal, and a line every tenth elsewhere.
class BackfillBar {
 public:
  void Show(const backfill::State& state) {
    const double whole = static_cast<double>(state.to - state.from);
    const double share = static_cast<double>(state.next - state.from) / whole;
    const int percent = static_cast<int>(share * 100);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (!terminal && percent / 10 == shown_ / 10) return;
    shown_ = percent;
    const double now = static_cast<double>(state.next - state.begun_at);
    const double left = static_cast<double>(state.to - state.next);
    const auto eta = static_cast<DurationMs>(static_cast<double>(state.elapsed_ms) * left / now);
    char text[160];
    std::snprintf(text, sizeof text,
                  "%3d %%  up to %.16s  %" PRIu64 " series  %" PRIu64 " samples  %" PRIu64
                  "/s  left %s",
                  percent, FormatRfc3339(state.next).c_str(), state.series_max, state.samples,
                  PerSecond(state.samples_now, state.elapsed_ms), Rough(eta).c_str());
    if (!terminal) {
      std::fprintf(stderr, "backfill %s\n", text);
      return;
    }
    constexpr int kWidth = 24;
    const std::string bar(static_cast<size_t>(percent * kWidth / 100), '#');
    std::fprintf(stderr, "\r[%-24s] %-100s", bar.c_str(), text);
    if (percent >= 100) std::fputc('\n', stderr);
  }

 private:
  int shown_ = 0;
};

Status ReadMoment(const std::string& flag, const std::string& text, TimeMs& out) {
  if (text.empty()) return Ok{};
  const auto time = ParseTime(text);
  if (!time.ok()) return WithContext(time.error(), flag);
  out = *time;
  return Ok{};
}

// What decides which samples become which records; a run goes on only where it is the same.
std::string DigestOf(const config::Config& config, const BackfillFlags& flags,
                     const backfill::SliceOptions& slices) {
  std::string text = flags.selector + '\n' + std::to_string(slices.slice_ms) + '\n' +
                     (config.pipeline.signals.discover ? "discover\n" : "\n");
  for (const signals::SignalDef& def : config.pipeline.definitions) {
    for (const auto* selector : {&def.total, &def.bad, &def.selector}) {
      text += (selector->has_value() ? (*selector)->ToString() : std::string()) + '\n';
    }
  }
  const ingest::RedactionOptions& redaction = config.redaction;
  for (const auto action : {redaction.card_numbers, redaction.ibans, redaction.emails}) {
    text += std::to_string(static_cast<int>(action)) + '\n';
  }
  for (const ingest::RedactionRule& rule : redaction.rules) {
    text += rule.label + ' ' + std::to_string(static_cast<int>(rule.action)) + '\n';
  }
  return Sha256Hex(text).substr(0, 16);
}

Result<std::unique_ptr<backfill::Source>> MakeSource(const BackfillFlags& flags,
                                                     const config::Config& config,
                                                     backfill::Wants wants) {
  if (flags.prometheus.url.empty()) {
    const size_t colon = flags.input.find(':');
    const std::string kind = flags.input.substr(0, colon);
    const bool known = colon != std::string::npos && (kind == "openmetrics" || kind == "csv");
    if (!known || flags.input.size() == colon + 1) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "--input must be openmetrics:PATH or csv:PATH, not \"" + flags.input + "\"");
    }
    return backfill::MakeFileSource(
        kind == "csv" ? backfill::FileKind::kCsv : backfill::FileKind::kOpenMetrics,
        flags.input.substr(colon + 1), flags.samples_max, std::move(wants));
  }
  backfill::PrometheusSourceOptions options;
  QUELL_ASSIGN(options.access, PrometheusAccessOf(flags.prometheus));
  options.selector = flags.selector;
  options.definitions = config.pipeline.definitions;
  options.discover = config.pipeline.signals.discover;
  options.step_ms = config.pipeline.signals.step_ms;
  options.samples_max = flags.samples_max;
  return backfill::MakePrometheusSource(std::move(options), std::move(wants));
}

void Summarise(const backfill::Report& report, const std::string& data_dir) {
  const backfill::State& state = report.state;
  if (report.outcome == backfill::Outcome::kNothing) {
    std::printf("Nothing to do: from %s on there is nothing that the journal in %s lacks.\n",
                FormatRfc3339(state.from).c_str(), data_dir.c_str());
    return;
  }
  std::printf("%" PRIu64 " samples of up to %" PRIu64 " series from %s to %s\n", state.samples,
              state.series_max, FormatRfc3339(state.from).c_str(), FormatRfc3339(state.to).c_str());
  std::printf("in %" PRIu64 " records, %" PRIu64 " bytes of journal\n", state.records,
              state.journal_bytes);
  std::printf("this run: %s, %" PRIu64 " samples/s; querying %s, waiting %s, %" PRIu64 " retries\n",
              Rough(state.elapsed_ms).c_str(), PerSecond(state.samples_now, state.elapsed_ms),
              Rough(state.requests_ms).c_str(), Rough(state.waited_ms).c_str(), state.retries);
  if (state.histogram_chunks > 0) {
    std::printf("%" PRIu64 " chunks of native histograms were left out\n", state.histogram_chunks);
  }
  std::printf("'quell serve' learns it when it starts next.\n");
}

Status Backfill(const BackfillFlags& flags) {
  config::Config config = config::DefaultConfig();
  if (!flags.config.empty()) {
    QUELL_ASSIGN(config, config::LoadConfig(flags.config));
  }
  SetUpLogging(config.log_level, config.log_format);
  backfill::Options options;
  options.data_dir = flags.data_dir.empty() ? config.data_dir : flags.data_dir;
  QUELL_TRY(ReadMoment("--from", flags.from, options.from));
  QUELL_TRY(ReadMoment("--to", flags.to, options.to));
  const bool bounded = options.from != 0 && options.to != 0;
  if ((!bounded && !flags.prometheus.url.empty()) || (bounded && options.from >= options.to)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "--prometheus needs --from and --to, with --from before --to");
  }
  options.slices.slice_ms =
      std::clamp(config.pipeline.lateness_ms, kSecondMs, backfill::SliceOptions{}.slice_ms);
  options.configuration = DigestOf(config, flags, options.slices);
  options.journal = config.journal;
  options.redaction = config.redaction;
  options.pace = flags.pace;
  options.restart = flags.restart;
  signals::SeriesFilter filter(config.pipeline.definitions, config.pipeline.signals.discover);
  const auto wants = [&filter](const Labels& labels) { return filter.Wants(labels); };
  QUELL_ASSIGN(const auto source, MakeSource(flags, config, wants));
  SystemClock clock;
  BackfillBar bar;
  backfill::ProgressCall progress;
  if (!flags.quiet) progress = [&bar](const backfill::State& state) { bar.Show(state); };
  QUELL_ASSIGN(const backfill::Report report,
               backfill::RunBackfill(options, *source, clock, progress));
  Summarise(report, options.data_dir);
  return Ok{};
}

void AddSourceFlags(CLI::App& verb, BackfillFlags& flags) {
  auto* source = verb.add_option_group("source");
  source
      ->add_option("--prometheus", flags.prometheus.url,
                   "a Prometheus server (remote read or its query API)")
      ->type_name("URL");
  source->add_option("--input,-i", flags.input, "files: openmetrics:PATH or csv:PATH")
      ->type_name("SRC");
  source->require_option(1);
  verb.add_option("--selector", flags.selector,
                  "series to ask Prometheus for; default: the metrics that signals could use")
      ->type_name("SELECTOR");
  AddPrometheusAccessFlags(verb, flags.prometheus);
}

void AddPaceFlags(CLI::App& verb, BackfillFlags& flags) {
  verb.add_option("--samples-per-second-max", flags.pace.samples_per_second_max,
                  "most samples read a second, on average")
      ->capture_default_str();
  verb.add_option("--duty", flags.pace.duty,
                  "at most this share of time is spent querying, above 0 to 1")
      ->capture_default_str();
  verb.add_option("--samples-max", flags.samples_max,
                  "most samples in memory at once, 16 bytes each")
      ->capture_default_str();
}

}  // namespace

void AddBackfill(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<BackfillFlags>();
  CLI::App* verb = app.add_subcommand(
      "backfill",
      "Put months of history into a data directory, so that 'serve' starts with learned "
      "baselines.\n\n"
      "The server must not be running. History ends where the journal's own samples begin. A run\n"
      "that was stopped or killed goes on when it is given the same options again. 'serve' learns\n"
      "the history when it starts next, and pages nothing of it.");
  AddSourceFlags(*verb, *flags);
  verb->add_option("--from", flags->from, "first moment (RFC 3339 or epoch seconds)")
      ->type_name("TIME");
  verb->add_option("--to", flags->to, "the moment after the last")->type_name("TIME");
  verb->add_option("--data-dir", flags->data_dir, "folder of the server, over the configuration's")
      ->type_name("DIR");
  verb->add_option("--config,-c", flags->config, "the server's configuration file (YAML)")
      ->type_name("FILE");
  AddPaceFlags(*verb, *flags);
  verb->add_flag("--restart", flags->restart, "discard what another run has left");
  verb->add_flag("--quiet,-q", flags->quiet, "no progress");
  verb->callback([flags, &exit_code] {
    const Status done = Backfill(*flags);
    // A malformed line is quoted, whatever stands in it.
    exit_code =
        done.ok() ? 0
                  : Fail(MakeError(done.error().code, ingest::MaskSensitive(done.error().message)));
  });
}

}  // namespace quell::cli
