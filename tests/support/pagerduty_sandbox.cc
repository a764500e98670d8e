// pagerduty-sandbox: a PagerDuty to watch. Listens with HTTPS on 127.0.0.1, checks every event as
// PagerDuty's Events API v2 would, and prints each page and its resolve.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <mutex>

#include "core/file.h"
#include "tests/support/pagerduty_print.h"
#include "tests/support/pagerduty_server.h"

namespace {

using quell::test::AcceptedEvent;
using quell::test::ReceivedRequest;

struct Flags {
  int port = 0;
  int per_minute = 0;
  std::string ca_out;
  std::string log;
  std::string state;
  std::string fail_script;
};

int Complain(const std::string& message) {
  std::fprintf(stderr, "pagerduty-sandbox: %s\n", message.c_str());
  return 1;
}

// Where blocks and records go. The server calls one at a time, refusals aside.
class Watcher {
 public:
  explicit Watcher(const Flags& flags) : screen_(isatty(STDOUT_FILENO) != 0), file_(false) {
    if (!flags.log.empty()) log_.open(flags.log, std::ios::app);
    if (!flags.state.empty()) state_.open(flags.state, std::ios::app);
    ok_ = log_.good() && state_.good();
  }
  [[nodiscard]] bool ok() const { return ok_; }

  void OnEvent(const AcceptedEvent& event) {
    const std::lock_guard lock(mutex_);
    Show(screen_.Block(event), file_.Block(event));
    if (!state_.is_open()) return;
    using nlohmann::ordered_json;
    state_ << quell::test::EventRecord(event).dump(-1, ' ', false,
                                                   ordered_json::error_handler_t::replace)
           << std::endl;
  }
  void OnRefused(const ReceivedRequest& request) {
    const std::lock_guard lock(mutex_);
    Show(screen_.Refused(request), file_.Refused(request));
  }

 private:
  void Show(const std::string& on_screen, const std::string& in_file) {
    std::fputs(on_screen.c_str(), stdout);
    std::fflush(stdout);
    if (log_.is_open()) log_ << in_file << std::flush;
  }
  std::mutex mutex_;  // guards what follows
  quell::test::PagePrinter screen_;
  quell::test::PagePrinter file_;
  std::ofstream log_;
  std::ofstream state_;
  bool ok_ = false;
};

int Run(const Flags& flags, const sigset_t& ends) {
  const auto faults = quell::test::ParseFailScript(flags.fail_script);
  if (!faults.ok()) return Complain(faults.error().message);
  Watcher watcher(flags);
  if (!watcher.ok()) return Complain("cannot write " + flags.log + " " + flags.state);
  quell::SystemClock clock;
  quell::test::PagerDutyServerOptions options;
  options.port = flags.port;
  options.per_minute = flags.per_minute;
  options.on_event = [&](const AcceptedEvent& event) { watcher.OnEvent(event); };
  options.on_refused = [&](const ReceivedRequest& request) { watcher.OnRefused(request); };
  const auto server = quell::test::PagerDutyServer::Start(clock, options);
  if (!server.ok()) return Complain(server.error().message);
  (*server)->Fail(*faults);
  if (!flags.ca_out.empty()) {
    const quell::Status written = quell::WriteFileAtomic(flags.ca_out, (*server)->ca_pem());
    if (!written.ok()) return Complain(written.error().message);
  }
  std::printf("pagerduty-sandbox: listening on %s\n", (*server)->url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  std::printf("pagerduty-sandbox: stopped, %zu events\n", (*server)->Events().size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // Before any thread starts, so that all inherit it and sigwait() gets them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  CLI::App app{"A PagerDuty-compatible server (Events API v2) to try Quell against.",
               "pagerduty-sandbox"};
  Flags flags;
  app.add_option("--port", flags.port, "Port on 127.0.0.1; 0 = any free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--per-minute", flags.per_minute,
                 "Answer 429 beyond so many events of a routing key in a minute; 0 = never")
      ->check(CLI::Range(0, 1000000));
  app.add_option("--ca-out", flags.ca_out, "Write the certificate here (PEM), for clients");
  app.add_option("--log", flags.log, "Also append the blocks to this file");
  app.add_option("--state", flags.state, "Append each accepted event as a JSON line");
  app.add_option("--fail-script", flags.fail_script,
                 "Fail the first requests, e.g. 503x3,429:2,hang,reset,take_reset,pass,400");
  CLI11_PARSE(app, argc, argv);
  return Run(flags, ends);
}
