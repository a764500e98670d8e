#include "detectors/generalized_pareto.h"

#include <algorithm>
#include <boost/accumulators/accumulators.hpp>
#include <boost/accumulators/statistics/mean.hpp>
#include <boost/accumulators/statistics/stats.hpp>
#include <cmath>

namespace quell::detectors {

namespace acc = boost::accumulators;

double ParetoTail::Surprise(double x) const {
  if (shape < 1e-6) return x / scale;
  return std::log1p(shape * x / scale) / shape;
}

ParetoTail FitParetoTail(std::span<float> excesses) {
  std::sort(excesses.begin(), excesses.end());
  acc::accumulator_set<double, acc::stats<acc::tag::mean>> plain;
  acc::accumulator_set<double, acc::stats<acc::tag::mean>> weighted;  // by the plotting position
  const auto count = static_cast<double>(excesses.size());
  for (size_t i = 0; i < excesses.size(); ++i) {
    const double position = (static_cast<double>(i) + 0.65) / count;
    plain(excesses[i]);
    weighted((1 - position) * excesses[i]);
  }
  const double a0 = acc::mean(plain);
  const double a1 = acc::mean(weighted);
  const double denominator = a0 - 2 * a1;
  ParetoTail tail;
  tail.scale = std::max(1e-6, a0);
  if (denominator <= 1e-12) return tail;
  const double shape = 2 - a0 / denominator;
  if (shape <= 0) return tail;
  tail.shape = shape;
  tail.scale = std::max(1e-6, 2 * a0 * a1 / denominator);
  return tail;
}

}  // namespace quell::detectors
