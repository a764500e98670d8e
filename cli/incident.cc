// quell incident: what is wrong, and what people do about it, at a running engine.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "cli/client/engine_client.h"
#include "cli/client/table.h"
#include "cli/commands.h"
#include "cli/new_normal.h"
#include "core/file.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kKeyShown = 12;
constexpr size_t kKeyLeast = 4;
constexpr size_t kKeyWhole = 64;

struct IncidentFlags {
  EngineFlags engine;
  std::string key, other, by, text, verdict;
  std::vector<std::uint64_t> alerts;
  std::string state = "all";
  std::vector<std::string> severities, filters;
  std::string search, since, until, before;
  std::string format = "md", out_file;
  int limit = 50;
  bool yes = false;
};

Table::Column Cut(const char* title) { return {title, Table::Fit::kCut}; }

std::string PlaceOf(const Json& incident) {
  const std::string scope = LabelsText(incident, "scope");
  return scope.empty() ? TextOf(incident, "scope_note") : scope;
}

std::string DeedText(const Json& people, const char* member) {
  const Json& deed = Member(people, member);
  if (!deed.is_object()) return "";
  return TextOf(deed, "by") + " (" + TextOf(deed, "via") + "), " + TimeText(deed, "at");
}

std::string QueryOf(const IncidentFlags& flags) {
  std::string query = "/api/v1/incidents?brief=true&limit=" + std::to_string(flags.limit);
  const auto add = [&query](const char* name, const std::string& value) {
    if (!value.empty()) query += std::string("&") + name + "=" + Quoted(value);
  };
  if (flags.state != "all") add("state", flags.state);
  for (const std::string& severity : flags.severities) add("severity", severity);
  for (const std::string& filter : flags.filters) add("filter", filter);
  add("search", flags.search);
  add("since", flags.since);
  add("until", flags.until);
  add("before", flags.before);
  return query;
}

int List(const IncidentFlags& flags) {
  const auto answer = Ask(flags.engine, "GET", QueryOf(flags));
  if (!answer.ok()) return FailOf(answer.error());
  const Json& shown = RowsOf(*answer, "incidents");
  if (flags.engine.json) {
    PrintJson(*answer);
    return 0;
  }
  if (shown.empty()) {
    std::printf("No incidents.\n");
    return 0;
  }
  Table table(
      {{"KEY"}, {"STATE"}, {"SEVERITY"}, {"SINCE (UTC)"}, {"PAGED"}, Cut("ON IT"), Cut("SUMMARY")});
  for (const Json& one : shown) {
    const Json& acknowledged = Member(Member(one, "people"), "acknowledged");
    table.Add({TextOf(one, "key").substr(0, kKeyShown), TextOf(one, "state"),
               TextOf(one, "severity"), TimeText(one, "onset").substr(0, 16),
               TimeText(one, "paged_at", true).substr(0, 5), TextOf(acknowledged, "by"),
               TextOf(one, "summary")});
  }
  std::fputs(table.Render(TerminalWidth()).c_str(), stdout);
  const std::string next = TextOf(*answer, "next");
  if (!next.empty() && next != "-") std::printf("There are more: --before %s\n", next.c_str());
  return 0;
}

// The whole key of one that begins so, among the latest 1,000.
Result<std::string> KeyOf(const EngineFlags& flags, const std::string& begin) {
  if (begin.size() >= kKeyWhole) return begin;
  QUELL_ASSIGN(const Json answer, Ask(flags, "GET", "/api/v1/incidents?brief=true&limit=1000"));
  std::string found;
  for (const Json& one : RowsOf(answer, "incidents")) {
    const std::string key = TextOf(one, "key");
    if (!key.starts_with(begin)) continue;
    if (!found.empty()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "more than one incident's key begins with " + begin);
    }
    found = key;
  }
  if (found.empty())
    return MakeError(ErrorCode::kNotFound, "no incident's key begins with " + begin);
  return found;
}

void PrintLine(const char* name, const std::string& text) {
  if (!text.empty() && text != "-") std::printf("  %-13s %s\n", name, Inert(text).c_str());
}

