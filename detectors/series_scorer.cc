#include "detectors/series_scorer.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr double kSmoothing = 0.4;
constexpr double kFading = 0.98282;  // half in 40 points
constexpr double kLevelGainMin = 0.0005;
constexpr double kFastGain = 0.1;
constexpr double kSlowGain = 0.01;
constexpr double kNoveltyNats = 4;       // of ln(1 + novelty)
constexpr double kRarityNats = 1.0 / 8;  // of surprise and news each

}  // namespace

double SeriesScorer::Surprise(double value) {
  if (points_ == 0) level_ = fast_ = slow_ = before_ = value;
  ++points_;
  const double away = std::fabs(value - level_);
  level_ += std::max(1 / static_cast<double>(points_), kLevelGainMin) * (value - level_);
  const double step = std::fabs(value - before_);
  before_ = value;
  fast_ += kFastGain * (value - fast_);
  slow_ += kSlowGain * (value - slow_);
  restless_ += kFastGain * (step - restless_);
  const std::array<double, 4> news = {away, step, std::fabs(fast_ - slow_), restless_};
  double sum = 0;
  for (size_t i = 0; i < news.size(); ++i) sum += tails_[i].Observe(news[i]);
  return sum / 2;
}

double SeriesScorer::Novelty(double value) {
  const double value_is = value_.Observe(values_.Observe(value));
  return std::max(value_is, length_.Observe(stay_.Observe(value > values_.middle())));
}

double SeriesScorer::Observe(double value) {
  if (!std::isfinite(value)) return 0;
  surprise_ = kSmoothing * surprise_ + (1 - kSmoothing) * Surprise(value);
  highest_ *= kFading;
  const double news = std::max(0.0, surprise_ - highest_);
  highest_ = std::max(highest_, surprise_);
  const double novelty = Novelty(value);
  if (!ready()) return 0;
  const double nats = kNoveltyNats * std::log1p(novelty) + kRarityNats * (surprise_ + news);
  return -std::expm1(-nats / kScoreNats);
}

}  // namespace quell::detectors
