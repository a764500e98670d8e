#include "cli/replay_flags.h"

#include <unistd.h>

#include <cstdio>
#include <memory>

#include "engine/config/config.h"
#include "engine/config/dedup_model_file.h"

namespace quell::cli {
namespace {

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
  config::UseDedupModel(config);
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

}  // namespace

void AddReplayFlags(CLI::App& verb, ReplayFlags& flags) {
  verb.add_option("--input,-i", flags.inputs,
                  "history: openmetrics:PATH (file or folder, .gz and .zst too), csv:PATH,\n"
                  "journal:DIR or prometheus:URL; repeatable")
      ->type_name("SRC")
      ->required();
  verb.add_option("--incidents", flags.incidents,
                  "what really happened: own JSON or CSV, or what PagerDuty, Alertmanager,\n"
                  "Opsgenie or incident.io exported")
      ->type_name("FILE");
  verb.add_option("--changes", flags.changes, "announced changes (deploys, holidays, ...): JSON")
      ->type_name("FILE");
  verb.add_option("--evaluate-from", flags.evaluate_from,
                  "pages and incidents before this only teach (RFC 3339 or epoch seconds)")
      ->type_name("TIME");
  verb.add_option("--config,-c", flags.config, "configuration file (YAML)")->type_name("FILE");
  verb.add_option("--from", flags.from, "first moment to read from a Prometheus server")
      ->type_name("TIME");
  verb.add_option("--to", flags.to, "last moment to read from a Prometheus server")
      ->type_name("TIME");
  verb.add_option("--samples-max", flags.samples_max, "most samples kept in memory, 16 bytes each")
      ->capture_default_str();
  verb.add_flag("--quiet,-q", flags.quiet, "no progress bar");
}

void AddCostFlags(CLI::App& verb, replay::ScoringOptions& scoring) {
  const auto weight = [&](const char* flag, double& value, const char* words) {
    verb.add_option(flag, value, words)->check(CLI::NonNegativeNumber)->capture_default_str();
  };
  weight("--cost-missed", scoring.cost_missed, "what a missed incident costs");
  weight("--cost-false", scoring.cost_false_page, "what a false page costs");
  weight("--cost-duplicate", scoring.cost_duplicate, "what a further page of an incident costs");
  weight("--cost-minute", scoring.cost_minute_late, "what a minute until the page costs");
}

Result<ReplayInputs> ReadReplayInputs(const ReplayFlags& flags) {
  ReplayInputs inputs;
  QUELL_ASSIGN(inputs.options, Configure(flags));
  if (!flags.incidents.empty()) {
    QUELL_ASSIGN(inputs.incidents, replay::ReadIncidents(flags.incidents));
  }
  return inputs;
}

replay::ProgressCall ReplayProgress(const ReplayFlags& flags) {
  if (flags.quiet) return nullptr;
  return [bar = std::make_shared<ProgressBar>()](const std::string& stage, double done) {
    bar->Show(stage, done);
  };
}

}  // namespace quell::cli
