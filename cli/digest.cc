// quell digest weekly: a week of a running engine, for those who tune it.
#include <cstdio>
#include <memory>

#include "cli/client/engine_client.h"
#include "cli/client/weekly.h"
#include "cli/commands.h"
#include "core/clock.h"
#include "core/file.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kPagesMax = 20;  // of a thousand incidents each

struct DigestFlags {
  EngineFlags engine;
  std::string until, owner_label = "team", out_file;
  int days = 7;
};

Status FetchIncidents(const DigestFlags& flags, WeeklyInput& input) {
  const std::string range =
      "/api/v1/incidents?limit=1000&since=" + Quoted(FormatRfc3339(input.from)) +
      "&until=" + Quoted(FormatRfc3339(input.until));
  std::string before;
  input.incidents = Json::array();
  for (size_t page = 0; page < kPagesMax; ++page) {
    QUELL_ASSIGN(const Json answer, Ask(flags.engine, "GET", range + before));
    for (const Json& one : RowsOf(answer, "incidents")) input.incidents.push_back(one);
    const Json& next = Member(answer, "next");
    if (!next.is_string()) return Ok{};
    before = "&before=" + Quoted(next.get<std::string>());
  }
  input.incidents_cut = true;
  return Ok{};
}

Result<WeeklyInput> Fetch(const DigestFlags& flags) {
  WeeklyInput input;
  input.owner_label = flags.owner_label;
  input.until = SystemClock().WallMs();
  if (!flags.until.empty()) {
    QUELL_ASSIGN(input.until, ParseTime(flags.until));
  }
  input.from = input.until - flags.days * kDayMs;
  QUELL_TRY(FetchIncidents(flags, input));
  QUELL_ASSIGN(const Json feedback, Ask(flags.engine, "GET", "/api/v1/feedback?limit=1000"));
  input.feedback = RowsOf(feedback, "feedback");
  input.feedback_cut = input.feedback.size() >= 1000;
  QUELL_ASSIGN(input.metrics, AskText(flags.engine, "/metrics"));
  return input;
}

int Weekly(const DigestFlags& flags) {
  const auto input = Fetch(flags);
  if (!input.ok()) return FailOf(input.error());
  if (flags.engine.json) {
    PrintJson(WeeklyJson(*input));
    return 0;
  }
  const std::string text = WeeklyText(*input);
  if (flags.out_file.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  const Status written = WriteFileAtomic(flags.out_file, text);
  return written.ok() ? 0 : FailOf(written.error());
}

}  // namespace

void AddDigest(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<DigestFlags>();
  CLI::App* verb = app.add_subcommand("digest", "Sum up what a running engine did.");
  verb->require_subcommand(1);
  CLI::App* weekly = verb->add_subcommand(
      "weekly",
      "Print a week as Markdown: pages, what people said of them, what was missed, whose noise it\n"
      "was, what to tune, what will be full, what drifts (role read).");
  AddEngineFlags(*weekly, flags->engine);
  weekly->add_option("--until", flags->until, "the week's end (RFC 3339); without it now");
  weekly->add_option("--days", flags->days, "how long the week is")
      ->check(CLI::Range(1, 90))
      ->capture_default_str();
  weekly->add_option("--owner-label", flags->owner_label, "the label that names who owns a signal")
      ->capture_default_str();
  weekly->add_option("--out", flags->out_file, "into this file instead")->type_name("FILE");
  weekly->callback([flags, &exit_code] { exit_code = Weekly(*flags); });
}

}  // namespace quell::cli
