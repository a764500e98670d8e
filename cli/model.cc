// quell model: the versions of what decides in a running engine, and what people do with them.
#include <cstdio>
#include <memory>

#include "cli/client/engine_client.h"
#include "cli/client/table.h"
#include "cli/commands.h"
#include "cli/model_files.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPath = "/api/v1/models";
constexpr size_t kShortId = 12;

struct ModelFlags {
  EngineFlags engine;
  ModelFiles files;
  std::string id, reason, by, action;
};

std::string Score(const Json& model, const char* score) {
  const Json& seen = Member(Member(model, "quality"), score);
  if (!seen.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", seen.get<double>());
  return text;
}

std::string ApproversOf(const Json& model) {
  std::string out;
  for (const Json& one : RowsOf(model, "approvals")) {
    out += (out.empty() ? "" : ", ") + TextOf(one, "by");
  }
  return out.empty() ? "-" : out;
}

int List(const ModelFlags& flags) {
  const auto answer = Ask(flags.engine, "GET", kPath);
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
    return 0;
  }
  std::printf("in force: %s%s\n", TextOf(*answer, "in_force").substr(0, kShortId).c_str(),
              TextOf(*answer, "active").empty() ? ", the configuration's own settings" : "");
  using Fit = Table::Fit;
  Table table({{"ID"},
               {"STATE"},
               {"SINCE (UTC)"},
               {"RECALL", Fit::kRight},
               {"FALSE/WEEK", Fit::kRight},
               {"AUTHOR", Fit::kCut},
               {"APPROVED BY", Fit::kCut},
               {"NOTE", Fit::kCut}});
  for (const Json& one : RowsOf(*answer, "models")) {
    table.Add({TextOf(one, "id").substr(0, kShortId), TextOf(one, "state"),
               TimeText(one, "state_at"), Score(one, "recall"), Score(one, "false_pages_per_week"),
               TextOf(one, "author"), ApproversOf(one), TextOf(one, "note")});
  }
  std::fputs(
      table.empty() ? "No versions are registered.\n" : table.Render(TerminalWidth()).c_str(),
      stdout);
  return 0;
}

// The whole id of the one version whose id begins so.
Result<std::string> WholeId(const ModelFlags& flags) {
  QUELL_ASSIGN(const Json answer, Ask(flags.engine, "GET", kPath));
  std::string found;
  for (const Json& one : RowsOf(answer, "models")) {
    const std::string id = TextOf(one, "id");
    if (!id.starts_with(flags.id)) continue;
    if (!found.empty()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "several versions begin with " + flags.id + ": give more of it");
    }
    found = id;
  }
  if (found.empty()) return MakeError(ErrorCode::kNotFound, "no version begins with " + flags.id);
  return found;
}

Result<Json> One(const ModelFlags& flags) {
  QUELL_ASSIGN(const std::string id, WholeId(flags));
  return Ask(flags.engine, "GET", std::string(kPath) + '/' + id);
}

