#include "engine/paging/dead_letter_notice.h"

namespace quell::paging {

Notification DeadLetterNotice(const store::DeadLetterNews& news, TimeMs now) {
  Notification out;
  out.action = Action::kTrigger;
  out.incident_key = "dead-letters/" + news.about;
  out.at = now;
  out.onset = news.first_at;
  out.severity = incidents::Severity::kError;
  const std::string many = std::to_string(news.count) + (news.count == 1 ? " page" : " pages");
  out.summary = "Quell could not deliver " + many + " to " + news.about + ": " + news.last_reason;
  out.source = "quell";
  out.component = news.about;
  out.class_ = "delivery";
  out.evidence = {many + " ended as dead letters: nobody was told by " + news.about +
                      ". They are kept in the store's table dead_letters.",
                  "The last one: " + news.last_reason};
  return out;
}

}  // namespace quell::paging
