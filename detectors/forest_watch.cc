#include "detectors/forest_watch.h"

#include <algorithm>
#include <cmath>

namespace quell::detectors {
namespace {

constexpr std::uint32_t kSuspicious = 1;
constexpr std::uint32_t kUntaught = 2;
constexpr double kFeatureMax = 12;
constexpr DurationMs kEarlierMs = 5 * kMinuteMs;
constexpr size_t kFitRowsMin = 256;
constexpr double kCalibratedMin = 500;

// Score to nats-like units: ordinary vectors fall in 2..5.
double RawSurprise(double score) { return std::max(0.0, 20 * (score - 0.35)); }

int KindIndex(SignalKind kind) {
  if (kind == SignalKind::kRatio) return 0;
  return kind == SignalKind::kRate ? 2 : 1;
}

}  // namespace

std::string_view ForestFeatureName(std::uint32_t feature) {
  static constexpr std::array<std::string_view, kForestFeatures> kNames = {
      "failures", "latency", "volume", "failures_change", "latency_change", "volume_change"};
  return feature < kNames.size() ? kNames[feature] : "unknown";
}

ForestJob::ForestJob(FeatureMatrix rows, const ForestOptions& options, std::uint64_t seed)
    : rows_(std::move(rows)), options_(options), seed_(seed) {}

ForestJob::ForestJob(IsolationForest result) : done_(true), result_(std::move(result)) {}

const IsolationForest& ForestJob::Run() {
  const std::lock_guard lock(mutex_);
  if (!done_) result_ = IsolationForest::Fit(rows_, options_, seed_);
  done_ = true;
  return result_;
}

bool ForestJob::done() {
  const std::lock_guard lock(mutex_);
  return done_;
}

ForestWatch::ForestWatch(const Options& options) : options_(options) { ring_.reserve(kRing); }

std::uint32_t ForestWatch::AddGroup() {
  groups_.emplace_back();
  touched_.reserve(groups_.size());
  return static_cast<std::uint32_t>(groups_.size() - 1);
}

void ForestWatch::BeginStep(TimeMs step_end) {
  ++step_;
  now_ = step_end;
  touched_.clear();
  if (pending_ && now_ >= install_at_) {
    forest_ = pending_->Run();
    pending_.reset();
  }
}

void ForestWatch::Note(std::uint32_t group, SignalKind kind, double z, bool suspicious,
                       bool teaches) {
  GroupState& g = groups_[group];
  if (g.step != step_) {
    const double decay = std::exp2(-static_cast<double>(now_ - g.time) / kEarlierMs);
    for (size_t i = 0; i < kKinds; ++i) {
      g.earlier[i] = static_cast<float>(g.z[i] + decay * (g.earlier[i] - g.z[i]));
    }
    g.z.fill(0);
    g.step = step_;
    g.time = now_;
    g.kinds = g.flags = 0;
    g.surprise = 0;
    touched_.push_back(group);
  }
  const auto index = static_cast<size_t>(KindIndex(kind));
  const auto bounded = static_cast<float>(std::clamp(z, -kFeatureMax, kFeatureMax));
  if (std::fabs(bounded) > std::fabs(g.z[index])) g.z[index] = bounded;
  g.kinds |= 1U << index;
  if (suspicious) g.flags |= kSuspicious;
  if (!teaches) g.flags |= kUntaught;
}

FeatureVector ForestWatch::FeaturesOf(const GroupState& g) {
  FeatureVector features{};
  for (size_t i = 0; i < kKinds; ++i) {
    features[i] = g.z[i];
    features[i + kKinds] = g.z[i] - g.earlier[i];
  }
  return features;
}

Contributions ForestWatch::ContributionsOf(std::uint32_t group) const {
  const GroupState& g = groups_[group];
  Contributions out{};
  if (!forest_.fitted() || g.step != step_ || !SeveralKinds(g)) return out;
  const FeatureVector features = FeaturesOf(g);
  const auto shortening = forest_.Shortening(features);
  double all = 0;
  std::array<std::uint32_t, kForestFeatures> order{};
  for (std::uint32_t f = 0; f < kForestFeatures; ++f) {
    order[f] = f;
    all += std::max(0.0, shortening[f]);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return shortening[a] > shortening[b]; });
  for (size_t i = 0; i < out.size() && shortening[order[i]] > 0; ++i) {
    out[i] = {order[i], shortening[order[i]] / all, features[order[i]]};
  }
  return out;
}

