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
    pipeline_.retired_.erase(id);
    auto known = pipeline_.signals_.Find(hash);
    if (!known) known = pipeline_.signals_.InternLike(hash, body);
    if (known) series.id = *known;
    return known.has_value();
  }
  void OnSeries(std::uint32_t id, ingest::SeriesType type, Labels labels) override {
    pipeline_.numbered_[id].id = pipeline_.signals_.Intern(labels, type);
  }
  void OnSample(std::uint32_t id, TimeMs time, double value) override {
    if (!IsUsed(id) && !ComesBack(id)) return;
    pipeline_.batch_.push_back({time, value, pipeline_.numbered_[id].id});
    newest_ = std::max(newest_, time);
  }
  void OnHistogram(std::uint32_t id, const ingest::HistogramSample& histogram) override {
    if (!IsUsed(id) && !ComesBack(id)) return;
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

  // A series that was forgotten, and has a sample again.
  bool ComesBack(std::uint32_t id) {
    if (pipeline_.retired_.empty()) return false;
    const auto retired = pipeline_.retired_.find(id);
    if (retired == pipeline_.retired_.end()) return false;
    const std::string body = std::move(retired->second);
    pipeline_.retired_.erase(retired);
    const auto read = ingest::ReadDefinitionBody(body);
    if (!read.ok()) return false;
    pipeline_.numbered_[id] = {WideHash(body, 0),
                               pipeline_.signals_.Intern(read->labels, read->type)};
    return IsUsed(id);
  }

  Pipeline& pipeline_;
  TimeMs newest_;
};

// Journal numbers of forgotten series keep the definition: the journal need not repeat it.
void Pipeline::RetireSeries() {
  std::vector<signals::SeriesId> waiting;
  for (const EarlySample& early : early_) waiting.push_back(early.series);
  for (const EarlyHistogram& early : early_histograms_) waiting.push_back(early.series);
  std::unordered_map<signals::SeriesId, std::string> bodies;
  const auto now_at = signals_.RetireSeries(
      waiting, [&](signals::SeriesId id, std::string_view body) { bodies.emplace(id, body); });
  if (now_at.empty()) return;
  for (EarlySample& early : early_) early.series = now_at[early.series];
  for (EarlyHistogram& early : early_histograms_) early.series = now_at[early.series];
  for (std::uint32_t number = 0; number < numbered_.size(); ++number) {
    NumberedSeries& series = numbered_[number];
    if (series.id == signals::kIgnoredSeries) continue;
    const auto body = bodies.find(series.id);
    if (body == bodies.end()) {
      series.id = now_at[series.id];
    } else {
      retired_[number] = body->second;
      series = {};
    }
  }
}

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
