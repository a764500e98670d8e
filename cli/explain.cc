// quell explain: a page of the audit log, decided once more from the journal.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/client/table.h"
#include "cli/commands.h"
#include "engine/api/version.h"
#include "engine/config/config.h"
#include "engine/config/dedup_model_file.h"
#include "engine/incidents/origin.h"
#include "engine/models/version.h"
#include "replay/runner/explain_page.h"

namespace quell::cli {
namespace {

using Json = nlohmann::ordered_json;

// What the exit code says; kExitCodes has them all.
constexpr int kNoSuchPage = 6;
constexpr int kJournalTooShort = 7;
constexpr int kSameByOther = 8;
constexpr int kOtherByOther = 9;
constexpr int kOtherBySame = 10;

constexpr size_t kMembersShown = 20;
constexpr size_t kBodyShown = 4000;

struct ExplainFlags {
  std::string page, config, data_dir;
  bool json = false;
};

struct Explained {
  replay::PageExplained page;
  models::Version now;
  // Where a registered version was promoted before the page, that one decided again.
  [[nodiscard]] const std::string& model() const {
    return page.model.empty() ? now.id : page.model;
  }
  [[nodiscard]] bool same_model() const { return page.recorded.model == model(); }
};

int CodeOf(const Explained& explained) {
  if (!explained.page.reaches_back()) return kJournalTooShort;
  if (explained.page.same) return explained.same_model() ? 0 : kSameByOther;
  return explained.same_model() ? kOtherBySame : kOtherByOther;
}

std::string_view FindingOf(const replay::PageExplained& page) {
  if (!page.reaches_back()) return "journal_too_short";
  if (page.same) return "same";
  return page.paged ? "different" : "not_paged";
}

void PrintAsJson(const Explained& explained) {
  const replay::PageExplained& page = explained.page;
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? Json() : Json(text);
  };
  Json members = Json::array();
  for (const incidents::Member& member : page.incident.members) {
    members.push_back({{"alert", member.alert.id},
                       {"signal", member.alert.signal},
                       {"labels", member.alert.labels.ToString()},
                       {"why_joined", member.why_joined}});
  }
  Json nearby = Json::array();
  for (const replay::PageNearby& other : page.nearby) {
    nearby.push_back(
        {{"incident", other.key}, {"at", FormatRfc3339(other.at)}, {"summary", other.summary}});
  }
  const Json out = {{"incident", page.recorded.key},
                    {"entry", page.recorded.entry},
                    {"at", FormatRfc3339(page.recorded.at)},
                    {"finding", FindingOf(page)},
                    {"decision_recorded", page.recorded.digest},
                    {"notification_same", page.notice},
                    {"model_recorded", page.recorded.model},
                    {"model_now", explained.model()},
                    {"program_now", explained.now.code},
                    {"journal_first", page.journal_first},
                    {"effects", page.effects},
                    {"effects_again", page.effects_again},
                    {"first_other_entry", page.first_other},
                    {"recorded", text_or_null(page.recorded_body)},
                    {"now", text_or_null(page.body)},
                    {"summary", page.incident.summary},
                    {"evidence", page.words},
                    {"instead", std::move(nearby)},
                    {"members", std::move(members)}};
  std::printf("%s\n", out.dump(-1, ' ', true, Json::error_handler_t::replace).c_str());
}

std::string VerdictWords(const replay::PageExplained& page) {
  if (page.same) return "the same decision, byte for byte";
  if (!page.paged) return "different: this incident does not page";
  return page.paged_at == page.recorded.at
             ? "different: it pages then, too, but what was decided is not the same"
             : "different: it pages at " + FormatRfc3339(page.paged_at);
}

void PrintEvidence(const incidents::Incident& incident, const std::vector<std::string>& words) {
  std::printf("\n%s\n", Inert(incident.summary, kBodyShown).c_str());
  for (const std::string& sentence : words) {
    std::printf("  - %s\n", Inert(sentence, kBodyShown).c_str());
  }
  for (const incidents::Origin& origin : incident.origins) {
    std::printf("  may have begun at %s\n", Inert(incidents::OriginWords(origin)).c_str());
  }
  std::printf("Members: %zu\n", incident.members.size());
  for (size_t i = 0; i < std::min(incident.members.size(), kMembersShown); ++i) {
    const incidents::Member& member = incident.members[i];
    std::printf("  %s %s%s\n", FormatRfc3339(member.alert.starts_at).c_str(),
                Inert(member.alert.labels.ToString()).c_str(),
                member.why_joined.empty() ? "" : (", " + Inert(member.why_joined)).c_str());
  }
}

void PrintForPeople(const Explained& explained) {
  const replay::PageExplained& page = explained.page;
  std::printf("page of %s, at %s (entry %llu of the audit log)\n", Inert(page.recorded.key).c_str(),
              FormatRfc3339(page.recorded.at).c_str(),
              static_cast<unsigned long long>(page.recorded.entry));
  std::printf("  %-10s model %s\n", "then",
              page.recorded.model.empty() ? "not known" : Inert(page.recorded.model).c_str());
  std::printf("  %-10s model %s%s\n", "now", explained.model().c_str(),
              explained.same_model() ? ", the same" : ", another");
  if (!page.reaches_back()) {
    if (page.journal_first == 0) {
      std::printf("  %-10s not possible: the journal is empty\n", "again");
    } else {
      std::printf("  %-10s not possible: the journal begins with record %llu, of %s\n", "again",
                  static_cast<unsigned long long>(page.journal_first),
                  FormatRfc3339(page.journal_since).c_str());
    }
    if (!page.recorded_body.empty()) {
      std::printf("  recorded   %s\n", Inert(page.recorded_body, kBodyShown).c_str());
    }
    return;
  }
  std::printf("  %-10s %s\n", "again", VerdictWords(page).c_str());
  if (!page.recorded_notice.empty()) {
    std::printf("  %-10s %s\n", "sent", page.notice ? "the same" : "different");
  }
  std::printf("  %-10s %llu of the %llu effects recorded up to it are decided again", "before",
              static_cast<unsigned long long>(page.effects_again),
              static_cast<unsigned long long>(page.effects));
  if (page.first_other != 0) {
    std::printf("; entry %llu is the first that is not",
                static_cast<unsigned long long>(page.first_other));
  }
  std::printf("\n");
  if (!page.same && !page.recorded_body.empty()) {
    std::printf("  recorded   %s\n", Inert(page.recorded_body, kBodyShown).c_str());
    if (page.paged) std::printf("  again      %s\n", Inert(page.body, kBodyShown).c_str());
  }
  for (const replay::PageNearby& other : page.nearby) {
    std::printf("  %-10s %s pages at %s: %s\n", "instead", Inert(other.key).c_str(),
                FormatRfc3339(other.at).c_str(), Inert(other.summary, kBodyShown).c_str());
  }
  if (page.paged) PrintEvidence(page.incident, page.words);
}

Result<int> Explain(const ExplainFlags& flags) {
  config::Config config = config::DefaultConfig();
  if (!flags.config.empty()) {
    QUELL_ASSIGN(config, config::LoadConfig(flags.config));
  }
  if (!flags.data_dir.empty()) config.data_dir = flags.data_dir;
  config::UseDedupModel(config);
  QUELL_ASSIGN(const auto log, store::OpenAuditReader(config.data_dir + "/quell.db"));
  QUELL_ASSIGN(const auto recorded, replay::FindPage(*log, flags.page));
  if (!recorded) {
    std::fprintf(stderr, "quell: the audit log of %s has no page %s\n", config.data_dir.c_str(),
                 Inert(flags.page).c_str());
    return kNoSuchPage;
  }
  Explained explained;
  explained.now = models::VersionOf(config, api::kVersion, api::kCommit);
  QUELL_ASSIGN(explained.page, replay::ExplainPage(*log, *recorded, config.data_dir + "/journal",
                                                   config, api::kVersion, api::kCommit));
  if (flags.json) {
    PrintAsJson(explained);
  } else {
    PrintForPeople(explained);
  }
  return CodeOf(explained);
}

}  // namespace

void AddExplain(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ExplainFlags>();
  CLI::App* verb = app.add_subcommand(
      "explain",
      "Why a page was sent: decide it once more from the journal, and hold that against the audit\n"
      "log (docs/audit.md).\n\n"
      "Reads the data folder alone, while an engine runs on it, too. Exit codes: 0 the same "
      "decision\n"
      "by the same model version, 6 no such page, 7 the journal no longer reaches back, 8 another\n"
      "version decides the same, 9 another version decides otherwise, 10 the same version decides\n"
      "otherwise.");
  verb->add_option("PAGE", flags->page,
                   "the incident's key, or its first digits; or the number of the entry in the\n"
                   "audit log")
      ->required();
  verb->add_option("--config,-c", flags->config, "the configuration to decide with (YAML)")
      ->type_name("FILE");
  verb->add_option("--data-dir", flags->data_dir, "the engine's folder, if not the configuration's")
      ->type_name("DIR");
  verb->add_flag("--json", flags->json, "one line of JSON");
  verb->callback([flags, &exit_code] {
    const Result<int> done = Explain(*flags);
    exit_code = done.ok() ? *done : Fail(done.error());
  });
}

}  // namespace quell::cli
