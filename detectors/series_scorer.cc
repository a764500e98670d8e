#include "detectors/series_scorer.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr double kFading = 0.98282;      // half in 40 points
constexpr double kNoveltyNats = 4;       // of ln(1 + novelty)
constexpr double kRarityNats = 1.0 / 8;  // of surprise and news each

}  // namespace

double SeriesScorer::Novelty(double value) {
  const double value_is = value_.Observe(values_.Observe(value));
  return std::max(value_is, length_.Observe(stay_.Observe(value > values_.middle())));
}

double SeriesScorer::Observe(double value) {
  if (!std::isfinite(value)) return 0;
  const double surprise = surprise_.Observe(value);
  highest_ *= kFading;
  const double news = std::max(0.0, surprise - highest_);
  highest_ = std::max(highest_, surprise);
  const double novelty = Novelty(value);
  if (!surprise_.ready()) return 0;
  const double nats = kNoveltyNats * std::log1p(novelty) + kRarityNats * (surprise + news);
  return -std::expm1(-nats / kScoreNats);
}

}  // namespace quell::detectors
