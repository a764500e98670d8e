#include "tests/engine/backfill/history.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "core/random.h"
#include "ingest/remote_write.h"

namespace quell::backfill {

std::vector<ScrapedSeries> MakeHistory(size_t lanes, DurationMs duration, DurationMs interval) {
  Random random(7);
  std::vector<ScrapedSeries> out;
  for (size_t lane = 0; lane < lanes; ++lane) {
    const std::string psp = "psp" + std::to_string(lane);
    const DurationMs offset =
        static_cast<DurationMs>(random.Below(static_cast<std::uint64_t>(interval)));
    std::vector<ScrapedSeries> of_lane;
    for (const char* outcome : {"success", "failed"}) {
      of_lane.push_back(
          {Labels{{"__name__", "payments_total"}, {"outcome", outcome}, {"psp", psp}}, {}});
    }
    of_lane.push_back({Labels{{"__name__", "queue_depth"}, {"psp", psp}}, {}});
    double good = 0;
    double bad = 0;
    for (TimeMs time = kMonday + offset; time < kMonday + duration; time += interval) {
      const double day =
          static_cast<double>((time - kMonday) % kDayMs) / static_cast<double>(kDayMs);
      const double volume = 200 + 100 * std::sin(day * 6.283) + 10 * random.Normal();
      const bool outage = lane == 0 && duration - (time - kMonday) < 20 * kHourMs &&
                          duration - (time - kMonday) > 18 * kHourMs;
      const double failing = outage ? 0.6 : 0.02;
      good += std::round(std::max(0.0, volume * (1 - failing)));
      bad += std::round(std::max(0.0, volume * failing));
      of_lane[0].samples.push_back({time, good});
      of_lane[1].samples.push_back({time, bad});
      of_lane[2].samples.push_back({time, std::round(20 + 5 * random.Normal())});
    }
    for (auto& series : of_lane) out.push_back(std::move(series));
  }
  return out;
}

Result<Plan> MemorySource::Prepare(TimeMs from, TimeMs to, const Plan* former) {
  return former != nullptr ? *former : Plan{"", from, to};
}

Result<ingest::SampleBatch> MemorySource::Window(TimeMs start, TimeMs end) {
  ++windows;
  if (before_window) QUELL_TRY(before_window());
  ingest::SampleBatch batch;
  for (const ScrapedSeries& series : series_) {
    ingest::SampleBatch::Series made;
    made.labels = series.labels;
    made.begin = static_cast<std::uint32_t>(batch.samples.size());
    for (const ingest::Sample& sample : series.samples) {
      if (sample.time >= start && sample.time < end) batch.samples.push_back(sample);
    }
    made.end = static_cast<std::uint32_t>(batch.samples.size());
    if (made.end > made.begin) batch.series.push_back(std::move(made));
  }
  if (batch.samples.size() <= samples_max) return batch;
  return MakeError(ErrorCode::kResourceExhausted, "too many samples");
}

std::vector<ingest::JournalRecord> LiveRecords(const std::vector<ScrapedSeries>& history) {
  std::map<TimeMs, std::vector<std::pair<const ScrapedSeries*, ingest::Sample>>> scrapes;
  for (const ScrapedSeries& series : history) {
    for (const ingest::Sample& sample : series.samples) {
      scrapes[sample.time].emplace_back(&series, sample);
    }
  }
  std::vector<ingest::JournalRecord> out;
  for (auto& [time, scrape] : scrapes) {
    std::sort(scrape.begin(), scrape.end(),
              [](const auto& a, const auto& b) { return a.first->labels < b.first->labels; });
    ingest::SampleBatch batch;
    for (const auto& [series, sample] : scrape) {
      const auto at = static_cast<std::uint32_t>(batch.samples.size());
      batch.samples.push_back(sample);
      batch.series.emplace_back();
      batch.series.back().labels = series->labels;
      batch.series.back().begin = at;
      batch.series.back().end = at + 1;
    }
    ingest::JournalRecord record;
    record.sequence = out.size() + 1;
    record.received_ms = time + 400;
    record.payload = ingest::EncodeBatch(batch);
    out.push_back(std::move(record));
  }
  return out;
}

std::vector<ingest::JournalRecord> ReadAll(const std::string& folder) {
  auto reader = ingest::JournalReader::Open(folder, 1);
  if (!reader.ok()) FAIL(reader.error().message);
  std::vector<ingest::JournalRecord> out;
  for (;;) {
    auto record = (*reader)->Next();
    if (!record.ok()) FAIL(record.error().message);
    if (!record->has_value()) return out;
    if (!(*record)->context) out.push_back(**record);
  }
}

std::string Bytes(const std::vector<ingest::JournalRecord>& records) {
  std::string out;
  for (const auto& record : records) {
    out += std::to_string(record.sequence) + ' ' + std::to_string(static_cast<int>(record.kind)) +
           ' ' + std::to_string(record.received_ms) + ' ' + record.payload + '\n';
  }
  return out;
}

}  // namespace quell::backfill
