// Series are cut into runs, one a slice, for a stretch of slices at a time: the runs of a stretch
// are all that is in memory besides the window itself.
#include "engine/backfill/slices.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

namespace quell::backfill {
namespace {

using ingest::Sample;
using ingest::SampleBatch;

constexpr TimeMs kSlicesAtOnce = 256;

bool Earlier(const Sample& a, const Sample& b) { return a.time < b.time; }

bool IsSorted(const SampleBatch& window) {
  for (size_t i = 0; i < window.series.size(); ++i) {
    const auto& series = window.series[i];
    if (i > 0 && !(window.series[i - 1].labels < series.labels)) return false;
    if (!std::is_sorted(window.samples.begin() + series.begin, window.samples.begin() + series.end,
                        Earlier)) {
      return false;
    }
  }
  return true;
}

TimeMs AlignDown(TimeMs time, DurationMs step) {
  const TimeMs rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

class Cutter {
 public:
  Cutter(const SampleBatch& window, const SliceOptions& options, const RecordCall& call)
      : window_(window), options_(options), call_(call), slices_(kSlicesAtOnce) {
    for (const auto& series : window.series) next_.push_back(series.begin);
  }

  Status Run() {
    for (;;) {
      TimeMs first = std::numeric_limits<TimeMs>::max();
      for (size_t i = 0; i < next_.size(); ++i) {
        if (next_[i] < window_.series[i].end) {
          first = std::min(first, window_.samples[next_[i]].time);
        }
      }
      if (first == std::numeric_limits<TimeMs>::max()) return Ok{};
      QUELL_TRY(Stretch(AlignDown(first, options_.slice_ms)));
    }
  }

 private:
  // The slices from `start` on.
  Status Stretch(TimeMs start) {
    const TimeMs end = start + kSlicesAtOnce * options_.slice_ms;
    for (std::uint32_t i = 0; i < next_.size(); ++i) {
      std::uint32_t at = next_[i];
      const std::uint32_t stop = window_.series[i].end;
      while (at < stop && window_.samples[at].time < end) {
        const TimeMs slice = (window_.samples[at].time - start) / options_.slice_ms;
        const TimeMs slice_end = start + (slice + 1) * options_.slice_ms;
        const std::uint32_t begin = at;
        while (at < stop && window_.samples[at].time < slice_end) ++at;
        slices_[static_cast<size_t>(slice)].push_back({i, begin, at});
      }
      next_[i] = at;
    }
    for (TimeMs slice = 0; slice < kSlicesAtOnce; ++slice) {
      auto& runs = slices_[static_cast<size_t>(slice)];
      if (!runs.empty()) QUELL_TRY(Emit(start + (slice + 1) * options_.slice_ms, runs));
      runs.clear();
    }
    return Ok{};
  }

  Status Emit(TimeMs slice_end, std::vector<SeriesRun>& runs) {
    std::stable_sort(runs.begin(), runs.end(), [this](const SeriesRun& a, const SeriesRun& b) {
      return Earlier(window_.samples[a.begin], window_.samples[b.begin]);
    });
    size_t begin = 0;
    std::uint64_t samples = 0;
    for (size_t i = 0; i < runs.size(); ++i) {
      const std::uint64_t more = runs[i].end - runs[i].begin;
      if (i > begin && samples + more > options_.record_samples_max) {
        QUELL_TRY(call_(slice_end, std::span(runs).subspan(begin, i - begin)));
        begin = i;
        samples = 0;
      }
      samples += more;
    }
    return call_(slice_end, std::span(runs).subspan(begin));
  }

  const SampleBatch& window_;
  const SliceOptions& options_;
  const RecordCall& call_;
  std::vector<std::uint32_t> next_;  // by series: the first sample that is still to come
  std::vector<std::vector<SeriesRun>> slices_;
};

}  // namespace

void SortWindow(SampleBatch& window) {
  if (IsSorted(window)) return;
  std::vector<std::uint32_t> order(window.series.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return window.series[a].labels < window.series[b].labels;
  });
  SampleBatch sorted;
  sorted.samples.reserve(window.samples.size());
  for (const std::uint32_t i : order) {
    auto& series = window.series[i];
    const bool again = !sorted.series.empty() && sorted.series.back().labels == series.labels;
    if (!again) {
      const auto begin = static_cast<std::uint32_t>(sorted.samples.size());
      sorted.series.emplace_back();
      sorted.series.back().labels = std::move(series.labels);
      sorted.series.back().begin = begin;
    }
    sorted.samples.insert(sorted.samples.end(), window.samples.begin() + series.begin,
                          window.samples.begin() + series.end);
    sorted.series.back().end = static_cast<std::uint32_t>(sorted.samples.size());
  }
  for (const auto& series : sorted.series) {
    std::stable_sort(sorted.samples.begin() + series.begin, sorted.samples.begin() + series.end,
                     Earlier);
  }
  window = std::move(sorted);
}

Status ForEachRecord(const SampleBatch& window, const SliceOptions& options,
                     const RecordCall& call) {
  return Cutter(window, options, call).Run();
}

}  // namespace quell::backfill
