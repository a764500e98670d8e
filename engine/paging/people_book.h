// PeopleBook: what people did to incidents: who has it, who called it over, what they noted.
//
// Pages are known by their number, by PagerDuty's dedup_key (which follows from it), and by
// PagerDuty's own id once a webhook has named it. An incident counts as resolved by people when
// they resolved all its pages. Of the incidents, kPeopleIncidentsMax that were last touched stay.
// Deterministic; part of the pipeline's snapshot. Thread-compatible.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "engine/paging/human_action.h"
#include "engine/paging/page_book.h"

namespace quell::paging {

inline constexpr size_t kPeopleIncidentsMax = 2000;
inline constexpr size_t kPeopleNotesMax = 20;       // of an incident, the newest
inline constexpr size_t kPeopleEventsMax = 10'000;  // whose ids are remembered

struct PageRef {
  std::string incident;
  std::uint32_t page = 0;  // 1, 2, ...
  bool operator==(const PageRef&) const = default;
};

// Who did something, and when; at = 0: nobody.
struct Deed {
  TimeMs at = 0;
  std::string by, via;
  bool operator==(const Deed&) const = default;
};

struct Attention {
  struct Note {
    Deed who;
    std::string text;
    bool operator==(const Note&) const = default;
  };
  std::uint8_t paged = 0, acknowledged_pages = 0, resolved_pages = 0;  // bit n: page n + 1
  Deed acknowledged, resolved;
  std::string priority, url;
  std::vector<std::string> assignees;
  std::vector<Note> notes;  // oldest first
  std::uint64_t notes_total = 0;
  std::array<std::string, kPagesMaxCritical> foreign;  // PagerDuty's ids of its pages
  std::uint64_t touched = 0;
  bool operator==(const Attention&) const = default;
};

class PeopleBook {
 public:
  // A page was opened. True if that shows on the incident: it was resolved by people before.
  bool Paged(const std::string& incident, std::uint32_t page);
  // False: that event was known already; true from then on.
  bool FirstTime(std::string_view event_id);
  [[nodiscard]] bool Knows(std::string_view event_id) const;

  // By PagerDuty's dedup_key or, where that is none of ours, its id.
  [[nodiscard]] std::optional<PageRef> Find(std::string_view dedup_key,
                                            std::string_view foreign) const;
  [[nodiscard]] const Attention* Of(const std::string& incident) const;
  // Does what the action says; of a merge and of feedback only what both sides show is kept.
  const Attention& Apply(const HumanAction& action);

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where the bytes are not sound

 private:
  Attention& Touch(const std::string& incident);
  void Index(const std::string& incident, const Attention& attention);
  void Unindex(const std::string& incident, const Attention& attention);

  std::map<std::string, Attention> incidents_;
  std::uint64_t touches_ = 0;
  std::deque<std::uint64_t> events_;  // hashes of ids, oldest first
  // What follows from the above.
  std::set<std::uint64_t> known_events_;
  std::map<std::string, PageRef, std::less<>> by_dedup_key_;
  std::map<std::string, PageRef, std::less<>> by_foreign_;
};

// {"acknowledged": {"at", "by", "via"} or null, "resolved", "priority", "assignees", "url",
// "notes", "notes_total"}
std::string PeopleJson(const Attention& attention);

}  // namespace quell::paging
