// quell signal: what a running engine watches, and how each stands.
#include <cmath>
#include <cstdio>
#include <memory>

#include "cli/client/engine_client.h"
#include "cli/client/table.h"
#include "cli/commands.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

struct SignalFlags {
  EngineFlags engine;
  std::string id, search, state, sort;
  std::vector<std::string> filters;
  int limit = 50;
  int offset = 0;
};

std::string NumberText(const Json& json, const char* member) {
  if (!Member(json, member).is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", NumberOf(json, member));
  return text;
}

std::string BandText(const Json& row) {
  const Json& band = RowsOf(row, "band");
  if (band.size() != 2 || !band[0].is_number() || !band[1].is_number()) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%.4g to %.4g", band[0].get<double>(), band[1].get<double>());
  return text;
}

int List(const SignalFlags& flags) {
  std::string path = "/api/v1/signals?limit=" + std::to_string(flags.limit) +
                     "&offset=" + std::to_string(flags.offset);
  if (!flags.search.empty()) path += "&search=" + Quoted(flags.search);
  if (!flags.state.empty()) path += "&state=" + flags.state;
  if (!flags.sort.empty()) path += "&sort=" + flags.sort;
  for (const std::string& filter : flags.filters) path += "&filter=" + Quoted(filter);
  const auto answer = Ask(flags.engine, "GET", path);
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
    return 0;
  }
  const Json& rows = RowsOf(*answer, "signals");
  if (rows.empty()) {
    std::printf("No such signals.\n");
    return 0;
  }
  using Fit = Table::Fit;
  Table table({{"ID"},
               {"STATE"},
               {"ALERT"},
               {"SIGNAL", Fit::kCut},
               {"LABELS", Fit::kCut},
               {"VALUE", Fit::kRight},
               {"EXPECTED", Fit::kRight},
               {"BAND"},
               {"EVIDENCE", Fit::kCut}});
  for (const Json& row : rows) {
    table.Add({TextOf(row, "id"), TextOf(row, "state"),
               Member(row, "alerting") == true ? "yes" : "", TextOf(row, "signal"),
               LabelsText(row, "labels"), NumberText(row, "value"), NumberText(row, "expected"),
               BandText(row), TextOf(Member(row, "evidence"), "text")});
  }
  std::fputs(table.Render(TerminalWidth()).c_str(), stdout);
  std::printf("%zu of %.0f signals\n", rows.size(), NumberOf(*answer, "total"));
  return 0;
}

int Show(const SignalFlags& flags) {
  const auto row = Ask(flags.engine, "GET", "/api/v1/signals/" + flags.id);
  if (!row.ok()) return FailOf(row.error());
  if (flags.engine.json) {
    PrintJson(*row);
    return 0;
  }
  const auto line = [](const char* name, const std::string& text) {
    std::printf("  %-10s %s\n", name, Inert(text).c_str());
  };
  std::printf("%s\n", Inert(TextOf(*row, "signal")).c_str());
  line("id", TextOf(*row, "id"));
  line("labels", LabelsText(*row, "labels"));
  line("kind", TextOf(*row, "kind") + " (" + TextOf(*row, "what") + ")");
  line("state", TextOf(*row, "state") + (Member(*row, "alerting") == true ? ", alerting" : ""));
  line("last seen", TimeText(*row, "last_seen"));
  line("value", NumberText(*row, "value"));
  line("expected", NumberText(*row, "expected") + ", band " + BandText(*row));
  line("odds", NumberText(*row, "tail_probability"));
  line("verdict", TextOf(*row, "verdict"));
  line("evidence", TextOf(Member(*row, "evidence"), "text"));
  return 0;
}

std::string CheckId(const std::string& id) {
  const bool fine = !id.empty() && id.size() <= 16 &&
                    id.find_first_not_of("0123456789abcdef") == std::string::npos;
  return fine ? "" : "a signal's id has up to 16 hexadecimal digits";
}

}  // namespace

void AddSignal(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<SignalFlags>();
  CLI::App* verb = app.add_subcommand("signal", "See what a running engine watches.");
  verb->require_subcommand(1);
  CLI::App* list = verb->add_subcommand("list", "Print signals with what is expected of them.");
  AddEngineFlags(*list, flags->engine);
  list->add_option("--search", flags->search, "words that name, kind or labels have");
  list->add_option("--state", flags->state, "only those in this state")
      ->check(
          CLI::IsMember({"live", "zero", "late", "dead", "retired", "alerting", "insufficient"}));
  list->add_option("--filter", flags->filters, "a matcher, 'psp=\"acme\"'; may be given again")
      ->type_name("MATCHER");
  list->add_option("--sort", flags->sort, "what is urgent first")
      ->check(CLI::IsMember({"urgency"}));
  list->add_option("--limit,-n", flags->limit, "how many at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  list->add_option("--offset", flags->offset, "after so many")
      ->check(CLI::Range(0, 999999))
      ->capture_default_str();
  list->callback([flags, &exit_code] { exit_code = List(*flags); });
  CLI::App* show = verb->add_subcommand("show", "Print one signal.");
  AddEngineFlags(*show, flags->engine);
  show->add_option("id", flags->id, "the signal's id")
      ->required()
      ->check(CLI::Validator(CheckId, "", "id"));
  show->callback([flags, &exit_code] { exit_code = Show(*flags); });
}

}  // namespace quell::cli
