// quell journal inspect | verify | repair: what a journal folder holds, and making it readable
// again.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "ingest/journal_inspect.h"
#include "ingest/journal_repair.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKindNames[] = {"samples", "tick",      "change", "config", "series",
                                      "batch",   "operation", "alerts", "silence"};

struct JournalFlags {
  std::string folder;
  bool json = false, records = false, dry_run = false;
};

const char* KindName(ingest::RecordKind kind) { return kKindNames[static_cast<size_t>(kind) - 1]; }

std::uint64_t RecordsOf(const ingest::SegmentReport& segment) {
  return segment.next_sequence - segment.segment.first_sequence;
}

Json ToJson(const ingest::SegmentReport& segment) {
  Json kinds = Json::object();
  for (size_t i = 0; i < ingest::kRecordKinds; ++i) {
    if (segment.records[i] > 0) kinds[kKindNames[i]] = segment.records[i];
  }
  Json out = {
      {"file", segment.segment.path},     {"version", segment.version},
      {"bytes", segment.segment.bytes},   {"first_sequence", segment.segment.first_sequence},
      {"records", RecordsOf(segment)},    {"records_by_kind", std::move(kinds)},
      {"torn_bytes", segment.torn_bytes}, {"damaged", segment.damaged},
      {"first_received_ms", nullptr},     {"last_received_ms", nullptr}};
  if (segment.first_received) out["first_received_ms"] = *segment.first_received;
  if (segment.last_received) out["last_received_ms"] = *segment.last_received;
  return out;
}

void PrintProblems(const ingest::JournalReport& report, std::FILE* to) {
  for (const ingest::JournalProblem& problem : report.problems) {
    std::fprintf(to, "%s:%llu: %s\n", problem.path.c_str(),
                 static_cast<unsigned long long>(problem.offset), problem.what.c_str());
  }
}

void PrintTable(const ingest::JournalReport& report) {
  std::printf("%20s %10s %12s  %-24s %-24s %s\n", "first sequence", "records", "bytes",
              "first received", "last received", "records by kind");
  for (const ingest::SegmentReport& segment : report.segments) {
    std::string kinds;
    for (size_t i = 0; i < ingest::kRecordKinds; ++i) {
      if (segment.records[i] == 0) continue;
      kinds += std::string(kinds.empty() ? "" : ", ") + std::to_string(segment.records[i]) + ' ' +
               kKindNames[i];
    }
    if (segment.torn_bytes > 0) kinds += "; torn tail of " + std::to_string(segment.torn_bytes);
    if (segment.damaged) kinds += "; damaged";
    const auto time = [](const std::optional<TimeMs>& at) {
      return at ? FormatRfc3339(*at) : std::string("-");
    };
    std::printf("%20llu %10llu %12llu  %-24s %-24s %s\n",
                static_cast<unsigned long long>(segment.segment.first_sequence),
                static_cast<unsigned long long>(RecordsOf(segment)),
                static_cast<unsigned long long>(segment.segment.bytes),
                time(segment.first_received).c_str(), time(segment.last_received).c_str(),
                kinds.c_str());
  }
}

// One line a record: text, or a JSON object.
ingest::RecordCall PrintRecords(bool json) {
  return [json](const ingest::Segment& segment, std::uint64_t offset, std::uint64_t sequence,
                const ingest::FrameView& frame) {
    if (json) {
      const Json line = {{"sequence", sequence},
                         {"kind", KindName(frame.kind)},
                         {"received_ms", frame.received_ms},
                         {"bytes", frame.payload.size()},
                         {"file", segment.path},
                         {"offset", offset}};
      std::printf("%s\n", line.dump().c_str());
      return;
    }
    std::printf("%llu %s %s %zu bytes at %s:%llu\n", static_cast<unsigned long long>(sequence),
                KindName(frame.kind), FormatRfc3339(frame.received_ms).c_str(),
                frame.payload.size(), segment.path.c_str(),
                static_cast<unsigned long long>(offset));
  };
}

