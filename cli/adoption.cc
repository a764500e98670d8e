// quell adoption list | undo: the shifts that a running engine adopted, and taking one back.
#include <cstdio>
#include <memory>

#include "cli/client/engine_client.h"
#include "cli/client/table.h"
#include "cli/commands.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

struct AdoptionFlags {
  EngineFlags engine;
  std::string id;
};

std::string NumberText(const Json& row, const char* member) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", NumberOf(row, member));
  return text;
}

int List(const AdoptionFlags& flags) {
  const auto answer = Ask(flags.engine, "GET", "/api/v1/adoptions");
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
    return 0;
  }
  using Fit = Table::Fit;
  Table table({{"ID"},
               {"SHIFTED"},
               {"ADOPTED (UTC)"},
               {"SINCE"},
               {"FROM", Fit::kRight},
               {"TO", Fit::kRight},
               {"SIGNAL", Fit::kCut},
               {"LABELS", Fit::kCut},
               {"HOURS"},
               {""}});
  for (const Json& row : RowsOf(*answer, "adoptions")) {
    table.Add({TextOf(row, "adoption"), TextOf(row, "shifted"), TimeText(row, "adopted_at"),
               TimeText(row, "since"), NumberText(row, "from"), NumberText(row, "to"),
               TextOf(row, "signal"), LabelsText(row, "labels"), TextOf(row, "hours"),
               Member(row, "undone_at").is_string() ? "undone" : ""});
  }
  std::fputs(table.Render(TerminalWidth()).c_str(), stdout);
  return 0;
}

int Undo(const AdoptionFlags& flags) {
  const auto answer = Ask(flags.engine, "POST", "/api/v1/adoptions/" + flags.id + "/undo");
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
  } else {
    std::printf("accepted: what was usual before is expected again\n");
  }
  return 0;
}

}  // namespace

void AddAdoption(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<AdoptionFlags>();
  CLI::App* verb = app.add_subcommand(
      "adoption", "List or undo the lasting shifts that a running engine adopted as normal.");
  verb->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*call)(const AdoptionFlags&)) {
    CLI::App* sub = verb->add_subcommand(name, help);
    AddEngineFlags(*sub, flags->engine);
    sub->callback([flags, call, &exit_code] { exit_code = call(*flags); });
    return sub;
  };
  add("list", "Print the latest adoptions, newest first.", List);
  add("undo",
      "Expect again what was usual before (role operate).\n\n"
      "If the signal still deviates from it, that is an alert. A level is not adopted again\n"
      "for a day, a scale not for three, an hour of the day not for seven.",
      Undo)
      ->add_option("id", flags->id, "the adoption's id")
      ->required()
      ->check([](const std::string& id) {
        const bool fine =
            id.size() == 16 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
        return fine ? std::string() : std::string("an id has 16 hexadecimal digits");
      });
}

}  // namespace quell::cli
