#include "engine/incidents/feedback_book.h"

#include <algorithm>
#include <map>

namespace quell::incidents {

bool FeedbackBook::Add(Feedback feedback) {
  const bool known = std::any_of(latest_.begin(), latest_.end(),
                                 [&](const Feedback& one) { return one.id == feedback.id; });
  if (known) return false;
  latest_.push_back(std::move(feedback));
  if (latest_.size() > kFeedbackMax) latest_.pop_front();
  return true;
}

size_t FeedbackBook::Incidents(FeedbackVerdict verdict, const Labels& scope, TimeMs since) const {
  std::map<std::string_view, const Feedback*> last;
  for (const Feedback& one : latest_) {
    if (one.verdict == FeedbackVerdict::kMerge || one.verdict == FeedbackVerdict::kSplit) continue;
    if (one.scope == scope) last[one.incident] = &one;
  }
  return static_cast<size_t>(std::count_if(last.begin(), last.end(), [&](const auto& entry) {
    return entry.second->verdict == verdict && entry.second->at >= since;
  }));
}

// Rarely more than a few hundred short records: their JSON is what a reader needs, and no second
// layout has to be kept in step with it.
void FeedbackBook::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(latest_.size()));
  for (const Feedback& one : latest_) out.PutString(FeedbackJson(one));
}

bool FeedbackBook::Load(ByteReader& in) {
  latest_.clear();
  const size_t count = in.GetCount(sizeof(std::uint32_t));
  if (count > kFeedbackMax) return false;
  for (size_t i = 0; i < count && in.ok(); ++i) {
    auto read = ParseFeedbackJson(in.GetString());
    if (!read.ok()) return false;
    latest_.push_back(*std::move(read));
  }
  return in.ok();
}

}  // namespace quell::incidents
