#include "replay/runner/replay.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/random.h"
#include "ingest/journal.h"
#include "ingest/remote_write.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1787529600000;  // 2026-08-24T00:00:00Z
constexpr int kSteps = 3200;
constexpr int kOutage = 3000;

struct Series {
  Labels labels;
  std::vector<ingest::Sample> samples;
};

// Payments of two providers; acme fails for twenty minutes towards the end.
std::vector<Series> History() {
  std::vector<Series> out;
  Random random(8);
  for (const char* psp : {"acme", "globex"}) {
    Series good{{{"__name__", "payments_total"}, {"psp", psp}, {"outcome", "approved"}}, {}};
    Series bad{{{"__name__", "payments_total"}, {"psp", psp}, {"outcome", "error"}}, {}};
    double good_total = 0;
    double bad_total = 0;
    for (int step = 0; step < kSteps; ++step) {
      const bool outage = std::string(psp) == "acme" && step >= kOutage && step < kOutage + 40;
      const std::uint64_t count = random.Poisson(400);
      const std::uint64_t failed = random.Binomial(count, outage ? 0.4 : 0.02);
      good_total += static_cast<double>(count - failed);
      bad_total += static_cast<double>(failed);
      const TimeMs time = kStart + step * 30 * kSecondMs;
      good.samples.push_back({time, good_total});
      bad.samples.push_back({time, bad_total});
    }
    out.push_back(std::move(good));
    out.push_back(std::move(bad));
  }
  return out;
}

std::string OpenMetricsLine(const Labels& labels, const ingest::Sample& sample) {
  return labels.ToString() + ' ' + std::to_string(static_cast<std::int64_t>(sample.value)) + ' ' +
         std::to_string(sample.time / 1000) + '\n';
}

ReplayResult Replayed(const std::vector<std::string>& sources) {
  ReplayOptions options;
  for (const std::string& text : sources) options.sources.push_back(*ParseSource(text));
  ManualClock clock;
  double furthest = 0;
  auto result = RunReplay(options, {}, clock, [&](const std::string&, double done) {
    CHECK((done >= 0 && done <= 1.0001));
    furthest = std::max(furthest, done);
  });
  INFO((result.ok() ? "" : result.error().message));
  REQUIRE(result.ok());
  CHECK(furthest == 1);
  return *std::move(result);
}

void CheckSame(const ReplayResult& a, const ReplayResult& b) {
  CHECK(a.decisions == b.decisions);
  REQUIRE(a.pages.size() == b.pages.size());
  for (size_t i = 0; i < a.pages.size(); ++i) {
    CHECK(a.pages[i].id == b.pages[i].id);
    CHECK(a.pages[i].start == b.pages[i].start);
    CHECK(a.pages[i].end == b.pages[i].end);
    CHECK(a.pages[i].summary == b.pages[i].summary);
  }
  CHECK(a.alerts.size() == b.alerts.size());
  CHECK(a.raw_firings == b.raw_firings);
  CHECK(a.samples == b.samples);
  CHECK(a.steps == b.steps);
}