void PrintHead(const Json& one) {
  const Json& people = Member(one, "people");
  std::printf("%s\n\n", Inert(TextOf(one, "summary")).c_str());
  PrintLine("key", TextOf(one, "key"));
  PrintLine("state", TextOf(one, "state") + ", " + TextOf(one, "severity"));
  PrintLine("scope", PlaceOf(one));
  PrintLine("since", TimeText(one, "onset"));
  PrintLine("paged", TimeText(one, "paged_at"));
  PrintLine("ended", TimeText(one, "resolved_at"));
  for (const Json& origin : RowsOf(Member(one, "origin"), "likely")) {
    PrintLine("likely origin", TextOf(origin, "words"));
  }
  PrintLine("acknowledged", DeedText(people, "acknowledged"));
  PrintLine("resolved by", DeedText(people, "resolved"));
  const Json& evidence = RowsOf(one, "evidence");
  if (!evidence.empty()) std::printf("\nBecause\n");
  for (const Json& line : evidence) {
    if (line.is_string()) std::printf("  %s\n", Inert(line.get<std::string>()).c_str());
  }
}

void PrintTable(const char* title, const Table& table) {
  if (table.empty()) return;
  std::printf("\n%s\n%s", title, table.Render(TerminalWidth(), "  ").c_str());
}

void PrintParts(const Json& one, const Json& pages) {
  Table members({Cut("SIGNAL"),
                 Cut("LABELS"),
                 {"SEVERITY"},
                 {"SINCE (UTC)"},
                 {"UNTIL"},
                 Cut("PAGED OR NOT"),
                 Cut("WHY HERE")});
  for (const Json& member : RowsOf(one, "members")) {
    members.Add({TextOf(member, "signal"), LabelsText(member, "labels"), TextOf(member, "severity"),
                 TimeText(member, "onset"), TimeText(member, "endsAt"), TextOf(member, "reason"),
                 TextOf(member, "why_joined")});
  }
  PrintTable("Members", members);
  Table changes({{"START (UTC)"}, {"KIND"}, Cut("ID"), Cut("SCOPE"), Cut("NOTE")});
  for (const Json& change : RowsOf(one, "changes")) {
    changes.Add({TimeText(change, "start"), TextOf(change, "kind"), TextOf(change, "id"),
                 LabelsText(change, "scope"), TextOf(change, "note")});
  }
  PrintTable("Changes", changes);
  Table notes({{"AT (UTC)"}, Cut("BY"), Cut("NOTE")});
  for (const Json& note : RowsOf(Member(one, "people"), "notes")) {
    notes.Add({TimeText(note, "at"), TextOf(note, "by"), TextOf(note, "text")});
  }
  PrintTable("Notes", notes);
  Table sent({{"AT (UTC)"}, {"ACTION"}, Cut("RECEIVER"), {"STATE"}, Cut("LAST ERROR")});
  for (const Json& page : RowsOf(pages, "pages")) {
    sent.Add({TimeText(page, "at"), TextOf(page, "action"), TextOf(page, "receiver"),
              TextOf(page, "state"), TextOf(page, "last_error")});
  }
  PrintTable("Pages", sent);
}

void PrintSimilar(const Json& answer) {
  Table similar({{"KEY"}, {"ALIKE"}, {"SINCE (UTC)"}, Cut("SUMMARY"), Cut("ON IT"), Cut("NOTE")});
  for (const Json& one : RowsOf(answer, "similar")) {
    const Json& notes = RowsOf(one, "notes");
    similar.Add({TextOf(one, "key").substr(0, kKeyShown),
                 std::to_string(static_cast<int>(NumberOf(one, "similarity") * 100 + 0.5)) + " %",
                 TimeText(one, "onset").substr(0, 16), TextOf(one, "summary"),
                 TextOf(one, "acknowledged_by"),
                 notes.empty() ? "" : TextOf(notes.back(), "text")});
  }
  PrintTable("Similar earlier ones", similar);
}

