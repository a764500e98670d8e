#include "engine/http/event_board.h"

#include <charconv>

#include "core/hash.h"

namespace quell::http {

void EventBoard::Move(std::uint64_t topics) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t next = revision_ + 1;
  for (size_t i = 0; i < topics_.size(); ++i) {
    if ((topics >> i & 1) != 0) moved_at_[i] = next;
  }
  revision_ = next;
  if (on_move_) on_move_();
}

std::uint64_t EventBoard::RevisionOf(std::string_view event_id) const {
  const std::string run = Hex64(run_) + '-';
  if (!event_id.starts_with(run)) return 0;
  event_id.remove_prefix(run.size());
  std::uint64_t revision = 0;
  const char* const end = event_id.data() + event_id.size();
  const auto read = std::from_chars(event_id.data(), end, revision);
  const bool known = read.ec == std::errc() && read.ptr == end && revision <= revision_;
  return known ? revision : 0;
}

EventBoard::News EventBoard::Since(std::uint64_t revision) const {
  const std::lock_guard lock(mutex_);
  News news;
  news.revision = revision_;
  news.id = Hex64(run_) + '-' + std::to_string(news.revision);
  for (size_t i = 0; i < topics_.size(); ++i) {
    // Before everything: each may have moved in the process before this one.
    if (revision != 0 && moved_at_[i] <= revision) continue;
    news.data += (news.data.empty() ? "\"" : ",\"") + topics_[i] + '"';
  }
  news.data = "{\"changed\":[" + news.data + "]}";
  return news;
}

}  // namespace quell::http
