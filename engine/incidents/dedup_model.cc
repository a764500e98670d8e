#include "engine/incidents/dedup_model.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace quell::incidents {
namespace {

constexpr size_t kTold = 5;
constexpr double kTellMin = 0.05;  // less of it does not decide anything

double Contribution(const DedupModel& model, const JoinFeatures& features, size_t i) {
  return model.coefficient[i] * (features[i] - model.mean[i]) / model.sd[i];
}

std::string Signed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f", value);
  return text;
}

}  // namespace

const std::array<std::string_view, kJoinFeatures>& JoinFeatureNames() {
  static constexpr std::array<std::string_view, kJoinFeatures> kNames = {
      "onset_gap",   "starts_gap", "frequency", "labels",   "same_lane",   "contradicts",
      "correlation", "history",    "habit",     "topology", "same_course", "late"};
  return kNames;
}

double DedupModel::LogOdds(const JoinFeatures& features) const {
  double out = intercept;
  for (size_t i = 0; i < kJoinFeatures; ++i) out += Contribution(*this, features, i);
  return out;
}

std::string DedupModel::Why(const JoinFeatures& features) const {
  std::vector<std::pair<double, size_t>> parts;
  for (size_t i = 0; i < kJoinFeatures; ++i) {
    const double part = Contribution(*this, features, i);
    if (std::abs(part) >= kTellMin) parts.emplace_back(-std::abs(part), i);
  }
  std::sort(parts.begin(), parts.end());
  if (parts.size() > kTold) parts.resize(kTold);
  std::string out = "log odds " + Signed(LogOdds(features));
  for (size_t k = 0; k < parts.size(); ++k) {
    const size_t i = parts[k].second;
    out += k == 0 ? ": " : ", ";
    out += std::string(JoinFeatureNames()[i]) + ' ' + Signed(Contribution(*this, features, i));
  }
  return out;
}

}  // namespace quell::incidents
