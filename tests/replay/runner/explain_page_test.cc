// A page that the real pipeline decides, and what a second look at its journal says.
#include "replay/runner/explain_page.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/random.h"
#include "engine/pipeline/pipeline.h"
#include "ingest/journal.h"
#include "ingest/remote_write.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1787529600000;  // 2026-08-24T00:00:00Z
constexpr int kSteps = 3060;
constexpr int kOutage = 3000;

// Payments of two providers, into a journal and a store as an engine fills them; acme fails at
// last.
struct DataFolder {
  test::TempFolder folder;
  std::unique_ptr<pipeline::Pipeline> pipeline = *pipeline::Pipeline::Create({}, nullptr);

  DataFolder() {
    ingest::JournalOptions options;
    options.folder = Journal();
    options.fsync = ingest::FsyncPolicy::kNever;
    options.segment_bytes_max = 1U << 18U;  // over several segments
    ManualClock clock;
    const auto journal = ingest::Journal::Open(options, clock);
    REQUIRE(journal.ok());
    const auto store = store::OpenSqliteStore(folder.File("quell.db"));
    REQUIRE(store.ok());
    (*store)->UseModel("m1");
    Random random(8);
    std::array<double, 4> totals{};
    for (int step = 0; step < kSteps; ++step) {
      ingest::JournalRecord record;
      record.received_ms = kStart + step * 30 * kSecondMs;
      record.payload = ingest::EncodeBatch(BatchAt(step, random, totals));
      record.sequence = *(*journal)->Append(record.kind, record.received_ms, record.payload);
      pipeline->Apply(record);
    }
    REQUIRE((*store)->Commit(std::to_string(kSteps), pipeline->TakeEffects()).ok());
  }

  [[nodiscard]] std::string Journal() const { return folder.File("journal"); }

  static ingest::SampleBatch BatchAt(int step, Random& random, std::array<double, 4>& totals) {
    ingest::SampleBatch batch;
    for (size_t i = 0; i < totals.size(); i += 2) {
      const bool outage = i == 0 && step >= kOutage && step < kOutage + 40;
      const std::uint64_t count = random.Poisson(400);
      const std::uint64_t failed = random.Binomial(count, outage ? 0.4 : 0.02);
      totals[i] += static_cast<double>(count - failed);
      totals[i + 1] += static_cast<double>(failed);
      for (size_t j = i; j < i + 2; ++j) {
        const auto at = static_cast<std::uint32_t>(batch.samples.size());
        batch.series.push_back({Labels{{{"__name__", "payments_total"},
                                        {"psp", i == 0 ? "acme" : "globex"},
                                        {"outcome", j == i ? "approved" : "error"}}},
                                at, at + 1});
        batch.samples.push_back({kStart + step * 30 * kSecondMs, totals[j]});
      }
    }
    return batch;
  }

  [[nodiscard]] std::unique_ptr<store::AuditReader> Log() const {
    auto log = store::OpenAuditReader(folder.File("quell.db"));
    REQUIRE(log.ok());
    return *std::move(log);
  }
  [[nodiscard]] PageExplained Explained(const pipeline::PipelineOptions& options) const {
    const auto log = Log();
    store::AuditRow page;
    REQUIRE(log->ForEach([&](const store::AuditRow& row) {
                 if (row.what == "incident_page") page = row;
                 return row.what != "incident_page";
               })
                .ok());
    config::Config config = config::DefaultConfig();
    config.pipeline = options;
    auto explained = ExplainPage(*log, page, Journal(), config, "1.0", "abc");
    INFO((explained.ok() ? "" : explained.error().message));
    REQUIRE(explained.ok());
    return *std::move(explained);
  }
};