std::string Value(const Json& value) {
  return value.is_null() ? "not set"
                         : Inert(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void PrintGates(const Json& model) {
  for (const Json& one : RowsOf(model, "gates")) {
    const bool at_most = one.contains("at_most");
    std::printf("  %-7s %s %s %s %g\n", Member(one, "holds") == true ? "holds" : "FAILS",
                TextOf(one, "gate").c_str(),
                Member(one, "seen").is_number() ? Value(one["seen"]).c_str() : "not measured",
                at_most ? "<=" : ">=", NumberOf(one, at_most ? "at_most" : "at_least"));
  }
}

void PrintOne(const Json& model) {
  const auto line = [](const char* name, const std::string& text) {
    std::printf("%-12s %s\n", name, Inert(text).c_str());
  };
  line("version", TextOf(model, "id"));
  line("state", TextOf(model, "state") + " since " + TimeText(model, "state_at") + ", by " +
                    TextOf(model, "state_by"));
  line("author", TextOf(model, "author") + ", " + TimeText(model, "registered_at"));
  if (!TextOf(model, "note").empty()) line("note", TextOf(model, "note"));
  line("program", TextOf(model, "program") +
                      (Member(model, "same_program") == true ? "" : ", which is not what runs"));
  const Json& learned = Member(model, "learned");
  line("learned",
       TextOf(learned, "digest").substr(0, kShortId) + ", to " + TimeText(learned, "at"));
  const Json& training = Member(model, "training");
  if (Member(training, "from").is_string()) {
    line("measured on",
         TimeText(training, "from") + " to " + TimeText(training, "to") + ", data " +
             (TextOf(training, "digest").empty() ? "of which nobody gave a digest"
                                                 : TextOf(training, "digest").substr(0, kShortId)));
  }
  line("quality", Member(model, "quality").is_null()
                      ? "not measured"
                      : "recall " + Score(model, "recall") + ", precision " +
                            Score(model, "precision") + ", false pages a week " +
                            Score(model, "false_pages_per_week") + ", incidents " +
                            Score(model, "incidents"));
  for (const Json& one : RowsOf(model, "approvals")) {
    line("approved", "by " + TextOf(one, "by") + ", " + TimeText(one, "at") +
                         (TextOf(one, "reason").empty() ? "" : ": " + TextOf(one, "reason")));
  }
  std::printf("gates\n");
  PrintGates(model);
  std::printf("against what decides now\n");
  const auto set = [](const Json& one, const char* member) {
    const std::string value = TextOf(one, member);
    return value.empty() ? std::string("not set") : Inert(value);
  };
  for (const Json& one : RowsOf(model, "changes")) {
    std::printf("  %s: %s -> %s\n", Inert(TextOf(one, "key")).c_str(), set(one, "from").c_str(),
                set(one, "to").c_str());
  }
  if (RowsOf(model, "changes").empty()) std::printf("  the same settings\n");
}

int Show(const ModelFlags& flags) {
  const auto model = One(flags);
  if (!model.ok()) return FailOf(model.error());
  if (flags.engine.json) {
    PrintJson(*model);
  } else {
    PrintOne(*model);
  }
  return 0;
}

void PrintCounts(const Json& answer, const char* what) {
  const Json& counts = Member(answer, what);
  std::printf(
      "%s: %.0f of both (the candidate %.0f s earlier in the mean), %.0f only of what decides, "
      "%.0f only of the candidate\n",
      what, NumberOf(counts, "both"), NumberOf(counts, "lead_mean_seconds"),
      NumberOf(counts, "only_active"), NumberOf(counts, "only_candidate"));
}

int ShowDifferences(const ModelFlags& flags) {
  const auto id = WholeId(flags);
  if (!id.ok()) return FailOf(id.error());
  const auto answer = Ask(flags.engine, "GET", std::string(kPath) + '/' + *id + "/differences");
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
    return 0;
  }
  std::printf("from %s to %s (UTC)\n", TimeText(*answer, "since").c_str(),
              TimeText(*answer, "until").c_str());
  PrintCounts(*answer, "pages");
  PrintCounts(*answer, "alerts");
  using Fit = Table::Fit;
  Table table({{"AT (UTC)"}, {"WHAT"}, {"ONLY"}, {"ID"}, {"TEXT", Fit::kCut}});
  for (const Json& one : RowsOf(*answer, "differences")) {
    table.Add({TimeText(one, "at"), TextOf(one, "what"), TextOf(one, "only"),
               TextOf(one, "id").substr(0, kShortId), TextOf(one, "text")});
  }
  if (!table.empty()) std::fputs(table.Render(TerminalWidth()).c_str(), stdout);
  return 0;
}

Json BodyOf(const ModelFlags& flags) {
  Json body = Json::object();
  if (!flags.reason.empty()) body["reason"] = flags.reason;
  if (!flags.by.empty()) body["by"] = flags.by;
  return body;
}

int Told(const ModelFlags& flags, const Result<Json>& answer, const char* what) {
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
  } else if (TextOf(*answer, "status") == "accepted") {
    std::printf("accepted; the engine has not come to it yet\n");
  } else {
    std::printf("%s: %s is %s\n", what, TextOf(*answer, "id").c_str(),
                TextOf(*answer, "state").c_str());
  }
  return 0;
}

int Register(const ModelFlags& flags) {
  auto body = RegistrationOf(flags.files);
  if (!body.ok()) return FailOf(body.error());
  body->update(BodyOf(flags));
  return Told(flags, Ask(flags.engine, "POST", kPath, *body), "registered");
}

int Act(const ModelFlags& flags) {
  const auto model = One(flags);
  if (!model.ok()) return FailOf(model.error());
  const std::string path = std::string(kPath) + '/' + TextOf(*model, "id") + '/' + flags.action;
  const std::string tag = '"' + Member(*model, "revision").dump() + '"';
  return Told(flags, Ask(flags.engine, "POST", path, BodyOf(flags), tag), "done");
}

