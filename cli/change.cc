// quell change: what is announced to a running engine: deploys, maintenance, promotions.
#include <cstdio>
#include <memory>

#include "cli/client/engine_client.h"
#include "cli/client/table.h"
#include "cli/commands.h"
#include "core/clock.h"
#include "engine/api/uuid.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ChangeFlags {
  EngineFlags engine;
  std::string id, kind = "deploy", start, end, lasts, note;
  std::vector<std::string> labels;
  int limit = 50;
};

int List(const ChangeFlags& flags) {
  const auto answer =
      Ask(flags.engine, "GET", "/api/v1/changes?limit=" + std::to_string(flags.limit));
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
    return 0;
  }
  using Fit = Table::Fit;
  Table table({{"START (UTC)"},
               {"END"},
               {"KIND"},
               {"ID", Fit::kCut},
               {"SCOPE", Fit::kCut},
               {"NOTE", Fit::kCut}});
  for (const Json& one : RowsOf(*answer, "changes")) {
    const bool moment = TextOf(one, "start") == TextOf(one, "end");
    table.Add({TimeText(one, "start"), moment ? "-" : TimeText(one, "end"), TextOf(one, "kind"),
               TextOf(one, "id"), LabelsText(one, "scope"), TextOf(one, "note")});
  }
  std::fputs(table.empty() ? "No changes.\n" : table.Render(TerminalWidth()).c_str(), stdout);
  return 0;
}

// What a change is made of beside the labels of its scope.
bool IsMember(std::string_view name) {
  return name == "id" || name == "kind" || name == "time" || name == "start" || name == "end" ||
         name == "note";
}

Result<Json> ChangeOf(const ChangeFlags& flags) {
  Json out;
  out["id"] = flags.id;
  if (flags.id.empty()) {
    QUELL_ASSIGN(out["id"], api::NewUuid());
  }
  out["kind"] = flags.kind;
  TimeMs start = SystemClock().WallMs();
  if (!flags.start.empty()) {
    QUELL_ASSIGN(start, ParseTime(flags.start));
  }
  out["start"] = FormatRfc3339(start);
  if (!flags.lasts.empty()) {
    QUELL_ASSIGN(const DurationMs lasts, ParseDuration(flags.lasts));
    out["end"] = FormatRfc3339(start + lasts);
  } else if (!flags.end.empty()) {
    QUELL_ASSIGN(const TimeMs end, ParseTime(flags.end));
    out["end"] = FormatRfc3339(end);
  }
  if (!flags.note.empty()) out["note"] = flags.note;
  for (const std::string& label : flags.labels) {
    const size_t equals = label.find('=');
    const std::string name = label.substr(0, equals);
    if (equals == std::string::npos || name.empty() || IsMember(name)) {
      return MakeError(ErrorCode::kInvalidArgument,
                       label + ": a label of the scope is name=value, and no member of a change");
    }
    out[name] = label.substr(equals + 1);
  }
  return out;
}

int Send(const ChangeFlags& flags, const Json& change, const char* what) {
  const auto answer = Ask(flags.engine, "POST", "/api/v1/changes", change);
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson({{"status", "accepted"}, {"id", change["id"]}});
  } else {
    std::printf("%s: %s\n", what, Inert(TextOf(change, "id")).c_str());
  }
  return 0;
}

int Announce(const ChangeFlags& flags) {
  const auto change = ChangeOf(flags);
  if (!change.ok()) return FailOf(change.error());
  return Send(flags, *change, "announced");
}

// The same change again, with an end: the latest word about an id is what holds.
int End(const ChangeFlags& flags) {
  const auto answer = Ask(flags.engine, "GET", "/api/v1/changes?limit=1000");
  if (!answer.ok()) return FailOf(answer.error());
  for (const Json& one : RowsOf(*answer, "changes")) {
    if (TextOf(one, "id") != flags.id) continue;
    Json change = {
        {"id", flags.id}, {"kind", TextOf(one, "kind")}, {"start", TextOf(one, "start")}};
    const auto start = ParseTime(TextOf(one, "start"));
    const TimeMs now = SystemClock().WallMs();
    if (start.ok() && *start > now) {
      return FailOf(MakeError(ErrorCode::kInvalidArgument, flags.id + " has not begun"));
    }
    change["end"] = FormatRfc3339(now);
    if (!TextOf(one, "note").empty()) change["note"] = TextOf(one, "note");
    for (const auto& [name, value] : Member(one, "scope").items()) change[name] = value;
    return Send(flags, change, "ended");
  }
  return FailOf(MakeError(ErrorCode::kNotFound, "no announced change " + flags.id));
}

}  // namespace

void AddChange(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ChangeFlags>();
  CLI::App* verb = app.add_subcommand(
      "change", "Announce deploys, maintenance and promotions to a running engine.");
  verb->require_subcommand(1);
  CLI::App* list = verb->add_subcommand("list", "Print announced changes, the latest first.");
  AddEngineFlags(*list, flags->engine);
  list->add_option("--limit,-n", flags->limit, "how many at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  list->callback([flags, &exit_code] { exit_code = List(*flags); });

  CLI::App* announce = verb->add_subcommand(
      "announce",
      "Announce a change of what its labels name (role operate).\n\n"
      "A moment, unless --for or --end say how long it is expected to last. The same id again\n"
      "corrects what was announced.");
  AddEngineFlags(*announce, flags->engine);
  announce->add_option("labels", flags->labels, "its scope: psp=acme region=eu")
      ->type_name("NAME=VALUE");
  announce->add_option("--id", flags->id, "its id; without it a fresh one, which is printed");
  announce->add_option("--kind", flags->kind, "what it is")
      ->check(CLI::IsMember({"deploy", "rollback", "maintenance", "cutover", "promotion", "holiday",
                             "launch", "decommission", "other"}))
      ->capture_default_str();
  announce->add_option("--start", flags->start, "when it begins (RFC 3339); default: now")
      ->type_name("TIME");
  CLI::Option* end = announce->add_option("--end", flags->end, "when it ends")->type_name("TIME");
  announce->add_option("--for", flags->lasts, "how long it lasts: 30m")
      ->type_name("DURATION")
      ->excludes(end);
  announce->add_option("--note", flags->note, "words for whoever is paged");
  announce->callback([flags, &exit_code] { exit_code = Announce(*flags); });

  CLI::App* over = verb->add_subcommand("end", "Say that a change is over now (role operate).");
  AddEngineFlags(*over, flags->engine);
  over->add_option("id", flags->id, "the change's id")->required();
  over->callback([flags, &exit_code] { exit_code = End(*flags); });
}

}  // namespace quell::cli
