// quell replay: the serving pipeline over a history, scored against incident records.
#include "replay/runner/replay.h"

#include <unistd.h>

#include <cstdio>

#include "cli/commands.h"
#include "core/clock.h"
#include "engine/config/config.h"
#include "replay/scoring/scoring.h"

namespace quell::cli {
namespace {

struct ReplayFlags {
  std::string config, incidents, changes, evaluate_from, from, to, out;
  std::vector<std::string> inputs;
  std::uint64_t samples_max = replay::ReplayOptions{}.samples_max;
  bool quiet = false;
};

// A bar that redraws itself on a terminal, and a line every tenth elsewhere.
class ProgressBar {
 public:
  void Show(const std::string& stage, double done) {
    const int percent = static_cast<int>(done * 100);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (stage == stage_ && percent / (terminal ? 1 : 10) == shown_ / (terminal ? 1 : 10)) return;
    if (terminal) {
      constexpr int kWidth = 40;
      const std::string bar(static_cast<size_t>(percent * kWidth / 100), '#');
      std::fprintf(stderr, "\r%-10s [%-40s] %3d %%", stage.c_str(), bar.c_str(), percent);
      if (percent >= 100) std::fputc('\n', stderr);
    } else {
      std::fprintf(stderr, "%s %d %%\n", stage.c_str(), percent);
    }
    stage_ = stage;
    shown_ = percent;
  }

 private:
  std::string stage_;
  int shown_ = -1;
};

Status ReadTime(const std::string& flag, const std::string& text, TimeMs& out) {
  if (text.empty()) return Ok{};
  const auto time = ParseTime(text);
  if (!time.ok()) return WithContext(time.error(), flag);
  out = *time;
  return Ok{};
}

Result<replay::ReplayOptions> Configure(const ReplayFlags& flags) {
  config::Config config = config::DefaultConfig();
  if (!flags.config.empty()) {
    QUELL_ASSIGN(config, config::LoadConfig(flags.config));
  }
  replay::ReplayOptions options;
  options.pipeline = config.pipeline;
  options.samples_max = flags.samples_max;
  for (const std::string& input : flags.inputs) {
    auto source = replay::ParseSource(input);
    if (!source.ok()) return WithContext(source.error(), "--input");
    options.sources.push_back(*std::move(source));
  }
  if (!flags.changes.empty()) {
    QUELL_ASSIGN(options.changes, replay::ReadChanges(flags.changes));
  }
  QUELL_TRY(ReadTime("--evaluate-from", flags.evaluate_from, options.evaluate_from));
  QUELL_TRY(ReadTime("--from", flags.from, options.from));
  QUELL_TRY(ReadTime("--to", flags.to, options.to));
  return options;
}

Status Replay(const ReplayFlags& flags) {
  QUELL_ASSIGN(const replay::ReplayOptions options, Configure(flags));
  std::vector<replay::LabelledIncident> incidents;
  if (!flags.incidents.empty()) {
    QUELL_ASSIGN(incidents, replay::ReadIncidents(flags.incidents));
  }
  ProgressBar bar;
  replay::ProgressCall progress;
  if (!flags.quiet)
    progress = [&](const std::string& stage, double done) { bar.Show(stage, done); };
  SystemClock clock;
  QUELL_ASSIGN(const replay::ReplayResult result,
               replay::RunReplay(options, incidents, clock, progress));
  const replay::Report report = replay::Score(result, incidents, {});
  QUELL_TRY(replay::WriteOutputs(result, report, incidents, flags.out));
  std::fputs(replay::FormatReport(result, report).c_str(), stdout);
  std::printf("\nWritten: %s/report.html, report.json, pages.json, alerts.json, decisions.jsonl\n",
              flags.out.c_str());
  return Ok{};
}

}  // namespace

void AddReplay(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* verb = app.add_subcommand(
      "replay",
      "Run the serving pipeline over a history and score its pages against incident records.\n\n"
      "Inputs may be unsorted between series and files. Without --config signals are discovered\n"
      "as 'serve' does. Writes pages.json, alerts.json, decisions.jsonl, report.json and a\n"
      "self-contained report.html.");
  verb->add_option("--input,-i", flags->inputs,
                   "history: openmetrics:PATH (file or folder, .gz and .zst too), csv:PATH,\n"
                   "journal:DIR or prometheus:URL; repeatable")
      ->type_name("SRC")
      ->required();
  verb->add_option("--incidents", flags->incidents,
                   "what really happened: JSON, CSV or a PagerDuty REST export")
      ->type_name("FILE");
  verb->add_option("--changes", flags->changes, "announced changes (deploys, holidays, ...): JSON")
      ->type_name("FILE");
  verb->add_option("--evaluate-from", flags->evaluate_from,
                   "pages and incidents before this only teach (RFC 3339 or epoch seconds)")
      ->type_name("TIME");
  verb->add_option("--config,-c", flags->config, "configuration file (YAML)")->type_name("FILE");
  verb->add_option("--from", flags->from, "first moment to read from a Prometheus server")
      ->type_name("TIME");
  verb->add_option("--to", flags->to, "last moment to read from a Prometheus server")
      ->type_name("TIME");
  verb->add_option("--samples-max", flags->samples_max,
                   "most samples kept in memory, 16 bytes each")
      ->capture_default_str();
  verb->add_option("--out,-o", flags->out, "folder for the results, made if absent")
      ->type_name("DIR")
      ->required();
  verb->add_flag("--quiet,-q", flags->quiet, "no progress bar");
  verb->callback([flags, &exit_code] {
    const Status done = Replay(*flags);
    exit_code = done.ok() ? 0 : Fail(done.error());
  });
}

}  // namespace quell::cli
