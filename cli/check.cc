// quell check: is a configuration right, and what does it say?
#include <cstdio>

#include "cli/commands.h"
#include "engine/api/version.h"
#include "engine/config/config.h"

namespace quell::cli {
namespace {

std::string_view ReceiverKindName(config::ReceiverKind kind) {
  switch (kind) {
    case config::ReceiverKind::kConsole:
      return "console";
    case config::ReceiverKind::kFile:
      return "file";
    case config::ReceiverKind::kPagerDuty:
      return "pagerduty";
  }
  return "console";
}

// "2 tokens, 1 users, 0 client certificates; anonymous: none".
std::string Admitted(const auth::Options& options) {
  if (!options.configured) return "everybody, to everything";
  return std::to_string(options.tokens.size()) + " tokens, " +
         std::to_string(options.users.size()) + " users, " +
         std::to_string(options.certificates.size()) +
         " client certificates; anonymous: " + options.anonymous.ToString();
}

int Check(const std::string& file) {
  const auto config = config::LoadConfig(file);
  if (!config.ok()) return Fail(config.error());
  const Status served = config::CheckExposure(*config);
  if (!served.ok()) return Fail(served.error());
  const pipeline::PipelineOptions& options = config->pipeline;
  std::printf("%s is valid.\n", file.c_str());
  std::printf("  listens on        %s:%d\n", config->listen_host.c_str(), config->listen_port);
  std::printf("  admits            %s\n", Admitted(config->auth).c_str());
  std::printf("  keeps data in     %s\n", config->data_dir.c_str());
  std::printf("  step, lateness    %s, %s\n", FormatDuration(options.signals.step_ms).c_str(),
              FormatDuration(options.lateness_ms).c_str());
  std::printf("  page budget       %g false pages a week\n", options.false_pages_per_week);
  std::printf("  signals           %zu defined, discovery %s\n", options.definitions.size(),
              options.signals.discover ? "on" : "off");
  for (const signals::SignalDef& def : options.definitions) {
    std::printf("    %-28s %s\n", def.name.c_str(),
                std::string(detectors::SignalKindName(def.kind)).c_str());
  }
  for (const config::ReceiverConfig& receiver : config->receivers) {
    std::printf("  receiver          %s (%s)\n", receiver.name.c_str(),
                std::string(ReceiverKindName(receiver.kind)).c_str());
  }
  return 0;
}

}  // namespace

void AddCheck(CLI::App& app, int& exit_code) {
  auto file = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand(
      "check",
      "Read a configuration strictly and say what it means.\n\n"
      "Errors name file:line:column, the key and the value; unknown keys are errors, with the\n"
      "nearest known name. Secrets named by *_file or *_env must be readable here.");
  verb->add_option("--config,-c,config", *file, "configuration file (YAML)")
      ->type_name("FILE")
      ->required();
  verb->callback([file, &exit_code] { exit_code = Check(*file); });
}

void AddVersion(CLI::App& app, int& exit_code) {
  CLI::App* verb = app.add_subcommand("version", "Print version, commit and compiler.");
  verb->callback([&exit_code] {
    std::printf("quell %s (commit %s, %s)\n", std::string(api::kVersion).c_str(),
                std::string(api::kCommit).c_str(), "C++20, " __VERSION__);
    exit_code = 0;
  });
}

}  // namespace quell::cli