TEST_CASE("Replay: series by series, shuffled or over several files, it decides the same",
          "[replay]") {
  const test::TempFolder folder;
  const std::vector<Series> history = History();
  std::vector<std::pair<TimeMs, std::string>> by_time;
  std::string by_series;
  std::string evens;
  std::string odds;
  for (auto series = history.rbegin(); series != history.rend(); ++series) {
    for (size_t i = 0; i < series->samples.size(); ++i) {
      const std::string line = OpenMetricsLine(series->labels, series->samples[i]);
      by_series += line;
      by_time.emplace_back(series->samples[i].time, line);
      (i / 100 % 2 == 0 ? evens : odds) += line;
    }
  }
  std::stable_sort(by_time.begin(), by_time.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string sorted;
  for (const auto& [time, line] : by_time) sorted += line;
  Random random(2);
  for (size_t i = by_time.size(); i > 1; --i) std::swap(by_time[i - 1], by_time[random.Below(i)]);
  std::string shuffled;
  for (const auto& [time, line] : by_time) shuffled += line;

  REQUIRE(WriteFileAtomic(folder.File("sorted.om"), sorted + "# EOF\n").ok());
  REQUIRE(WriteFileAtomic(folder.File("by_series.om"), by_series + "# EOF\n").ok());
  REQUIRE(WriteFileAtomic(folder.File("shuffled.om"), shuffled + "# EOF\n").ok());
  REQUIRE(MakeFolders(folder.File("many")).ok());
  REQUIRE(WriteFileAtomic(folder.File("many/1.om"), odds + "# EOF\n").ok());
  REQUIRE(WriteFileAtomic(folder.File("many/2.om"), evens + "# EOF\n").ok());

  const ReplayResult expected = Replayed({"openmetrics:" + folder.File("sorted.om")});
  REQUIRE(expected.pages.size() == 1);
  CHECK(expected.pages[0].start > kStart + kOutage * 30 * kSecondMs);
  CHECK(expected.pages[0].end > expected.pages[0].start);
  CHECK(expected.first == kStart);
  CHECK(expected.series == 4);
  CHECK(expected.samples == 4 * kSteps);
  CheckSame(Replayed({"openmetrics:" + folder.File("by_series.om")}), expected);
  CheckSame(Replayed({"openmetrics:" + folder.File("shuffled.om")}), expected);
  CheckSame(Replayed({"openmetrics:" + folder.File("many")}), expected);
  CheckSame(Replayed({"openmetrics:" + folder.File("many/2.om"),
                      "openmetrics:" + folder.File("many/1.om")}),
            expected);
}

TEST_CASE("Replay: a journal gives what its records gave", "[replay]") {
  const test::TempFolder folder;
  const std::vector<Series> history = History();
  const auto direct = pipeline::Pipeline::Create({}, nullptr);
  REQUIRE(direct.ok());
  {
    ingest::JournalOptions options;
    options.folder = folder.File("journal");
    options.fsync = ingest::FsyncPolicy::kNever;
    options.segment_bytes_max = 1U << 18U;  // over several segments
    ManualClock clock;
    const auto journal = ingest::Journal::Open(options, clock);
    REQUIRE(journal.ok());
    for (size_t step = 0; step < kSteps; ++step) {
      ingest::SampleBatch batch;
      for (const Series& series : history) {
        const auto at = static_cast<std::uint32_t>(batch.samples.size());
        batch.series.push_back({series.labels, at, at + 1});
        batch.samples.push_back(series.samples[step]);
      }
      ingest::JournalRecord record;
      record.received_ms = batch.samples[0].time;
      record.payload = ingest::EncodeBatch(batch);
      const auto sequence = (*journal)->Append(record.kind, record.received_ms, record.payload);
      REQUIRE(sequence.ok());
      record.sequence = *sequence;
      (*direct)->Apply(record);
    }
  }
  std::vector<std::string> decisions;
  for (const auto& effect : (*direct)->TakeEffects()) {
    if (effect.kind == store::EffectKind::kDecision) decisions.push_back(effect.body);
  }
  REQUIRE_FALSE(decisions.empty());
  const ReplayResult result = Replayed({"journal:" + folder.File("journal")});
  CHECK(result.decisions == decisions);
  CHECK(result.pages.size() == 1);
  CHECK(result.samples == 4 * kSteps);
}

TEST_CASE("Replay: alerts before the evaluation begins are no firings", "[replay]") {
  const test::TempFolder folder;
  std::string text;
  for (const Series& series : History()) {
    for (const auto& sample : series.samples) text += OpenMetricsLine(series.labels, sample);
  }
  REQUIRE(WriteFileAtomic(folder.File("h.om"), text + "# EOF\n").ok());
  ReplayOptions options;
  options.sources.push_back(*ParseSource("openmetrics:" + folder.File("h.om")));
  ManualClock clock;
  const auto all = RunReplay(options, {}, clock, nullptr);
  options.evaluate_from = kStart + kWeekMs;
  const auto none = RunReplay(options, {}, clock, nullptr);
  REQUIRE(all.ok());
  REQUIRE(none.ok());
  CHECK(all->raw_firings > 0);
  CHECK(none->raw_firings == 0);
  CHECK(all->alerts.size() == none->alerts.size());
  for (const ReplayAlert& alert : all->alerts) CHECK_FALSE(alert.reason.empty());
}

TEST_CASE("Replay: a page budget beside the configured one decides as if it were configured",
          "[replay]") {
  const test::TempFolder folder;
  std::string text;
  for (const Series& series : History()) {
    for (const auto& sample : series.samples) text += OpenMetricsLine(series.labels, sample);
  }
  REQUIRE(WriteFileAtomic(folder.File("h.om"), text + "# EOF\n").ok());
  ReplayOptions options;
  options.sources.push_back(*ParseSource("openmetrics:" + folder.File("h.om")));
  options.budgets = {500, 1, 1e-300, 500};  // the least lets nothing fire
  ManualClock clock;
  const auto all = RunReplay(options, {}, clock, nullptr);
  REQUIRE(all.ok());
  CHECK(all->budget == 1);
  REQUIRE(all->budgets.size() == 3);
  for (const BudgetPages& at : all->budgets) {
    ReplayOptions alone = options;
    alone.budgets.clear();
    alone.pipeline.false_pages_per_week = at.budget;
    const auto expected = RunReplay(alone, {}, clock, nullptr);
    REQUIRE(expected.ok());
    CHECK(at.raw_firings == expected->raw_firings);
    CHECK(at.alerts.size() == expected->alerts.size());
    REQUIRE(at.pages.size() == expected->pages.size());
    for (size_t i = 0; i < at.pages.size(); ++i) {
      CHECK(at.pages[i].id == expected->pages[i].id);
      CHECK(at.pages[i].start == expected->pages[i].start);
      CHECK(at.pages[i].end == expected->pages[i].end);
    }
  }
  CHECK(all->budgets[0].budget == 1e-300);
  CHECK(all->budgets[2].budget == 500);
  CHECK(all->budgets[0].raw_firings < all->budgets[2].raw_firings);

  options.budgets = {1, 0};
  const auto wrong = RunReplay(options, {}, clock, nullptr);
  REQUIRE_FALSE(wrong.ok());
  CHECK_THAT(wrong.error().message, Catch::Contains("page budget 0.000000 is not above 0"));
}

}  // namespace
}  // namespace quell::replay
