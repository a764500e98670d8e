#include "detectors/calibration.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr double kTailShare = 0.02;
constexpr double kPriorPoints = 300;
constexpr double kPriorScale = 1.1;
constexpr double kScaleWeight = 40;   // excesses that the prior scale is worth
constexpr double kShapeWeight = 200;  // and the prior shape
constexpr double kPriorShape = 0.02;
constexpr double kShapeMax = 0.3;
constexpr double kScaleMin = 0.4;
constexpr double kScaleMax = 4;
constexpr double kExcessMax = 8;
constexpr double kRefitMin = 1000;

}  // namespace

TailCalibrator::TailCalibrator(double prior_copies, std::uint64_t seed)
    : prior_copies_(prior_copies), random_(seed) {
  excesses_.reserve(kExcesses);
  Refit();
}

double TailCalibrator::Surprise(double x) const {
  if (x > threshold_) return threshold_surprise_ + tail_.Surprise(x - threshold_);
  const double place = x * kBinsPerUnit;
  const auto at = static_cast<size_t>(place);
  return body_[at] + (place - static_cast<double>(at)) * (body_[at + 1] - body_[at]);
}

void TailCalibrator::Observe(double x) {
  const int bin = std::min(kBins - 1, static_cast<int>(x * kBinsPerUnit));
  counts_[static_cast<size_t>(bin)] += 1;
  total_ += 1;
  fresh_ += 1;
  if (x <= 0.8 * threshold_) return;
  excess_count_ += 1;
  if (excesses_.size() < kExcesses) {
    excesses_.push_back(static_cast<float>(x));
  } else if (random_.Uniform() * excess_count_ < static_cast<double>(kExcesses)) {
    excesses_[random_.Below(kExcesses)] = static_cast<float>(x);
  }
}

void TailCalibrator::RefitIfDue(TimeMs now) {
  if (halved_at_ == INT64_MIN) halved_at_ = now;
  if (fresh_ < std::max(total_ / 8, kRefitMin)) return;
  if (now - halved_at_ >= span_ms_) {
    span_ms_ = std::min(2 * span_ms_, kHalfLifeMs);
    for (double& count : counts_) count /= 2;
    total_ /= 2;
    excess_count_ /= 2;
    halved_at_ = now;
  }
  Refit();
}

void TailCalibrator::Refit() {
  fresh_ = 0;
  double above = 0;  // points at or above the bin's lower edge
  std::array<double, kBins + 1> survival{};
  for (int i = kBins - 1; i >= 0; --i) {
    above += counts_[static_cast<size_t>(i)];
    const double prior =
        -std::expm1(prior_copies_ *
                    std::log1p(-std::min(1 - 1e-15, std::exp(-i / kBinsPerUnit / kPriorScale))));
    survival[static_cast<size_t>(i)] = (above + kPriorPoints * prior) / (total_ + kPriorPoints);
  }
  size_t edge = 1;
  while (edge + 2 < kBins && survival[edge] > kTailShare) ++edge;
  body_[0] = 0;
  for (size_t i = 1; i <= edge; ++i) {
    body_[i] = std::max(body_[i - 1], -std::log(std::max(1e-12, survival[i])));
  }
  for (size_t i = edge + 1; i < body_.size(); ++i) body_[i] = body_[edge];
  threshold_ = static_cast<double>(edge) / kBinsPerUnit;
  threshold_surprise_ = body_[edge];
  RefitTail();
}

void TailCalibrator::RefitTail() {
  std::vector<float> excesses;
  excesses.reserve(excesses_.size());
  for (const float x : excesses_) {
    if (x > threshold_) {
      excesses.push_back(static_cast<float>(std::min(kExcessMax, x - threshold_)));
    }
  }
  tail_ = {kPriorScale, kPriorShape};
  if (excesses.size() < 2) return;
  const ParetoTail fit = FitParetoTail(excesses);
  const auto count = static_cast<double>(excesses.size());
  // Less one and a half standard errors: far out, a shape that is mere noise costs much power.
  const double shape = std::max(0.0, fit.shape - 1.5 / std::sqrt(count));
  tail_.shape = std::clamp((kShapeWeight * kPriorShape + count * shape) / (kShapeWeight + count),
                           0.0, kShapeMax);
  // The scale that keeps the mean excess, scale / (1 - shape), for the shrunken shape.
  const double mean = fit.scale / std::max(0.1, 1 - fit.shape);
  const double scale =
      (kScaleWeight * kPriorScale + count * mean * (1 - tail_.shape)) / (kScaleWeight + count);
  tail_.scale = std::clamp(scale, kScaleMin, kScaleMax);
}

void TailCalibrator::Save(ByteWriter& out) const {
  out.Put(prior_copies_);
  out.Put(total_);
  out.Put(fresh_);
  for (const double count : counts_) out.Put(count);
  for (const double surprise : body_) out.Put(surprise);
  out.Put(threshold_);
  out.Put(threshold_surprise_);
  out.Put(tail_.scale);
  out.Put(tail_.shape);
  out.PutArray(excesses_);
  out.Put(excess_count_);
  out.Put(halved_at_);
  out.Put(span_ms_);
  random_.Save(out);
}

bool TailCalibrator::Load(ByteReader& in) {
  prior_copies_ = in.Get<double>();
  total_ = in.Get<double>();
  fresh_ = in.Get<double>();
  for (double& count : counts_) count = in.Get<double>();
  for (double& surprise : body_) surprise = in.Get<double>();
  threshold_ = in.Get<double>();
  threshold_surprise_ = in.Get<double>();
  tail_.scale = in.Get<double>();
  tail_.shape = in.Get<double>();
  excesses_ = in.GetArray<float>();
  excesses_.reserve(kExcesses);
  excess_count_ = in.Get<double>();
  halved_at_ = in.Get<TimeMs>();
  span_ms_ = in.Get<DurationMs>();
  random_.Load(in);
  return in.ok() && excesses_.size() <= kExcesses && tail_.scale > 0 && tail_.shape >= 0 &&
         span_ms_ > 0 && span_ms_ <= kHalfLifeMs && threshold_ > 0 &&
         threshold_ < kBins / kBinsPerUnit;
}

}  // namespace quell::detectors
