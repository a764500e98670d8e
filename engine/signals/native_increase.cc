#include "engine/signals/native_increase.h"

#include <algorithm>
#include <optional>

namespace quell::signals {
namespace {

using ingest::HistogramBucket;

constexpr double kRounding = 1e-9;

// What lies at or below a bound, asked in ascending order.
class Cumulative {
 public:
  explicit Cumulative(std::span<const HistogramBucket> buckets) : buckets_(buckets) {}

  [[nodiscard]] bool done() const { return next_ == buckets_.size(); }
  [[nodiscard]] double next_bound() const { return buckets_[next_].upper; }
  // nullopt where `bound` lies inside a bucket that is not empty.
  std::optional<double> At(double bound) {
    while (!done() && !(next_bound() > bound)) sum_ += buckets_[next_++].count;
    const bool on_edge = next_ > 0 && buckets_[next_ - 1].upper == bound;
    if (done() || on_edge || buckets_[next_].count == 0) return sum_;
    return std::nullopt;
  }

 private:
  std::span<const HistogramBucket> buckets_;
  size_t next_ = 0;
  double sum_ = 0;
};

}  // namespace

NativeChange IncreaseSince(const NativeState& before, const ingest::HistogramSample& now,
                           std::vector<HistogramBucket>& increase) {
  const double rounding = kRounding * now.count;
  increase.clear();
  bool reset = now.count < before.count - rounding;
  Cumulative was(before.buckets);
  Cumulative is(now.buckets);
  double below = 0;  // the growth at or below the last bound
  while (!reset && !(was.done() && is.done())) {
    double bound = was.done() ? is.next_bound() : was.next_bound();
    if (!is.done()) bound = std::min(bound, is.next_bound());
    const auto before_it = was.At(bound);
    const auto now_it = is.At(bound);
    if (!before_it || !now_it) continue;
    const double growth = *now_it - *before_it;
    reset = growth - below < -rounding;
    increase.push_back({bound, std::max(0.0, growth - below)});
    below = growth;
  }
  if (!reset) return NativeChange::kGrown;
  increase.assign(now.buckets.begin(), now.buckets.end());
  return NativeChange::kReset;
}

}  // namespace quell::signals
