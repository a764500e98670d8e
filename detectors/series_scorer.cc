#include "detectors/series_scorer.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr size_t kEarlyGaps = 8;
constexpr double kSmoothing = 0.4;
constexpr double kFading = 0.998845;  // half in 600 points
constexpr double kScoreNats = 4;

DurationMs MedianGap(std::vector<DurationMs> gaps) {
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return std::max<DurationMs>(1, *middle);
}

}  // namespace

SeriesScorer::SeriesScorer(DetectorBank bank, const SeriesScorerOptions& options)
    : bank_(std::move(bank)), direction_(options.direction) {}

Result<SeriesScorer> SeriesScorer::Create(const SeriesScorerOptions& options) {
  BankOptions bank_options;
  bank_options.seed = options.seed;
  QUELL_ASSIGN(DetectorBank bank, DetectorBank::Create(bank_options));
  return SeriesScorer(std::move(bank), options);
}

double SeriesScorer::Observe(TimeMs time, double value) {
  if (bank_.size() > 0) return Judge(time, value);
  early_.push_back({time, value});
  if (early_.size() <= kEarlyGaps) return 0;
  std::vector<DurationMs> gaps;
  for (size_t i = 1; i < early_.size(); ++i) gaps.push_back(early_[i].time - early_[i - 1].time);
  SignalSpec spec;
  spec.kind = SignalKind::kGauge;
  spec.policy.direction = direction_;
  spec.interval_ms = MedianGap(std::move(gaps));
  bank_.AddSignal(spec);
  double score = 0;
  for (const Early& point : early_) score = Judge(point.time, point.value);
  early_.clear();
  early_.shrink_to_fit();
  return score;
}

double SeriesScorer::Judge(TimeMs time, double value) {
  const Point point{.slot = 0, .value = value};
  bank_.Observe(time, {&point, 1}, {&verdict_, 1});
  if (verdict_.reason == VerdictReason::kInsufficientEvidence) return 0;
  const double now = -std::log(verdict_.tail_probability);
  surprise_ = kSmoothing * surprise_ + (1 - kSmoothing) * now;
  highest_ *= kFading;
  const double news = std::max(0.0, surprise_ - highest_);
  highest_ = std::max(highest_, surprise_);
  return -std::expm1(-news / kScoreNats);
}

}  // namespace quell::detectors
