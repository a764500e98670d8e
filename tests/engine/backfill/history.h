// A small made-up past for backfill tests: payment lanes scraped by targets with offsets of their
// own, as a Source and as the journal records of a Quell that was there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "engine/backfill/backfill.h"
#include "ingest/journal.h"

namespace quell::backfill {

inline constexpr TimeMs kMonday = 1787529600000;  // 2026-08-24T00:00:00Z

struct ScrapedSeries {
  Labels labels;
  std::vector<ingest::Sample> samples;
};

// Counters with an outcome and a gauge for each of `lanes`, every `interval` in [kMonday,
// kMonday + duration); each lane at its own offset. Lane 0 fails for a while on the last day.
std::vector<ScrapedSeries> MakeHistory(size_t lanes, DurationMs duration, DurationMs interval);

// Gives a history window by window; can be away, or refuse what is too much.
class MemorySource final : public Source {
 public:
  explicit MemorySource(std::vector<ScrapedSeries> series) : series_(std::move(series)) {}
  std::string Name() const override { return name; }
  Result<Plan> Prepare(TimeMs from, TimeMs to, const Plan* former) override;
  Result<ingest::SampleBatch> Window(TimeMs start, TimeMs end) override;
  DurationMs WindowMs() const override { return 2 * kHourMs; }

  std::string name = "memory";
  std::uint64_t samples_max = ~std::uint64_t{0};
  std::function<Status()> before_window;  // its error is the window's
  int windows = 0;

 private:
  std::vector<ScrapedSeries> series_;
};

// What a live Quell would have journaled: one record a scrape, in order of time.
std::vector<ingest::JournalRecord> LiveRecords(const std::vector<ScrapedSeries>& history);

// All records of a journal, context left out.
std::vector<ingest::JournalRecord> ReadAll(const std::string& folder);
// Kinds, times and payloads as one text, for comparing byte for byte.
std::string Bytes(const std::vector<ingest::JournalRecord>& records);

}  // namespace quell::backfill