TEST_CASE("Explain: a page is decided again from its journal, and other options decide otherwise",
          "[explain]") {
  const DataFolder data;
  const PageExplained again = data.Explained({});
  CHECK(again.reaches_back());
  CHECK(again.same);
  CHECK(again.notice);
  CHECK(again.recorded.model == "m1");
  CHECK(again.body == again.recorded_body);
  CHECK(again.paged_at == again.recorded.at);
  CHECK(again.effects > 1);
  CHECK(again.effects_again == again.effects);
  CHECK(again.first_other == 0);
  CHECK(again.incident.summary.find("acme") != std::string::npos);
  CHECK_FALSE(again.words.empty());
  CHECK(again.nearby.empty());

  pipeline::PipelineOptions linked;
  linked.external_url = "https://quell.example.com";
  const PageExplained shown = data.Explained(linked);
  CHECK(shown.same);
  CHECK_FALSE(shown.notice);

  // An incident's key names when its first alert fired.
  pipeline::PipelineOptions later;
  later.lateness_ms += 30 * kSecondMs;
  const PageExplained other = data.Explained(later);
  CHECK_FALSE(other.paged);
  CHECK_FALSE(other.same);
  CHECK(other.effects_again < other.effects);
  CHECK(other.first_other != 0);
  REQUIRE(other.nearby.size() == 1);
  CHECK(other.nearby[0].at > other.recorded.at);
  CHECK(other.nearby[0].summary == again.incident.summary);

  pipeline::PipelineOptions blind;
  blind.signals.discover = false;
  const PageExplained none = data.Explained(blind);
  CHECK(none.reaches_back());
  CHECK_FALSE(none.paged);
  CHECK_FALSE(none.same);
  CHECK(none.nearby.empty());
  CHECK(none.effects_again == 0);

  std::vector<std::string> segments;
  for (const auto& file : std::filesystem::directory_iterator(data.Journal())) {
    if (file.path().extension() == ".qj") segments.push_back(file.path());
  }
  REQUIRE(segments.size() > 2);
  std::filesystem::remove(*std::min_element(segments.begin(), segments.end()));
  const PageExplained cut = data.Explained({});
  CHECK_FALSE(cut.reaches_back());
  CHECK(cut.journal_first > 1);
  CHECK(cut.journal_since > kStart);
  CHECK_FALSE(cut.same);
}

TEST_CASE("Explain: a page is found by its key, its first digits or an entry's number",
          "[explain]") {
  const test::TempFolder folder;
  {
    const auto store = store::OpenSqliteStore(folder.File("quell.db"));
    REQUIRE(store.ok());
    const auto append = [&](const std::string& kind, const std::string& what,
                            const std::string& key) {
      store::AuditRow row;
      row.kind = kind;
      row.what = what;
      row.key = key;
      REQUIRE((*store)->AppendAudit(row).ok());
    };
    append("decision", "alert_fired", "1");           // entry 1
    append("decision", "incident_page", "abcd11");    // 2
    append("page", "page_trigger", "abcd11");         // 3
    append("decision", "incident_page", "abcd22");    // 4
    append("decision", "incident_suppress", "eeee");  // 5
    append("decision", "incident_page", "abcd11");    // 6: it paged anew
  }
  const auto log = store::OpenAuditReader(folder.File("quell.db"));
  REQUIRE(log.ok());
  const auto entry = [&](const std::string& page) -> std::uint64_t {
    const auto found = FindPage(**log, page);
    REQUIRE(found.ok());
    return *found ? (*found)->entry : 0;
  };
  CHECK(entry("abcd11") == 2);
  CHECK(entry("abcd2") == 4);
  CHECK(entry("6") == 6);
  CHECK(entry("3") == 2);
  CHECK(entry("1") == 0);
  CHECK(entry("5") == 0);
  CHECK(entry("eeee") == 0);
  CHECK(entry("abc") == 0);
  CHECK(entry("") == 0);
  CHECK(entry("18446744073709551616") == 0);
  CHECK_FALSE(FindPage(**log, "abcd").ok());
}

}  // namespace
}  // namespace quell::replay
