#include "engine/incidents/noise_book.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace quell::incidents {

void NoiseBook::Learn(const FeedbackBook& feedback) {
  said_.clear();
  std::set<std::string_view> judged;
  std::set<Labels> taken_back;
  const auto& latest = feedback.latest();
  for (auto one = latest.rbegin(); one != latest.rend(); ++one) {
    if (one->verdict == FeedbackVerdict::kMerge || one->verdict == FeedbackVerdict::kSplit)
      continue;
    if (!judged.insert(one->incident).second) continue;
    std::set<Labels> identities;
    for (const FeedbackMember& member : one->members) identities.insert(member.labels);
    for (const Labels& labels : identities) {
      if (one->verdict != FeedbackVerdict::kNotAnIncident) {
        taken_back.insert(labels);
      } else if (!taken_back.contains(labels)) {
        said_[labels].push_back(one->at);
      }
    }
  }
}

bool NoiseBook::Known(const Labels& labels, TimeMs now) const {
  const auto at = said_.find(labels);
  if (at == said_.end() || at->second.size() < options_.min_count) return false;
  double weight = 0;
  for (const TimeMs said : at->second) {
    const auto age = static_cast<double>(std::max<DurationMs>(0, now - said));
    weight += std::exp2(-age / static_cast<double>(options_.half_life_ms));
  }
  return weight >= static_cast<double>(options_.min_count) / 2;
}

}  // namespace quell::incidents
