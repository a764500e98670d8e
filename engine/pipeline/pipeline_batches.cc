// Journal records of series definitions and of samples by number.
#include <algorithm>

#include "core/hash.h"
#include "engine/pipeline/pipeline.h"
#include "ingest/series_records.h"

namespace quell::pipeline {

// Feeds a record's content to the pipeline. A number always means what was last defined under it:
// the journal defines every number again in each segment, before it is used.
class Pipeline::BatchFeed final : public ingest::BatchVisitor {
 public:
  explicit BatchFeed(Pipeline& pipeline) : pipeline_(pipeline), newest_(pipeline.event_time_) {
    pipeline_.batch_.clear();
  }

  // Every segment defines its series again, nearly always as they were.
  bool Knows(std::uint32_t id, std::string_view body) override {
    std::vector<NumberedSeries>& numbered = pipeline_.numbered_;
    if (id >= numbered.size()) numbered.resize(id + 1);
    const Hash128 hash = WideHash(body, 0);
    NumberedSeries& series = numbered[id];
    if (series.definition == hash) return true;
    series.definition = hash;
    auto known = pipeline_.signals_.Find(hash);
    if (!known) known = pipeline_.signals_.InternLike(hash, body);
    if (known) series.id = *known;
    return known.has_value();
  }
  void OnSeries(std::uint32_t id, ingest::SeriesType type, Labels labels) override {
    pipeline_.numbered_[id].id = pipeline_.signals_.Intern(labels, type);
  }
  void OnSample(std::uint32_t id, TimeMs time, double value) override {
    if (!IsUsed(id)) return;
    pipeline_.batch_.push_back({time, value, pipeline_.numbered_[id].id});
    newest_ = std::max(newest_, time);
  }
  void OnHistogram(std::uint32_t id, const ingest::HistogramSample& histogram) override {
    if (!IsUsed(id)) return;
    pipeline_.ObserveHistogram(pipeline_.numbered_[id].id, histogram);
    newest_ = std::max(newest_, histogram.time);
  }

  // After a record's last sample.
  void Flush() { pipeline_.Observe(pipeline_.batch_); }
  [[nodiscard]] TimeMs newest() const { return newest_; }

 private:
  [[nodiscard]] bool IsUsed(std::uint32_t id) const {
    return id < pipeline_.numbered_.size() && pipeline_.numbered_[id].id != signals::kIgnoredSeries;
  }

  Pipeline& pipeline_;
  TimeMs newest_;
};

void Pipeline::ApplyBatch(const ingest::JournalRecord& record) {
  BatchFeed feed(*this);
  const Status read = record.kind == ingest::RecordKind::kSeries
                          ? ingest::ReadDefinitions(record.payload, feed)
                          : ingest::ReadBatch(record.payload, feed);
  feed.Flush();
  if (!read.ok()) ++counters_.bad_records;
  if (record.kind == ingest::RecordKind::kBatch) AdvanceTo(Believable(feed.newest(), record));
}

}  // namespace quell::pipeline