// Names what it leaves: asked twice, it does not go two steps back.
int Rollback(const ModelFlags& flags) {
  const auto list = Ask(flags.engine, "GET", kPath);
  if (!list.ok()) return FailOf(list.error());
  Json body = BodyOf(flags);
  body["model"] = TextOf(*list, "active");
  if (TextOf(*list, "active").empty()) {
    return FailOf(MakeError(ErrorCode::kInvalidArgument,
                            "the configuration's own settings decide: there is nothing before"));
  }
  const auto answer = Ask(flags.engine, "POST", std::string(kPath) + "/rollback", body);
  const int code = Told(flags, answer, "rolled back");
  if (code == 0 && !flags.engine.json) {
    const std::string before = TextOf(*list, "before");
    std::printf("now decides: %s\n",
                before.empty() ? "the configuration's own settings" : before.c_str());
  }
  return code;
}

void AddRegister(CLI::App& verb, const std::shared_ptr<ModelFlags>& flags, int& exit_code) {
  CLI::App* sub = verb.add_subcommand(
      "register",
      "Make a candidate of a configuration file, such as quell tune writes (role operate).\n\n"
      "Of the file what decides is taken, and what it does not name stays as it is. Quality and\n"
      "the span that it was measured on come from the report of a replay of that file.");
  AddEngineFlags(*sub, flags->engine);
  sub->add_option("file", flags->files.config, "the configuration (YAML)")
      ->type_name("FILE")
      ->required();
  sub->add_option("--report", flags->files.report, "report.json of quell replay with that file")
      ->type_name("FILE");
  sub->add_option("--data", flags->files.data,
                  "file or folder of the history that the report is about; its digest is kept")
      ->type_name("PATH");
  sub->add_option("--note", flags->reason, "what it is for");
  sub->add_option("--by", flags->by, "who does it, where the engine asks nobody");
  sub->callback([flags, &exit_code] { exit_code = Register(*flags); });
}

}  // namespace

void AddModel(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ModelFlags>();
  CLI::App* verb = app.add_subcommand(
      "model", "Versions of what decides: register, approve, promote, roll back (docs/models.md).");
  verb->require_subcommand(1);
  CLI::App* list = verb->add_subcommand("list", "Print the versions, the newest first.");
  AddEngineFlags(*list, flags->engine);
  list->callback([flags, &exit_code] { exit_code = List(*flags); });

  const auto identify = [&](CLI::App* sub) {
    AddEngineFlags(*sub, flags->engine);
    sub->add_option("id", flags->id, "the version, or its first digits")
        ->required()
        ->check([](const std::string& id) {
          const bool fine = !id.empty() && id.size() <= 64 &&
                            id.find_first_not_of("0123456789abcdef") == std::string::npos;
          return fine ? std::string() : std::string("an id has up to 64 hexadecimal digits");
        });
  };
  const auto explain = [&](CLI::App* sub) {
    sub->add_option("--reason", flags->reason, "why");
    sub->add_option("--by", flags->by, "who does it, where the engine asks nobody");
  };
  CLI::App* show = verb->add_subcommand(
      "show", "Print one: what it is made of, who approved it, whether its gates hold.");
  identify(show);
  show->callback([flags, &exit_code] { exit_code = Show(*flags); });
  CLI::App* differences = verb->add_subcommand(
      "differences", "Print what only the version in shadow, or only what decides, pages.");
  identify(differences);
  differences->callback([flags, &exit_code] { exit_code = ShowDifferences(*flags); });
  AddRegister(*verb, flags, exit_code);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* sub = verb->add_subcommand(name, help);
    identify(sub);
    explain(sub);
    sub->callback([flags, name, &exit_code] {
      flags->action = name;
      exit_code = Act(*flags);
    });
  };
  add("approve", "Stand for a version with your name (role admin).");
  add("shadow", "Run a version beside what decides; it pages nobody (role operate).");
  add("promote", "Let a version decide, if its gates hold and it is approved (role admin).");
  add("retire", "Be done with a version that does not decide (role operate).");
  CLI::App* back = verb->add_subcommand(
      "rollback", "Let the version before decide again, at once (role operate).");
  AddEngineFlags(*back, flags->engine);
  explain(back);
  back->callback([flags, &exit_code] { exit_code = Rollback(*flags); });
}

}  // namespace quell::cli