int Show(const IncidentFlags& flags) {
  const auto key = KeyOf(flags.engine, flags.key);
  if (!key.ok()) return FailOf(key.error());
  const auto one = Ask(flags.engine, "GET", "/api/v1/incidents/" + *key);
  if (!one.ok()) return FailOf(one.error());
  if (flags.engine.json) {
    PrintJson(*one);
    return 0;
  }
  const auto pages = Ask(flags.engine, "GET", "/api/v1/incidents/" + *key + "/pages");
  if (!pages.ok()) return FailOf(pages.error());
  PrintHead(*one);
  PrintParts(*one, *pages);
  const auto similar = Ask(flags.engine, "GET", "/api/v1/incidents/" + *key + "/similar");
  // An older engine has no such route: the rest is told.
  if (similar.ok()) PrintSimilar(*similar);
  return 0;
}

int Export(const IncidentFlags& flags) {
  const auto key = KeyOf(flags.engine, flags.key);
  if (!key.ok()) return FailOf(key.error());
  const auto text =
      AskText(flags.engine, "/api/v1/incidents/" + *key + "/export?format=" + flags.format);
  if (!text.ok()) return FailOf(text.error());
  if (flags.out_file.empty()) {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return 0;
  }
  const Status written = WriteFileAtomic(flags.out_file, *text);
  return written.ok() ? 0 : FailOf(written.error());
}

int Act(const IncidentFlags& flags, const char* action, Json body) {
  const auto key = KeyOf(flags.engine, flags.key);
  if (!key.ok()) return FailOf(key.error());
  if (!flags.by.empty()) body["by"] = flags.by;
  const auto answer = Ask(flags.engine, "POST", "/api/v1/incidents/" + *key + "/" + action, body);
  if (!answer.ok()) return FailOf(answer.error());
  if (flags.engine.json) {
    PrintJson(*answer);
  } else {
    std::printf("accepted: %s of %s\n", action, key->substr(0, kKeyShown).c_str());
  }
  return 0;
}

int Merge(const IncidentFlags& flags) {
  const auto into = KeyOf(flags.engine, flags.other);
  if (!into.ok()) return FailOf(into.error());
  return Act(flags, "merge", {{"into", *into}, {"reason", flags.text}});
}

int Judge(const IncidentFlags& flags) {
  Json body = {{"verdict", flags.verdict}, {"reason", flags.text}};
  if (!flags.other.empty()) {
    const auto other = KeyOf(flags.engine, flags.other);
    if (!other.ok()) return FailOf(other.error());
    body["other"] = *other;
  }
  if (!flags.alerts.empty()) body["alerts"] = flags.alerts;
  return Act(flags, "feedback", std::move(body));
}

int Normal(const IncidentFlags& flags) {
  const auto key = KeyOf(flags.engine, flags.key);
  return key.ok() ? SayNormal(flags.engine, *key, flags.yes) : FailOf(key.error());
}

std::string CheckKey(const std::string& key) {
  const bool fine = key.size() >= kKeyLeast && key.size() <= kKeyWhole &&
                    key.find_first_not_of("0123456789abcdef") == std::string::npos;
  return fine ? "" : "an incident's key begins with at least 4 hexadecimal digits";
}

using Flags = std::shared_ptr<IncidentFlags>;

CLI::App* AddVerb(CLI::App& verb, const Flags& flags, const char* name, const char* help) {
  CLI::App* sub = verb.add_subcommand(name, help);
  AddEngineFlags(*sub, flags->engine);
  return sub;
}

CLI::Option* AddKey(CLI::App& verb, std::string& key, const char* name, const char* help) {
  return verb.add_option(name, key, help)
      ->type_name("KEY")
      ->check(CLI::Validator(CheckKey, "", "key"));
}

CLI::App* AddDeed(CLI::App& verb, const Flags& flags, const char* name, const char* help) {
  CLI::App* sub = AddVerb(verb, flags, name, help);
  AddKey(*sub, flags->key, "key", "the incident's key, or how it begins")->required();
  sub->add_option("--by", flags->by, "who does it; without it whoever the token is");
  return sub;
}