int Inspect(const JournalFlags& flags) {
  const auto report = ingest::InspectJournal(
      flags.folder, flags.records ? PrintRecords(flags.json) : ingest::RecordCall());
  if (!report.ok()) return Fail(report.error());
  if (flags.json && !flags.records) {
    Json out = {{"segments", Json::array()}, {"problems", Json::array()}};
    for (const auto& segment : report->segments) out["segments"].push_back(ToJson(segment));
    for (const auto& problem : report->problems) {
      out["problems"].push_back(
          {{"file", problem.path}, {"offset", problem.offset}, {"what", problem.what}});
    }
    std::printf("%s\n", out.dump(2).c_str());
  } else if (!flags.records) {
    PrintTable(*report);
  }
  PrintProblems(*report, stderr);
  return 0;
}

int Verify(const JournalFlags& flags) {
  const auto report = ingest::InspectJournal(flags.folder);
  if (!report.ok()) return Fail(report.error());
  std::uint64_t records = 0;
  std::uint64_t torn = 0;
  for (const auto& segment : report->segments) {
    records += RecordsOf(segment);
    torn += segment.torn_bytes;
  }
  PrintProblems(*report, stdout);
  std::printf("%llu whole records in %zu segments, %zu problems\n",
              static_cast<unsigned long long>(records), report->segments.size(),
              report->problems.size());
  if (torn > 0) {
    std::printf(
        "torn tail of %llu bytes: a record that is being written, or was when Quell ended\n",
        static_cast<unsigned long long>(torn));
  }
  return report->problems.empty() ? 0 : 1;
}

int Repair(const JournalFlags& flags) {
  const auto report = ingest::RepairJournal(flags.folder, flags.dry_run);
  if (!report.ok()) return Fail(report.error());
  const char* would = flags.dry_run ? "would " : "";
  for (const ingest::RepairStep& cut : report->cuts) {
    std::printf("%scut %s:%llu: %llu bytes, %llu whole records among them, kept as %s\n", would,
                cut.path.c_str(), static_cast<unsigned long long>(cut.offset),
                static_cast<unsigned long long>(cut.bytes),
                static_cast<unsigned long long>(cut.whole_records), cut.saved_as.c_str());
  }
  for (const ingest::RepairGap& gap : report->gaps) {
    std::printf("%sgive up the record numbers %llu to %llu\n", would,
                static_cast<unsigned long long>(gap.first_missing),
                static_cast<unsigned long long>(gap.next - 1));
  }
  if (report->new_segment != 0) {
    std::printf("%sbegin a segment at record %llu, above any number that may have been lost\n",
                would, static_cast<unsigned long long>(report->new_segment));
  }
  if (report->cuts.empty() && report->gaps.empty()) std::printf("nothing to repair\n");
  return 0;
}

}  // namespace

void AddJournal(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<JournalFlags>();
  CLI::App* verb = app.add_subcommand("journal", "Look into, check or repair a journal folder.");
  verb->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, int (*call)(const JournalFlags&)) {
    CLI::App* sub = verb->add_subcommand(name, help);
    sub->add_option("dir", flags->folder, "journal folder (data_dir/journal)")
        ->type_name("DIR")
        ->required();
    sub->callback([flags, call, &exit_code] { exit_code = call(*flags); });
    return sub;
  };
  CLI::App* inspect =
      add("inspect", "Print the segments: numbers, kinds, sizes, times. Works while Quell runs.",
          Inspect);
  inspect->add_flag("--json", flags->json, "as JSON");
  inspect->add_flag("--records", flags->records, "one line a record instead");
  add("verify",
      "Check every record's checksum and that no number is missing. Prints file:offset of each\n"
      "problem; exit code 1 if there is one. Works while Quell runs.",
      Verify);
  CLI::App* repair =
      add("repair",
          "Cut damaged segments where the damage begins, so that reading goes on. What is cut is\n"
          "kept in DIR/damaged. Refused while Quell runs.",
          Repair);
  repair->add_flag("--dry-run", flags->dry_run, "only say what would be done");
}

}  // namespace quell::cli
