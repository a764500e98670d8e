// quell check: is a configuration right, and what does it say?
#include <cstdio>

#include "cli/commands.h"
#include "core/clock.h"
#include "core/matcher.h"
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
    case config::ReceiverKind::kAlertmanager:
      return "alertmanager";
    case config::ReceiverKind::kSlack:
      return "slack";
    case config::ReceiverKind::kWebhook:
      return "webhook";
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

struct CheckFlags {
  std::string file;
  std::string route;  // labels; "" = none asked for
  std::string at;
};

// Where a page with such labels would go, and why.
int ShowRoute(const config::Config& config, const CheckFlags& flags) {
  const bool braces = flags.route.find('{') != std::string::npos;
  const auto labels = Selector::Parse(braces ? flags.route : "{" + flags.route + "}");
  if (!labels.ok()) return Fail(labels.error());
  paging::RouteSubject subject;
  subject.severity = incidents::Severity::kError;
  for (const Matcher& matcher : labels->matchers()) {
    if (matcher.op() != MatchOp::kEqual) {
      return Fail(MakeError(ErrorCode::kInvalidArgument,
                            "--route: labels are name=\"value\", not " + matcher.ToString()));
    }
    if (matcher.name() != "severity") {
      subject.values[matcher.name()].push_back(matcher.value());
      continue;
    }
    using incidents::Severity;
    bool known = false;
    for (const Severity one :
         {Severity::kInfo, Severity::kWarning, Severity::kError, Severity::kCritical}) {
      if (incidents::SeverityName(one) != matcher.value()) continue;
      subject.severity = one;
      known = true;
    }
    if (!known) {
      return Fail(MakeError(
          ErrorCode::kInvalidArgument,
          "--route: severity is info, warning, error or critical, not " + matcher.value()));
    }
  }
  subject.at = SystemClock().WallMs();
  if (!flags.at.empty()) {
    const auto at = ParseTime(flags.at);
    if (!at.ok()) return Fail(at.error());
    subject.at = *at;
  }
  const paging::RouteChoice choice = paging::ChooseRoute(config.routes, subject);
  std::printf("A page of severity %s at %s:\n",
              std::string(incidents::SeverityName(subject.severity)).c_str(),
              FormatRfc3339(subject.at).c_str());
  for (const std::string& line : choice.why) std::printf("  %s\n", line.c_str());
  for (const config::ReceiverConfig& receiver : config.receivers) {
    if (!choice.Includes(receiver.name)) continue;
    std::printf("goes to %s (%s)\n", receiver.name.c_str(),
                std::string(ReceiverKindName(receiver.kind)).c_str());
  }
  return 0;
}

int Check(const CheckFlags& flags) {
  const std::string& file = flags.file;
  const auto config = config::LoadConfig(file);
  if (!config.ok()) return Fail(config.error());
  const Status served = config::CheckExposure(*config);
  if (!served.ok()) return Fail(served.error());
  if (!flags.route.empty()) return ShowRoute(*config, flags);
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
  std::printf("  routes            %zu\n", config->routes.size());
  return 0;
}

}  // namespace

void AddCheck(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<CheckFlags>();
  CLI::App* verb = app.add_subcommand(
      "check",
      "Read a configuration strictly and say what it means.\n\n"
      "Errors name file:line:column, the key and the value; unknown keys are errors, with the\n"
      "nearest known name. Secrets named by *_file or *_env must be readable here.");
  verb->add_option("--config,-c,config", flags->file, "configuration file (YAML)")
      ->type_name("FILE")
      ->required();
  verb->add_option("--route", flags->route,
                   "Say where a page with these labels would go, and why: 'psp=\"acme\", "
                   "severity=\"critical\"'")
      ->type_name("LABELS");
  verb->add_option("--at", flags->at, "the moment for --route (RFC 3339); default: now")
      ->type_name("TIME");
  verb->callback([flags, &exit_code] { exit_code = Check(*flags); });
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
