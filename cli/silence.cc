// quell silence: silences of a running engine, by Alertmanager's API.
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/client/engine_client.h"
#include "cli/client/table.h"
#include "cli/commands.h"
#include "core/clock.h"
#include "ingest/alerts/filter.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

struct SilenceFlags {
  EngineFlags engine;
  std::vector<std::string> matchers;
  std::string id, start, lasts = "2h", comment, by;
  bool expired = false;
};

std::string MatchersText(const Json& silence) {
  std::string out;
  for (const Json& one : RowsOf(silence, "matchers")) {
    const bool regex = Member(one, "isRegex") == true;
    const bool equal = Member(one, "isEqual") != false;
    out += (out.empty() ? "" : ", ") + TextOf(one, "name") +
           (equal ? (regex ? "=~" : "=") : (regex ? "!~" : "!=")) +
           Json(TextOf(one, "value")).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return out;
}

int List(const SilenceFlags& flags) {
  std::string path = "/api/v2/silences";
  char before = '?';
  for (const std::string& filter : flags.matchers) {
    path += std::exchange(before, '&') + ("filter=" + Quoted(filter));
  }
  const auto answer = Ask(flags.engine, "GET", path);
  if (!answer.ok()) return FailOf(answer.error());
  Json shown = Json::array();
  for (const Json& one : *answer) {
    const bool over = TextOf(Member(one, "status"), "state") == "expired";
    if (flags.expired || !over) shown.push_back(one);
  }
  if (flags.engine.json) {
    PrintJson(shown);
    return 0;
  }
  using Fit = Table::Fit;
  Table table({{"ID"},
               {"STATE"},
               {"ENDS (UTC)"},
               {"MATCHERS", Fit::kCut},
               {"BY", Fit::kCut},
               {"COMMENT", Fit::kCut}});
  for (const Json& one : shown) {
    table.Add({TextOf(one, "id"), TextOf(Member(one, "status"), "state"), TimeText(one, "endsAt"),
               MatchersText(one), TextOf(one, "createdBy"), TextOf(one, "comment")});
  }
  std::fputs(table.empty() ? "No silences.\n" : table.Render(TerminalWidth()).c_str(), stdout);
  return 0;
}

Result<Json> SilenceOf(const SilenceFlags& flags) {
  Json matchers = Json::array();
  for (const std::string& text : flags.matchers) {
    QUELL_ASSIGN(const Matcher matcher, ingest::ParseFilter(text));
    const MatchOp op = matcher.op();
    matchers.push_back({{"name", matcher.name()},
                        {"value", matcher.value()},
                        {"isRegex", op == MatchOp::kRegex || op == MatchOp::kNotRegex},
                        {"isEqual", op == MatchOp::kEqual || op == MatchOp::kRegex}});
  }
  TimeMs start = SystemClock().WallMs();
  if (!flags.start.empty()) {
    QUELL_ASSIGN(start, ParseTime(flags.start));
  }
  QUELL_ASSIGN(const DurationMs lasts, ParseDuration(flags.lasts));
  return Json{{"matchers", std::move(matchers)},
              {"startsAt", FormatRfc3339(start)},
              {"endsAt", FormatRfc3339(start + lasts)},
              {"createdBy", flags.by},
              {"comment", flags.comment}};
}

int Add(SilenceFlags flags) {
  if (flags.by.empty()) {
    const auto session = Ask(flags.engine, "GET", "/api/v1/session");
    if (!session.ok()) return FailOf(session.error());
    flags.by = TextOf(*session, "identity");
    if (flags.by.empty()) flags.by = "somebody";
  }
  const auto silence = SilenceOf(flags);
  if (!silence.ok()) return FailOf(silence.error());
  const auto answer = Ask(flags.engine, "POST", "/api/v2/silences", *silence);
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
  } else {
    std::printf("%s\n", Inert(TextOf(*answer, "silenceID")).c_str());
  }
  return 0;
}

int Expire(const SilenceFlags& flags) {
  const auto answer = Ask(flags.engine, "DELETE", "/api/v2/silence/" + Quoted(flags.id));
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson({{"status", "expired"}, {"id", flags.id}});
  } else {
    std::printf("expired: %s\n", Inert(flags.id).c_str());
  }
  return 0;
}

}  // namespace

void AddSilence(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<SilenceFlags>();
  CLI::App* verb = app.add_subcommand("silence", "See, add and end silences of a running engine.");
  verb->require_subcommand(1);
  CLI::App* list = verb->add_subcommand("list", "Print the silences that hold or will.");
  AddEngineFlags(*list, flags->engine);
  list->add_option("matchers", flags->matchers, "only those with such matchers: 'psp=\"acme\"'")
      ->type_name("MATCHER");
  list->add_flag("--expired", flags->expired, "those that are over, too");
  list->callback([flags, &exit_code] { exit_code = List(*flags); });

  CLI::App* add = verb->add_subcommand(
      "add", "Page nobody for what all the matchers fit (role operate); prints the id.");
  AddEngineFlags(*add, flags->engine);
  add->add_option("matchers", flags->matchers, "'psp=\"acme\"', 'route=~\"/pay.*\"', and != and !~")
      ->type_name("MATCHER")
      ->required();
  add->add_option("--for", flags->lasts, "how long")->type_name("DURATION")->capture_default_str();
  add->add_option("--start", flags->start, "from when (RFC 3339); default: now")->type_name("TIME");
  add->add_option("--comment", flags->comment, "why")->required();
  add->add_option("--by", flags->by, "who does it; without it whoever the token is");
  add->callback([flags, &exit_code] { exit_code = Add(*flags); });

  CLI::App* expire = verb->add_subcommand("expire", "End a silence now (role operate).");
  AddEngineFlags(*expire, flags->engine);
  expire->add_option("id", flags->id, "the silence's id")->required();
  expire->callback([flags, &exit_code] { exit_code = Expire(*flags); });
}

}  // namespace quell::cli
