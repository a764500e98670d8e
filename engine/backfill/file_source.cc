#include <algorithm>
#include <limits>
#include <unordered_map>

#include "engine/backfill/source.h"
#include "ingest/history.h"

namespace quell::backfill {
namespace {

using ingest::HistorySink;

constexpr TimeMs kForever = std::numeric_limits<TimeMs>::max();

// Keeps the samples of a window, a column a series.
class WindowSink final : public HistorySink {
 public:
  WindowSink(TimeMs start, TimeMs end, std::uint64_t samples_max, const Wants& wants)
      : start_(start), end_(end), samples_max_(samples_max), wants_(wants) {}

  std::uint32_t Series(const Labels& labels) override {
    const auto at = by_labels_.find(labels);
    if (at != by_labels_.end()) return at->second;
    std::uint32_t handle = kNoSeries;
    if (!wants_ || wants_(labels)) {
      handle = static_cast<std::uint32_t>(columns_.size());
      columns_.emplace_back();
    }
    by_labels_.emplace(labels, handle);
    return handle;
  }

  Status Add(std::uint32_t series, TimeMs time, double value) override {
    if (time < start_ || time >= end_) return Ok{};
    if (++samples_ > samples_max_) {
      return MakeError(ErrorCode::kResourceExhausted,
                       "more than " + std::to_string(samples_max_) +
                           " samples at once; --samples-max allows more of them");
    }
    columns_[series].push_back({time, value});
    return Ok{};
  }

  ingest::SampleBatch Take() {
    ingest::SampleBatch batch;
    batch.samples.reserve(samples_);
    for (const auto& [labels, handle] : by_labels_) {
      if (handle == kNoSeries || columns_[handle].empty()) continue;
      auto& column = columns_[handle];
      batch.series.emplace_back();
      batch.series.back().labels = labels;
      batch.series.back().begin = static_cast<std::uint32_t>(batch.samples.size());
      batch.samples.insert(batch.samples.end(), column.begin(), column.end());
      batch.series.back().end = static_cast<std::uint32_t>(batch.samples.size());
      std::vector<ingest::Sample>().swap(column);
    }
    return batch;
  }

 private:
  TimeMs start_;
  TimeMs end_;
  std::uint64_t samples_max_;
  const Wants& wants_;
  std::unordered_map<Labels, std::uint32_t, LabelsHash> by_labels_;
  std::vector<std::vector<ingest::Sample>> columns_;
  std::uint64_t samples_ = 0;
};

// When the wanted samples are.
class RangeSink final : public HistorySink {
 public:
  explicit RangeSink(const Wants& wants) : wants_(wants) {}
  std::uint32_t Series(const Labels& labels) override {
    return !wants_ || wants_(labels) ? 0 : kNoSeries;
  }
  Status Add(std::uint32_t, TimeMs time, double) override {
    first = std::min(first, time);
    last = std::max(last, time);
    return Ok{};
  }
  TimeMs first = kForever;
  TimeMs last = std::numeric_limits<TimeMs>::min();

 private:
  const Wants& wants_;
};

class FileSource final : public Source {
 public:
  FileSource(FileKind kind, std::string path, std::uint64_t samples_max, Wants wants)
      : kind_(kind), path_(std::move(path)), samples_max_(samples_max), wants_(std::move(wants)) {}

  std::string Name() const override {
    return (kind_ == FileKind::kCsv ? "csv:" : "openmetrics:") + path_;
  }

  Result<Plan> Prepare(TimeMs from, TimeMs to, const Plan* former) override {
    plan_ = {"", from, to};
    if (former != nullptr) {
      plan_ = *former;
    } else if (from == 0 || to == 0) {
      RangeSink range(wants_);
      QUELL_TRY(Read(range));
      if (range.first == kForever) {
        return MakeError(ErrorCode::kNotFound,
                         Name() + " holds no sample of a series that a signal uses");
      }
      if (from == 0) plan_.from = range.first;
      if (to == 0) plan_.to = range.last + 1;
    }
    return plan_;
  }

  Result<ingest::SampleBatch> Window(TimeMs start, TimeMs end) override {
    WindowSink sink(start, end, samples_max_, wants_);
    QUELL_TRY(Read(sink));
    return sink.Take();
  }

  DurationMs WindowMs() const override {
    return std::max<DurationMs>(kMinuteMs, plan_.to - plan_.from + kMinuteMs);
  }

 private:
  Status Read(HistorySink& sink) const {
    const auto read = kind_ == FileKind::kCsv ? ingest::ReadCsv(path_, sink)
                                              : ingest::ReadOpenMetrics(path_, sink);
    if (!read.ok()) return read.error();
    return Ok{};
  }

  FileKind kind_;
  std::string path_;
  std::uint64_t samples_max_;
  Wants wants_;
  Plan plan_;
};

}  // namespace

std::unique_ptr<Source> MakeFileSource(FileKind kind, const std::string& path,
                                       std::uint64_t samples_max, Wants wants) {
  return std::make_unique<FileSource>(kind, path, samples_max, std::move(wants));
}

}  // namespace quell::backfill
