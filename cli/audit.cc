// quell audit verify | show | export: the audit log of a data folder, beside an engine or without.
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "engine/store/audit_reader.h"

namespace quell::cli {
namespace {

using store::AuditReader;
using store::AuditRow;

struct AuditFlags {
  std::string data_dir = "./quell-data";
  std::string noted, format = "json", from, to, kind, actor, key;
  std::uint64_t last = 20;
};

Result<std::unique_ptr<AuditReader>> OpenLog(const AuditFlags& flags) {
  return store::OpenAuditReader(flags.data_dir + "/quell.db");
}

Result<int> Verify(const AuditFlags& flags) {
  QUELL_ASSIGN(const auto reader, OpenLog(flags));
  QUELL_ASSIGN(const store::AuditVerdict verdict, store::VerifyAudit(*reader));
  if (!verdict.problem.empty()) {
    std::fprintf(stderr, "quell: the audit log does not fit: %s\n", verdict.problem.c_str());
    return 1;
  }
  if (!flags.noted.empty()) {
    QUELL_ASSIGN(const bool holds, store::HoldsNoted(*reader, flags.noted));
    if (!holds) {
      std::fprintf(stderr, "quell: the audit log fits, but does not hold the head %s\n",
                   flags.noted.c_str());
      return 1;
    }
  }
  std::printf("%llu entries fit, %llu of them with what they were made from; head %llu:%s\n",
              static_cast<unsigned long long>(verdict.entries),
              static_cast<unsigned long long>(verdict.bodies),
              static_cast<unsigned long long>(verdict.head.entry), verdict.head.hash.c_str());
  if (verdict.head.pruned != 0) {
    std::printf("entries up to %llu were removed by age\n",
                static_cast<unsigned long long>(verdict.head.pruned));
  }
  return 0;
}

Result<store::AuditQuery> QueryOf(const AuditFlags& flags) {
  store::AuditQuery query{.kind = flags.kind, .actor = flags.actor, .key = flags.key};
  if (!flags.from.empty()) {
    QUELL_ASSIGN(query.since, ParseTime(flags.from));
  }
  if (!flags.to.empty()) {
    QUELL_ASSIGN(query.until, ParseTime(flags.to));
  }
  return query;
}

// A text that a spreadsheet does not take for a formula.
std::string CsvField(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
    out += '\'';
  }
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

void PrintCsv(const AuditRow& row) {
  std::string line =
      std::to_string(row.entry) + ',' + std::to_string(row.sequence) + ',' + FormatRfc3339(row.at);
  for (const std::string* text : {&row.kind, &row.what, &row.key, &row.actor, &row.detail,
                                  &row.digest, &row.model, &row.hash}) {
    line += ',' + CsvField(*text);
  }
  std::printf("%s\r\n", line.c_str());
}

Result<int> Export(const AuditFlags& flags) {
  QUELL_ASSIGN(const auto reader, OpenLog(flags));
  QUELL_ASSIGN(const store::AuditQuery query, QueryOf(flags));
  const bool csv = flags.format == "csv";
  if (csv) std::printf("entry,sequence,at,kind,what,key,actor,detail,digest,model,hash\r\n");
  QUELL_TRY(reader->ForEach([&](const AuditRow& row) {
    if (!store::Asked(query, row)) return true;
    if (csv) {
      PrintCsv(row);
    } else {
      std::printf("%s\n", store::AuditJson(row).c_str());
    }
    return true;
  }));
  return 0;
}

// Control characters of what others wrote must not steer a terminal.
std::string Plain(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

Result<int> Show(const AuditFlags& flags) {
  QUELL_ASSIGN(const auto reader, OpenLog(flags));
  QUELL_ASSIGN(const store::AuditQuery query, QueryOf(flags));
  std::vector<AuditRow> latest;  // a ring
  std::uint64_t seen = 0;
  QUELL_TRY(reader->ForEach([&](const AuditRow& row) {
    if (!store::Asked(query, row)) return true;
    if (latest.size() < flags.last) {
      latest.push_back(row);
    } else {
      latest[seen % flags.last] = row;
    }
    ++seen;
    return true;
  }));
  std::printf("%8s %-24s %-8s %-22s %-18s %-12s %-12s %s\n", "entry", "at", "kind", "what", "key",
              "actor", "model", "detail");
  for (std::uint64_t i = 0; i < latest.size(); ++i) {
    const AuditRow& row = latest[(seen > latest.size() ? seen + i : i) % latest.size()];
    std::printf(
        "%8llu %-24s %-8s %-22s %-18s %-12s %-12s %s\n", static_cast<unsigned long long>(row.entry),
        FormatRfc3339(row.at).c_str(), row.kind.c_str(), row.what.c_str(), Plain(row.key).c_str(),
        row.actor.empty() ? "-" : Plain(row.actor).c_str(),
        row.model.empty() ? "-" : row.model.substr(0, 12).c_str(), Plain(row.detail).c_str());
  }
  return 0;
}

void AddFilters(CLI::App& verb, AuditFlags& flags) {
  verb.add_option("--from", flags.from, "entries from this time on")->type_name("TIME");
  verb.add_option("--to", flags.to, "entries before this time")->type_name("TIME");
  verb.add_option("--kind", flags.kind, "decision, page, action, config, model or prune")
      ->check(CLI::IsMember(
          std::vector<std::string>(std::begin(store::kAuditKinds), std::end(store::kAuditKinds))));
  verb.add_option("--actor", flags.actor, "what this identity did")->type_name("NAME");
  verb.add_option("--key", flags.key, "what is about this incident, alert, silence, ...")
      ->type_name("KEY");
}

using Verb = Result<int> (*)(const AuditFlags&);

CLI::App* AddOne(CLI::App& group, const char* name, const char* help,
                 const std::shared_ptr<AuditFlags>& flags, Verb run, int& exit_code) {
  CLI::App* verb = group.add_subcommand(name, help);
  verb->add_option("--data-dir", flags->data_dir, "the engine's folder")->type_name("DIR");
  verb->callback([flags, run, &exit_code] {
    const Result<int> done = run(*flags);
    exit_code = done.ok() ? *done : Fail(done.error());
  });
  return verb;
}

}  // namespace

void AddAudit(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<AuditFlags>();
  CLI::App* group = app.add_subcommand(
      "audit",
      "The audit log: what was decided, what people did, what was configured (docs/audit.md).\n\n"
      "It is read from the data folder, while an engine runs on it, too.");
  group->require_subcommand(1);
  AddOne(*group, "verify",
         "Walk the whole chain, and name the first entry that does not fit.\n\n"
         "Exit codes: 0 all of it fits, 1 something does not, or the log cannot be read.",
         flags, Verify, exit_code)
      ->add_option("--head", flags->noted,
                   "a head that was noted elsewhere, which the log must hold: ENTRY:HASH")
      ->type_name("ENTRY:HASH");
  CLI::App* show =
      AddOne(*group, "show", "The latest entries, as a table.", flags, Show, exit_code);
  AddFilters(*show, *flags);
  show->add_option("--last,-n", flags->last, "how many")->check(CLI::Range(1, 100000));
  CLI::App* out =
      AddOne(*group, "export", "All entries, oldest first: a JSON object a line, or CSV.", flags,
             Export, exit_code);
  AddFilters(*out, *flags);
  out->add_option("--format", flags->format, "json or csv")->check(CLI::IsMember({"json", "csv"}));
}

}  // namespace quell::cli
