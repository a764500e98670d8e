// PageBook: which pages an incident has open, and what people were told by them.
//
// PagerDuty notifies nobody of what comes under an open key. So what is worse than any page of the
// incident says opens a further page, under a key of its own that names the first: a higher
// severity, a service that is hit now and that no page covers, or a critical alert of a new kind:
// one that no page excuses, by its place (scope, service or labels) and by its kind (the same name
// and direction, or a page that was critical, or of an error just now). Who was called by an error
// page less than kPickUpMs ago is not called again: outages grow while they are picked up; the
// further page says so, and the lanes see to it; what is critical and new calls all the same. All
// of an incident's pages resolve with it.
// An incident that was split off another opens a page of its own that names the other's.
// Once people have resolved all its pages, what fires on calls nobody again; an alert of error or
// worse that is new since then does.
// Deterministic; part of the pipeline's snapshot. Thread-compatible.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "engine/paging/notification.h"

namespace quell::paging {

inline constexpr std::uint32_t kPagesMax = 5;          // of one incident
inline constexpr std::uint32_t kPagesMaxCritical = 8;  // with those for new critical kinds
inline constexpr DurationMs kPickUpMs = 10 * kMinuteMs;

class PageBook {
 public:
  // What is to be sent after `event`, in order. `external_url` as in MakeNotification().
  std::vector<Notification> Take(const incidents::IncidentEvent& event,
                                 std::string_view external_url);

  // People resolved all pages of the incident when no alert from `news_from` on had fired yet; 0:
  // they did not, or took it back.
  void SetReleased(const std::string& incident_key, incidents::AlertId news_from);
  // A person resolves it here, before its alerts have ended: the resolves that are to be sent.
  std::vector<Notification> ResolveNow(const incidents::Incident& incident, TimeMs at,
                                       std::string_view external_url);
  // A person has it: what its pages `which` (bits: pages 1, 2, ...) that are open are told.
  std::vector<Notification> AcknowledgeNow(const incidents::Incident& incident, std::uint8_t which,
                                           TimeMs at, std::string_view external_url);
  // Bits: its pages that no resolve was sent of yet.
  [[nodiscard]] std::uint8_t OpenPages(const std::string& incident_key) const;
  // A person merges `younger` into `elder`: what was told of it counts as told.
  void Fold(const std::string& elder, const incidents::Incident& younger);

  // Pages beyond the first of their incident, ever.
  [[nodiscard]] std::uint64_t linked() const { return linked_; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where the bytes are not sound

 private:
  struct Told {
    std::uint32_t pages = 0;
    TimeMs first_at = 0;
    TimeMs last_at = 0;
    incidents::Severity severity = incidents::Severity::kInfo;
    std::vector<Labels> scopes;        // of the pages
    std::set<std::string> services;    // of the members that they listed
    std::set<std::string> kinds;       // likewise: name and direction
    std::set<std::uint64_t> places;    // likewise: hashes of their labels without the name
    incidents::AlertId news_from = 0;  // see SetReleased()
    std::uint8_t over = 0;             // bit n: page n + 1 was resolved by ResolveNow()
  };
  std::vector<std::string> UntoldServices(const Told& told, const incidents::Incident& incident);
  // The gravest alert that is critical and of a new kind; nullptr: there is none.
  static const incidents::Alert* NewCritical(const Told& told, const incidents::Incident& incident,
                                             bool called);
  static std::string NewsSince(const Told& told, const incidents::Incident& incident);
  void LinkToWhole(const incidents::Incident& part, Notification& page) const;
  static void Tell(Told& told, const incidents::IncidentEvent& event);

  std::map<std::string, Told> open_;  // by incident key
  std::uint64_t linked_ = 0;
};

// The key of an incident's page: the incident's own for the first, then "KEY#2", ...
std::string PageKey(std::string_view incident_key, std::uint32_t number);
std::uint32_t PageNumber(const Notification& notification);  // 1, 2, ...

}  // namespace quell::paging
