#include <cstdio>

#include "cli/commands.h"
#include "cli/simulate.h"
#include "core/log.h"
#include "engine/api/version.h"

namespace quell::cli {

int Fail(const Error& error) {
  std::fprintf(stderr, "quell: %s\n", error.message.c_str());
  return 1;
}

}  // namespace quell::cli

int main(int argc, char** argv) {
  using namespace quell;
  SetUpLogging(LogLevel::kInfo, LogFormat::kLogfmt);
  CLI::App app{
      "Quell pages payment SREs once, for what is real, and says why.\n\n"
      "It receives Prometheus remote write, judges failure ratios, latencies, volumes and gauges\n"
      "against their own seasons, clusters what goes wrong together, and pages once per incident.\n"
      "The same pipeline replays the past and scores itself against your incident history.",
      "quell"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(api::kVersion));
  app.footer(
      "Examples:\n"
      "  quell serve                              listen on 127.0.0.1:9797, data in ./quell-data\n"
      "  quell simulate --out history             two weeks of a payments platform, with "
      "incidents\n"
      "  quell replay --input openmetrics:history/metrics.om --incidents history/incidents.json\n"
      "               --out report                score the detectors on that history\n"
      "  quell backfill --prometheus http://prom:9090 --from 2026-08-01T00:00:00Z \\\n"
      "               --to 2026-11-01T00:00:00Z   learn three months before the first start\n"
      "  quell check --config configs/quell.yaml  is the configuration right?\n"
      "  quell incident list --state open         what a running engine says is wrong\n\n"
      "'quell VERB --help' explains a verb, 'quell man | man -l -' all. Logs go to stderr. Exit\n"
      "codes: 0 done, 1 failed, 2 wrong command line, 3 a bound of gate does not hold or tune\n"
      "refuses, 4 the engine cannot be reached, 5 it asks for credentials, 6 it knows no such "
      "thing.");
  int exit_code = 0;
  cli::AddServe(app, exit_code);
  cli::AddReplay(app, exit_code);
  cli::AddGate(app, exit_code);
  cli::AddTrainDedup(app, exit_code);
  cli::AddTune(app, exit_code);
  cli::AddDigest(app, exit_code);
  cli::AddDrift(app, exit_code);
  cli::AddForecast(app, exit_code);
  cli::AddBackfill(app, exit_code);
  cli::AddScore(app, exit_code);
  cli::AddSimulateCommand(app, exit_code);
  cli::AddStatus(app, exit_code);
  cli::AddIncident(app, exit_code);
  cli::AddSignal(app, exit_code);
  cli::AddChange(app, exit_code);
  cli::AddSilence(app, exit_code);
  cli::AddModel(app, exit_code);
  cli::AddToken(app, exit_code);
  cli::AddJournal(app, exit_code);
  cli::AddAdoption(app, exit_code);
  cli::AddAudit(app, exit_code);
  cli::AddExplain(app, exit_code);
  cli::AddCheck(app, exit_code);
  cli::AddConfig(app, exit_code);
  cli::AddCompletion(app, exit_code);
  cli::AddMan(app, exit_code);
  cli::AddVersion(app, exit_code);
  // The parser would only say that a verb is missing.
  const auto named = [&](const CLI::App* verb) { return verb->check_name(argv[1]); };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(named).empty()) {
    std::fprintf(stderr, "quell: there is no verb \"%s\"; see 'quell --help'\n", argv[1]);
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  return exit_code;
}
