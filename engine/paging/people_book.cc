#include "engine/paging/people_book.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "engine/paging/pagerduty_event.h"

namespace quell::paging {
namespace {

using Json = nlohmann::ordered_json;

std::uint8_t BitOf(std::uint32_t page) { return static_cast<std::uint8_t>(1U << (page - 1)); }

// The pages that an action is about.
std::uint8_t BitsOf(const HumanAction& action, const Attention& attention) {
  return action.page == 0 || action.page > kPagesMaxCritical ? attention.paged : BitOf(action.page);
}

Json DeedJson(const Deed& deed) {
  if (deed.at == 0) return nullptr;
  return Json{{"at", FormatRfc3339(deed.at)}, {"by", deed.by}, {"via", deed.via}};
}

void PutDeed(ByteWriter& out, const Deed& deed) {
  out.Put(deed.at);
  out.PutString(deed.by);
  out.PutString(deed.via);
}

Deed GetDeed(ByteReader& in) {
  Deed out;
  out.at = in.Get<TimeMs>();
  out.by = in.GetString();
  out.via = in.GetString();
  return out;
}

void PutAttention(ByteWriter& out, const Attention& a) {
  for (const std::uint8_t bits : {a.paged, a.acknowledged_pages, a.resolved_pages}) out.Put(bits);
  PutDeed(out, a.acknowledged);
  PutDeed(out, a.resolved);
  out.PutString(a.priority);
  out.PutString(a.url);
  out.Put(static_cast<std::uint64_t>(a.assignees.size()));
  for (const std::string& one : a.assignees) out.PutString(one);
  out.Put(static_cast<std::uint64_t>(a.notes.size()));
  for (const Attention::Note& note : a.notes) {
    PutDeed(out, note.who);
    out.PutString(note.text);
  }
  out.Put(a.notes_total);
  for (const std::string& id : a.foreign) out.PutString(id);
  out.Put(a.touched);
}

Attention GetAttention(ByteReader& in) {
  Attention a;
  for (std::uint8_t* bits : {&a.paged, &a.acknowledged_pages, &a.resolved_pages}) {
    *bits = in.Get<std::uint8_t>() & ((1U << kPagesMaxCritical) - 1);
  }
  a.acknowledged = GetDeed(in);
  a.resolved = GetDeed(in);
  a.priority = in.GetString();
  a.url = in.GetString();
  a.assignees.resize(in.GetCount(sizeof(std::uint32_t)));
  for (std::string& one : a.assignees) one = in.GetString();
  a.notes.resize(in.GetCount(sizeof(TimeMs)));
  for (Attention::Note& note : a.notes) {
    note.who = GetDeed(in);
    note.text = in.GetString();
  }
  a.notes_total = in.Get<std::uint64_t>();
  for (std::string& id : a.foreign) id = in.GetString();
  a.touched = in.Get<std::uint64_t>();
  return a;
}

}  // namespace

void PeopleBook::Index(const std::string& incident, const Attention& attention) {
  for (std::uint32_t page = 1; page <= kPagesMaxCritical; ++page) {
    if ((attention.paged & BitOf(page)) != 0) {
      by_dedup_key_[PagerDutyDedupKey(PageKey(incident, page))] = {incident, page};
    }
    const std::string& foreign = attention.foreign.at(page - 1);
    if (!foreign.empty()) by_foreign_[foreign] = {incident, page};
  }
}

void PeopleBook::Unindex(const std::string& incident, const Attention& attention) {
  for (std::uint32_t page = 1; page <= kPagesMaxCritical; ++page) {
    if ((attention.paged & BitOf(page)) != 0) {
      by_dedup_key_.erase(PagerDutyDedupKey(PageKey(incident, page)));
    }
    const auto at = by_foreign_.find(attention.foreign.at(page - 1));
    if (at != by_foreign_.end() && at->second.incident == incident) by_foreign_.erase(at);
  }
}

Attention& PeopleBook::Touch(const std::string& incident) {
  Attention& attention = incidents_[incident];
  attention.touched = ++touches_;
  if (incidents_.size() > kPeopleIncidentsMax) {
    const auto oldest = std::min_element(
        incidents_.begin(), incidents_.end(),
        [](const auto& a, const auto& b) { return a.second.touched < b.second.touched; });
    Unindex(oldest->first, oldest->second);
    incidents_.erase(oldest);
  }
  return attention;
}

bool PeopleBook::Paged(const std::string& incident, std::uint32_t page) {
  if (page == 0 || page > kPagesMaxCritical) return false;
  Attention& attention = Touch(incident);
  const bool was_resolved = attention.resolved.at != 0;
  attention.paged |= BitOf(page);
  attention.resolved_pages &= static_cast<std::uint8_t>(~BitOf(page));
  attention.resolved = {};
  by_dedup_key_[PagerDutyDedupKey(PageKey(incident, page))] = {incident, page};
  return was_resolved;
}

bool PeopleBook::Knows(std::string_view event_id) const {
  return known_events_.contains(Hash64(event_id));
}

bool PeopleBook::FirstTime(std::string_view event_id) {
  const std::uint64_t hash = Hash64(event_id);
  if (!known_events_.insert(hash).second) return false;
  events_.push_back(hash);
  if (events_.size() > kPeopleEventsMax) {
    known_events_.erase(events_.front());
    events_.pop_front();
  }
  return true;
}

std::optional<PageRef> PeopleBook::Find(std::string_view dedup_key,
                                        std::string_view foreign) const {
  if (const auto at = by_dedup_key_.find(dedup_key); at != by_dedup_key_.end()) return at->second;
  const auto at = by_foreign_.find(foreign);
  return at == by_foreign_.end() ? std::nullopt : std::optional(at->second);
}

const Attention* PeopleBook::Of(const std::string& incident) const {
  const auto at = incidents_.find(incident);
  return at == incidents_.end() ? nullptr : &at->second;
}

const Attention& PeopleBook::Apply(const HumanAction& action) {
  Attention& a = Touch(action.incident);
  if (!action.foreign.empty() && action.page >= 1 && action.page <= kPagesMaxCritical) {
    Unindex(action.incident, a);
    a.foreign.at(action.page - 1) = action.foreign;
    Index(action.incident, a);
  }
  if (action.via == "pagerduty" && action.kind != HumanActionKind::kNote) {
    a.priority = action.priority;
    a.assignees = action.assignees;
    if (!action.url.empty()) a.url = action.url;
  }
  const std::uint8_t bits = BitsOf(action, a);
  const Deed deed{action.at, action.by, action.via};
  const auto clear = [bits](std::uint8_t& of) { of &= static_cast<std::uint8_t>(~bits); };
  switch (action.kind) {
    case HumanActionKind::kAcknowledge:
      a.acknowledged_pages |= bits;
      if (a.acknowledged.at == 0) a.acknowledged = deed;
      break;
    case HumanActionKind::kUnacknowledge:
      clear(a.acknowledged_pages);
      if (a.acknowledged_pages == 0) a.acknowledged = {};
      break;
    case HumanActionKind::kResolve:
      a.resolved_pages |= bits;
      if ((a.paged & ~a.resolved_pages) == 0) a.resolved = deed;
      break;
    case HumanActionKind::kMerge:
      a.resolved_pages |= bits;
      break;
    case HumanActionKind::kReopen:
      clear(a.resolved_pages);
      clear(a.acknowledged_pages);
      a.resolved = {};
      break;
    case HumanActionKind::kDetails:
    case HumanActionKind::kNote:
    case HumanActionKind::kFeedback:
      break;
  }
  if (!action.text.empty()) {
    a.notes.push_back({deed, action.text});
    ++a.notes_total;
    if (a.notes.size() > kPeopleNotesMax) a.notes.erase(a.notes.begin());
  }
  return a;
}

void PeopleBook::Save(ByteWriter& out) const {
  out.Put(touches_);
  out.Put(static_cast<std::uint64_t>(incidents_.size()));
  for (const auto& [incident, attention] : incidents_) {
    out.PutString(incident);
    PutAttention(out, attention);
  }
  out.Put(static_cast<std::uint64_t>(events_.size()));
  for (const std::uint64_t event : events_) out.Put(event);
}

bool PeopleBook::Load(ByteReader& in) {
  constexpr size_t kAttentionBytesMin = 100;
  *this = {};
  touches_ = in.Get<std::uint64_t>();
  const size_t incidents = in.GetCount(kAttentionBytesMin);
  for (size_t i = 0; i < incidents && in.ok(); ++i) {
    const std::string incident = in.GetString();
    const Attention attention = GetAttention(in);
    if (attention.notes.size() > kPeopleNotesMax || attention.assignees.size() > kAssigneesMax) {
      return false;
    }
    Index(incident, attention);
    incidents_.emplace(incident, attention);
  }
  const size_t events = in.GetCount(sizeof(std::uint64_t));
  for (size_t i = 0; i < events && in.ok(); ++i) {
    events_.push_back(in.Get<std::uint64_t>());
    known_events_.insert(events_.back());
  }
  return in.ok() && incidents_.size() <= kPeopleIncidentsMax &&
         known_events_.size() == events_.size();
}

std::string PeopleJson(const Attention& attention) {
  Json notes = Json::array();
  for (const Attention::Note& note : attention.notes) {
    Json one = DeedJson(note.who);
    one["text"] = note.text;
    notes.push_back(std::move(one));
  }
  const Json out = {{"acknowledged", DeedJson(attention.acknowledged)},
                    {"resolved", DeedJson(attention.resolved)},
                    {"priority", attention.priority},
                    {"assignees", attention.assignees},
                    {"url", attention.url},
                    {"notes", std::move(notes)},
                    {"notes_total", attention.notes_total}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace quell::paging
