#include "detectors/series_surprise.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr double kSmoothing = 0.4;
constexpr double kLevelGainMin = 0.0005;
constexpr double kFastGain = 0.1;
constexpr double kSlowGain = 0.01;

}  // namespace

double SeriesSurprise::OfThis(double value) {
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

double SeriesSurprise::Observe(double value) {
  smoothed_ = kSmoothing * smoothed_ + (1 - kSmoothing) * OfThis(value);
  return smoothed_;
}

}  // namespace quell::detectors
