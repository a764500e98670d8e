// quell status: how a running engine is.
#include <cstdio>
#include <memory>

#include "cli/client/engine_client.h"
#include "cli/client/table.h"
#include "cli/commands.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

int ShowStatus(const EngineFlags& flags) {
  const auto status = Ask(flags, "GET", "/api/v1/status");
  if (!status.ok()) return FailOf(status.error());
  const bool ready = Member(*status, "ready") == true;
  const bool well = ready && TextOf(*status, "last_error").empty();
  if (flags.json) {
    PrintJson(*status);
    return well ? 0 : 1;
  }
  const auto line = [](const char* name, const std::string& text) {
    std::printf("  %-16s %s\n", name, Inert(text).c_str());
  };
  const auto count = [&](const char* member) {
    char text[32];
    std::snprintf(text, sizeof text, "%.0f", NumberOf(*status, member));
    return std::string(text);
  };
  std::printf("quell %s at %s is %s\n", Inert(TextOf(*status, "version")).c_str(),
              Inert(flags.url).c_str(), ready ? "ready" : "not ready");
  if (!TextOf(*status, "last_error").empty()) line("LAST ERROR", TextOf(*status, "last_error"));
  const std::string time = TimeText(*status, "event_time");
  line("event time", time.starts_with("1970") ? "-" : time);
  line("journal", count("journal_sequence") + " of " + count("journal_last") + " decided upon");
  line("series", count("series"));
  std::string states;
  for (const auto& [name, number] : Member(*status, "signal_states").items()) {
    if (number.is_number() && number != 0) {
      states += (states.empty() ? " (" : ", ") + number.dump() + ' ' + name;
    }
  }
  line("signals", count("signals") + states + (states.empty() ? "" : ")"));
  line("open incidents", count("open_incidents"));
  line("open alerts", count("open_alerts"));
  line("pages to send", count("outbox_pending"));
  line("pages given up", count("dead_letters"));
  return well ? 0 : 1;
}

}  // namespace

void AddStatus(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<EngineFlags>();
  CLI::App* verb = app.add_subcommand(
      "status", "Print how a running engine is; exits with 1 if it is not ready or has an error.");
  AddEngineFlags(*verb, *flags);
  verb->callback([flags, &exit_code] { exit_code = ShowStatus(*flags); });
}

}  // namespace quell::cli