void ForestWatch::ScoreGroup(std::uint32_t index) {
  GroupState& g = groups_[index];
  if (!SeveralKinds(g)) return;
  const size_t stride = (groups_.size() + kSampledGroups - 1) / kSampledGroups;
  const bool sampled = (index + static_cast<size_t>(step_)) % stride == 0;
  if (!sampled && (g.flags & kSuspicious) == 0) return;
  const FeatureVector features = FeaturesOf(g);
  if (forest_.fitted()) {
    const double raw = RawSurprise(forest_.Score(features));
    if (calibrator_.points() >= kCalibratedMin) g.surprise = calibrator_.Surprise(raw);
    if (sampled && (g.flags & kUntaught) == 0) calibrator_.Observe(raw);
  }
  if (!sampled || (g.flags & kUntaught) != 0) return;
  if (ring_.size() < kRing) {
    ring_.push_back(features);
  } else {
    ring_[ring_count_ % kRing] = features;
  }
  ++ring_count_;
}

void ForestWatch::EndStep() {
  // By group number, whatever the order of the points that touched them.
  std::sort(touched_.begin(), touched_.end());
  for (const std::uint32_t group : touched_) ScoreGroup(group);
  calibrator_.RefitIfDue(now_);
  if (fit_due_ == INT64_MIN) fit_due_ = now_ + options_.refit_ms;
  if (now_ >= fit_due_ && !pending_) ScheduleFit();
}

void ForestWatch::ScheduleFit() {
  fit_due_ = now_ + options_.refit_ms;
  if (ring_.size() < kFitRowsMin) return;
  FeatureMatrix rows = Eigen::Map<const FeatureMatrix>(
      ring_.front().data(), static_cast<Eigen::Index>(ring_.size()), kForestFeatures);
  pending_ = std::make_shared<ForestJob>(std::move(rows), options_.forest,
                                         options_.seed + 0x9E3779B97F4A7C15ULL * ++fits_);
  install_at_ = now_ + options_.install_delay_ms;
}

void ForestWatch::Save(ByteWriter& out) const {
  static_assert(sizeof(GroupState) == 56, "no padding");
  out.PutArray(groups_);
  out.PutArray(ring_);
  out.Put(ring_count_);
  out.Put(step_);
  out.Put(now_);
  out.Put(fit_due_);
  out.Put(install_at_);
  out.Put(fits_);
  forest_.Save(out);
  calibrator_.Save(out);
  out.Put(static_cast<std::uint8_t>(pending_ ? 1 : 0));
  if (pending_) pending_->Run().Save(out);
}

bool ForestWatch::Load(ByteReader& in) {
  groups_ = in.GetArray<GroupState>();
  touched_.reserve(groups_.size());
  ring_ = in.GetArray<FeatureVector>();
  ring_.reserve(kRing);
  ring_count_ = in.Get<std::uint64_t>();
  step_ = in.Get<std::int64_t>();
  now_ = in.Get<TimeMs>();
  fit_due_ = in.Get<TimeMs>();
  install_at_ = in.Get<TimeMs>();
  fits_ = in.Get<std::uint64_t>();
  if (!forest_.Load(in)) return false;
  if (!calibrator_.Load(in)) return false;
  if (in.Get<std::uint8_t>() != 0) {
    IsolationForest result;
    if (!result.Load(in)) return false;
    pending_ = std::make_shared<ForestJob>(std::move(result));
  }
  return in.ok() && ring_.size() <= kRing;
}

}  // namespace quell::detectors