void AddReads(CLI::App& verb, const Flags& flags, int& exit_code) {
  CLI::App* list =
      AddVerb(verb, flags, "list", "Print what is and was wrong, newest change first.");
  list->add_option("--state", flags->state, "only those in this state")
      ->check(CLI::IsMember({"all", "open", "held", "resolved", "merged", "suppressed"}))
      ->capture_default_str();
  list->add_option("--severity", flags->severities, "only those of these severities")
      ->check(CLI::IsMember({"critical", "error", "warning", "info"}))
      ->delimiter(',');
  list->add_option("--match", flags->filters,
                   "only where this holds of the scope or of a member, as psp=\"acme\"");
  list->add_option("--search", flags->search, "only with these words in summary or labels");
  list->add_option("--since", flags->since, "only what began at this time or later (RFC 3339)");
  list->add_option("--until", flags->until, "only what began before this time");
  list->add_option("--before", flags->before, "go on where an earlier list ended");
  list->add_option("--limit,-n", flags->limit, "how many at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  list->callback([flags, &exit_code] { exit_code = List(*flags); });
  CLI::App* show = AddVerb(verb, flags, "show",
                           "Print an incident: evidence, members, changes, notes, what was sent.");
  AddKey(*show, flags->key, "key", "the incident's key, or how it begins")->required();
  show->callback([flags, &exit_code] { exit_code = Show(*flags); });
  CLI::App* exported =
      verb.add_subcommand("export", "Print the draft of a postmortem, from recorded data alone.");
  AddEngineFlags(*exported, flags->engine, false);
  AddKey(*exported, flags->key, "key", "the incident's key, or how it begins")->required();
  exported->add_option("--format", flags->format, "how it is written")
      ->check(CLI::IsMember({"md", "html", "json"}))
      ->capture_default_str();
  exported->add_option("--out", flags->out_file, "into this file instead")->type_name("FILE");
  exported->callback([flags, &exit_code] { exit_code = Export(*flags); });
}

void AddDeeds(CLI::App& verb, const Flags& flags, int& exit_code) {
  const auto simple = [&](const char* name, const char* action, const char* help) {
    AddDeed(verb, flags, name, help)->callback([flags, action, &exit_code] {
      exit_code = Act(*flags, action, Json::object());
    });
  };
  simple("ack", "acknowledge", "Say that somebody is on it (role operate, as all that follows).");
  simple("unack", "unacknowledge", "Take that back.");
  simple("resolve", "resolve",
         "Say that it is over: its page is resolved. New evidence pages anew.");
  CLI::App* note = AddDeed(verb, flags, "note", "Leave a note with it.");
  note->add_option("text", flags->text, "the note")->required();
  note->callback([flags, &exit_code] {
    exit_code = Act(*flags, "notes", {{"text", flags->text}});
  });
}

void AddJudgements(CLI::App& verb, const Flags& flags, int& exit_code) {
  CLI::App* merge = AddDeed(verb, flags, "merge", "Put it into another one that is the same.");
  AddKey(*merge, flags->other, "into", "the key of the other one, or how it begins")->required();
  merge->add_option("--reason", flags->text, "why");
  merge->callback([flags, &exit_code] { exit_code = Merge(*flags); });
  CLI::App* normal = AddVerb(
      verb, flags, "new-normal",
      "Show what its odd signals would be expected as, were that normal; --yes makes it so.");
  AddKey(*normal, flags->key, "key", "the incident's key, or how it begins")->required();
  normal->add_flag("--yes", flags->yes, "expect it from now on (role operate)");
  normal->callback([flags, &exit_code] { exit_code = Normal(*flags); });
  CLI::App* judge =
      AddDeed(verb, flags, "feedback", "Say what it really was; known noise is learned from it.");
  judge->add_option("verdict", flags->verdict, "what it was")
      ->required()
      ->check(CLI::IsMember({"not_an_incident", "expected", "real", "merge", "split"}));
  judge->add_option("--reason", flags->text, "why");
  AddKey(*judge, flags->other, "--other", "for merge: the incident that was the same");
  judge->add_option("--alerts", flags->alerts, "for split: the ids of those that were another's")
      ->delimiter(',');
  judge->callback([flags, &exit_code] { exit_code = Judge(*flags); });
}

}  // namespace

void AddIncident(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<IncidentFlags>();
  CLI::App* verb =
      app.add_subcommand("incident", "See and handle the incidents of a running engine.");
  verb->require_subcommand(1);
  AddReads(*verb, flags, exit_code);
  AddDeeds(*verb, flags, exit_code);
  AddJudgements(*verb, flags, exit_code);
}

}  // namespace quell::cli
