// FeedbackBook: the latest feedback, as decisions learn from it.
//
// Part of the incident engine's state, filled by the pipeline in journal order: deterministic. The
// store keeps more of it (docs/formats/store.md). Thread-compatible.
#pragma once

#include <deque>

#include "core/bytes.h"
#include "engine/incidents/feedback.h"

namespace quell::incidents {

inline constexpr size_t kFeedbackMax = 500;

class FeedbackBook {
 public:
  // False where its id is known already. The oldest goes where there are too many.
  bool Add(Feedback feedback);

  // Oldest first.
  [[nodiscard]] const std::deque<Feedback>& latest() const { return latest_; }
  // Of how many incidents of exactly this scope `verdict` is the last word, said at or after
  // `since`. Merges and splits are no word about that.
  [[nodiscard]] size_t Incidents(FeedbackVerdict verdict, const Labels& scope, TimeMs since) const;

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where the bytes are not sound

 private:
  std::deque<Feedback> latest_;
};

}  // namespace quell::incidents
