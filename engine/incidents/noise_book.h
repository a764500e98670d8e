// NoiseBook: which identities people have called no incident, again and again.
//
// From the feedback book: the last word on each incident, of the alerts that it lists. An identity
// (equal labels: kind and scope) is known noise once `min_count` incidents of it were called
// not_an_incident and their weight, halved every half-life, is at least half of that. One called
// real or expected since takes it back. Derived from feedback: nothing of it is saved.
#pragma once

#include <map>
#include <vector>

#include "engine/incidents/feedback_book.h"
#include "engine/incidents/suppression_options.h"

namespace quell::incidents {

class NoiseBook {
 public:
  explicit NoiseBook(const NoiseOptions& options) : options_(options) {}

  void Learn(const FeedbackBook& feedback);  // anew
  [[nodiscard]] bool Known(const Labels& labels, TimeMs now) const;

 private:
  NoiseOptions options_;
  std::map<Labels, std::vector<TimeMs>> said_;  // not_an_incident, since the latest other word
};

}  // namespace quell::incidents
