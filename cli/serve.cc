// quell serve: the engine, until SIGTERM or SIGINT; SIGHUP reloads the configuration.
#include <malloc.h>

#include <csignal>
#include <cstdio>

#include "cli/commands.h"
#include "engine/api/engine.h"
#include "engine/api/server.h"
#include "engine/api/version.h"

namespace quell::cli {
namespace {

constexpr DurationMs kDrainMs = 5 * kSecondMs;

struct ServeFlags {
  std::string config;
  std::string listen;
  std::string data_dir;
  bool allow_unauthenticated = false;
};

void ReloadAndSay(api::Engine& engine, api::Server& server) {
  const Status reloaded = server.Reload();
  if (reloaded.ok()) {
    Log(LogLevel::kInfo, "configuration reloaded", {{"file", engine.config().file}});
  } else {
    Log(LogLevel::kError, "configuration not reloaded; the old one stays",
        {{"error", reloaded.error().message}});
  }
}

Result<config::Config> Configure(const ServeFlags& flags) {
  config::Config config = config::DefaultConfig();
  if (!flags.config.empty()) {
    QUELL_ASSIGN(config, config::LoadConfig(flags.config));
  }
  if (!flags.listen.empty()) {
    QUELL_ASSIGN(const config::Config listen,
                 config::ParseConfig("listen: \"" + flags.listen + "\"\n", "--listen"));
    config.listen_host = listen.listen_host;
    config.listen_port = listen.listen_port;
  }
  if (flags.allow_unauthenticated) config.allow_unauthenticated = true;
  if (!flags.data_dir.empty()) {
    config.data_dir = flags.data_dir;
    config.journal.folder = flags.data_dir + "/journal";
  }
  QUELL_TRY(config::CheckExposure(config));
  return config;
}

// What the operator should know about who can reach this server.
void WarnOfExposure(const config::Config& config) {
  switch (config::ExposureOf(config)) {
    case auth::Exposure::kAllowed:
      Log(LogLevel::kWarn, "everybody who reaches this address may do everything",
          {{"listen", config.listen_host}});
      break;
    case auth::Exposure::kCleartext:
      Log(LogLevel::kWarn, "credentials cross the network unencrypted: serve TLS",
          {{"listen", config.listen_host}});
      break;
    case auth::Exposure::kFine:
    case auth::Exposure::kUnauthenticated:
      break;
  }
}

// Each thread that once decoded a large request would keep that memory in its arena: above these
// sizes it goes back to the system when it is freed.
void GiveLargeBuffersBack() {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

int Serve(const ServeFlags& flags) {
  // Signals are taken by sigwait() below; every thread started from here on inherits the mask.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  GiveLargeBuffersBack();

  auto config = Configure(flags);
  if (!config.ok()) return Fail(config.error());
  SetUpLogging(config->log_level, config->log_format);
  SystemClock clock;
  Log(LogLevel::kInfo, "starting",
      {{"version", api::kVersion},
       {"config", config->file.empty() ? "embedded defaults" : config->file},
       {"data_dir", config->data_dir}});
  WarnOfExposure(*config);
  auto engine = api::Engine::Create(*config, clock);
  if (!engine.ok()) return Fail(engine.error());
  auto server = api::Server::Bind(**engine, clock);
  if (!server.ok()) return Fail(server.error());
  (*engine)->Start();
  (*server)->Start();
  const std::string address =
      "http://" + config->listen_host + ':' + std::to_string((*server)->port());
  Log(LogLevel::kInfo, "listening",
      {{"address", address}, {"remote_write", address + "/api/v1/write"}});
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) {
      Log(LogLevel::kInfo, "draining", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
      break;
    }
    ReloadAndSay(**engine, **server);
  }
  (*server)->Stop();
  (*engine)->Stop(kDrainMs);
  Log(LogLevel::kInfo, "stopped", {{"applied", (*engine)->status().journal_sequence}});
  return 0;
}

}  // namespace

void AddServe(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* verb = app.add_subcommand(
      "serve",
      "Receive remote write, judge, and page.\n\n"
      "With no configuration it listens on 127.0.0.1:9797, keeps its data in ./quell-data, finds\n"
      "signals by Prometheus naming conventions and pages to the console. Point Prometheus at "
      "it:\n\n"
      "  remote_write:\n"
      "    - url: http://127.0.0.1:9797/api/v1/write\n\n"
      "SIGHUP or POST /-/reload reloads the configuration (or keeps the old one and says why);\n"
      "SIGTERM drains and exits 0.");
  verb->add_option("--config,-c", flags->config,
                   "configuration file (YAML); see configs/quell.yaml")
      ->type_name("FILE");
  verb->add_option("--listen", flags->listen, "address to listen on, over the configuration's")
      ->type_name("HOST:PORT");
  verb->add_option("--data-dir", flags->data_dir, "folder for journal, store and snapshots")
      ->type_name("DIR");
  verb->add_flag("--allow-unauthenticated", flags->allow_unauthenticated,
                 "listen beyond loopback although nothing is asked of who comes");
  verb->callback([flags, &exit_code] { exit_code = Serve(*flags); });
}

}  // namespace quell::cli
