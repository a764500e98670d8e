#include "engine/paging/page_book.h"

#include <algorithm>
#include <charconv>

#include "engine/paging/text.h"

namespace quell::paging {
namespace {

using incidents::Incident;
using incidents::IncidentEventKind;
using incidents::Member;
using incidents::Severity;

constexpr std::string_view kService = "service";
constexpr size_t kServicesMax = 1000;  // remembered of one incident
constexpr size_t kNamedMax = 5;        // in words

bool Covers(const Labels& scope, const Labels& labels) {
  if (scope.empty() || !scope.Get(kService).empty()) return false;
  return std::all_of(scope.begin(), scope.end(),
                     [&](const Label& label) { return labels.Get(label.name) == label.value; });
}

// A member that is part of what people are paged for.
bool Pages(const Member& member) {
  return member.alert.ends_at == 0 && member.alert.severity != Severity::kInfo &&
         (member.reason == incidents::PageReason::kPaged ||
          member.reason == incidents::PageReason::kDuplicateOf);
}

std::string KindOf(const incidents::Alert& alert) {
  return std::string(alert.labels.Get("alertname")) + (alert.sign < 0 ? '-' : '+');
}

std::uint64_t PlaceOf(const incidents::Alert& alert) {
  static const std::vector<std::string> kNotPlaces = {"alertname", "condition", "severity"};
  return alert.labels.Without(kNotPlaces).Hash();
}

std::string NamedWords(const std::vector<std::string>& names) {
  std::string words;
  for (size_t i = 0; i < std::min(names.size(), kNamedMax); ++i) {
    words += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamedMax) {
    words += " and " + std::to_string(names.size() - kNamedMax) + " more";
  }
  return words;
}

std::uint8_t FirstPages(std::uint32_t pages) {
  return static_cast<std::uint8_t>((1U << pages) - 1);
}

// One of each page that `which` has, in order.
std::vector<Notification> OfPages(std::uint8_t which, Action action,
                                  const incidents::IncidentEvent& event,
                                  std::string_view external_url) {
  std::vector<Notification> out;
  if (which == 0) return out;
  const Notification one = MakeNotification(action, event, external_url);
  for (std::uint32_t number = 1; number <= kPagesMaxCritical; ++number) {
    if ((which >> (number - 1) & 1U) == 0) continue;
    out.push_back(one);
    if (number > 1) out.back().page_key = PageKey(event.incident.key, number);
  }
  return out;
}

}  // namespace

std::string PageKey(std::string_view incident_key, std::uint32_t number) {
  std::string key(incident_key);
  return number <= 1 ? key : key + "#" + std::to_string(number);
}

std::uint32_t PageNumber(const Notification& notification) {
  const size_t mark = notification.page_key.rfind('#');
  std::uint32_t number = 1;
  if (mark == std::string::npos) return number;
  const char* const end = notification.page_key.data() + notification.page_key.size();
  std::from_chars(notification.page_key.data() + mark + 1, end, number);
  return number;
}

// Members that an end or a mute excuses are no news, but those that were told stay told.
std::vector<std::string> PageBook::UntoldServices(const Told& told, const Incident& incident) {
  std::set<std::string> untold;
  for (const Member& member : incident.members) {
    if (!Pages(member)) continue;
    const std::string_view service = member.alert.labels.Get(kService);
    if (service.empty() || told.services.contains(std::string(service))) continue;
    const bool covered =
        std::any_of(told.scopes.begin(), told.scopes.end(),
                    [&](const Labels& scope) { return Covers(scope, member.alert.labels); });
    if (!covered) untold.emplace(service);
  }
  return {untold.begin(), untold.end()};
}

const incidents::Alert* PageBook::NewCritical(const Told& told, const Incident& incident,
                                              bool called) {
  const incidents::Alert* out = nullptr;
  for (const Member& member : incident.members) {
    const incidents::Alert& alert = member.alert;
    if (!Pages(member) || alert.severity != Severity::kCritical) continue;
    const bool kind =
        called || told.severity == Severity::kCritical || told.kinds.contains(KindOf(alert));
    const bool place =
        told.places.contains(PlaceOf(alert)) ||
        told.services.contains(std::string(alert.labels.Get(kService))) ||
        std::any_of(told.scopes.begin(), told.scopes.end(),
                    [&](const Labels& scope) { return Covers(scope, alert.labels); });
    if (kind && place) continue;
    const bool graver =
        out == nullptr || alert.evidence.tail_probability < out->evidence.tail_probability;
    if (graver) out = &alert;
  }
  return out;
}

// What fires since the pages were resolved, but for alerts that only fire again; "" = nothing.
std::string PageBook::NewsSince(const Told& told, const Incident& incident) {
  if (told.news_from == 0) return "";
  std::set<std::uint64_t> before;
  for (const Member& member : incident.members) {
    if (member.alert.id < told.news_from) before.insert(member.alert.fingerprint);
  }
  std::set<std::string> news;
  for (const Member& member : incident.members) {
    const bool grave = Pages(member) && member.alert.severity >= Severity::kError;
    if (grave && member.alert.id >= told.news_from && !before.contains(member.alert.fingerprint)) {
      news.insert(member.alert.what);
    }
  }
  return NamedWords({news.begin(), news.end()});
}

void PageBook::SetReleased(const std::string& incident_key, incidents::AlertId news_from) {
  const auto at = open_.find(incident_key);
  if (at != open_.end()) at->second.news_from = news_from;
}

std::vector<Notification> PageBook::ResolveNow(const Incident& incident, TimeMs at,
                                               std::string_view external_url) {
  const auto told = open_.find(incident.key);
  if (told == open_.end()) return {};
  const incidents::IncidentEvent event{IncidentEventKind::kResolve, at, incident};
  std::vector<Notification> out =
      OfPages(OpenPages(incident.key), Action::kResolve, event, external_url);
  told->second.over = FirstPages(told->second.pages);
  return out;
}

std::uint8_t PageBook::OpenPages(const std::string& incident_key) const {
  const auto told = open_.find(incident_key);
  if (told == open_.end()) return 0;
  return FirstPages(told->second.pages) & static_cast<std::uint8_t>(~told->second.over);
}

std::vector<Notification> PageBook::AcknowledgeNow(const Incident& incident, std::uint8_t which,
                                                   TimeMs at, std::string_view external_url) {
  const incidents::IncidentEvent event{IncidentEventKind::kUpdate, at, incident};
  return OfPages(OpenPages(incident.key) & which, Action::kAcknowledge, event, external_url);
}

void PageBook::Fold(const std::string& elder, const Incident& younger) {
  const auto at = open_.find(elder);
  if (at == open_.end()) return;
  Told& told = at->second;
  told.severity = std::max(told.severity, younger.severity);
  for (const Member& member : younger.members) {
    if (told.services.size() >= kServicesMax) break;
    const std::string_view service = member.alert.labels.Get(kService);
    if (!service.empty()) told.services.emplace(service);
  }
}

void PageBook::Tell(Told& told, const incidents::IncidentEvent& event) {
  const Incident& incident = event.incident;
  told.last_at = event.at;
  told.news_from = 0;
  ++told.pages;
  told.severity = std::max(told.severity, incident.severity);
  told.scopes.push_back(incident.scope);
  for (const Member& member : incident.members) {
    const std::string_view service = member.alert.labels.Get(kService);
    if (!service.empty() && told.services.size() < kServicesMax) told.services.emplace(service);
    if (told.kinds.size() < kServicesMax) told.kinds.insert(KindOf(member.alert));
    if (told.places.size() < kServicesMax) told.places.insert(PlaceOf(member.alert));
  }
}

// The page of a part names the page of the incident that it was part of.
void PageBook::LinkToWhole(const Incident& part, Notification& page) const {
  const auto whole = open_.find(part.split_from);
  if (whole == open_.end()) return;
  page.linked_because = part.split_reason == incidents::SplitReason::kPeople
                            ? "somebody split it off: another trouble"
                            : "split off: nothing connects the two any more";
  page.linked_incident = part.split_from;
  page.first_page_at = whole->second.first_at;
}

std::vector<Notification> PageBook::Take(const incidents::IncidentEvent& event,
                                         std::string_view external_url) {
  const Incident& incident = event.incident;
  std::vector<Notification> out;
  if (event.kind == IncidentEventKind::kSuppress || incident.paged_at == 0) return out;
  if (event.kind == IncidentEventKind::kPage) {
    Told& told = open_[incident.key];
    told = {};
    told.first_at = event.at;
    Tell(told, event);
    out.push_back(MakeNotification(Action::kTrigger, event, external_url));
    LinkToWhole(incident, out.back());
    return out;
  }
  const auto at = open_.find(incident.key);
  if (event.kind == IncidentEventKind::kResolve || event.kind == IncidentEventKind::kMerge) {
    const std::uint8_t which = at == open_.end() ? 1 : OpenPages(incident.key);
    out = OfPages(which, Action::kResolve, event, external_url);
    if (at == open_.end()) return out;
    open_.erase(at);
    return out;
  }
  const bool over = at != open_.end() && (at->second.over & 1U) != 0;
  if (!over) out.push_back(MakeNotification(Action::kUpdate, event, external_url));
  if (at == open_.end() || event.kind == IncidentEventKind::kSplit) return out;
  Told& told = at->second;
  // Who resolved it is not about to see it grow.
  const bool lately = told.news_from == 0 && told.severity >= Severity::kError &&
                      event.at - told.last_at < kPickUpMs;
  const incidents::Alert* fresh = NewCritical(told, incident, lately);
  const bool called = lately && fresh == nullptr;
  const std::string news = NewsSince(told, incident);
  const bool worse = incident.severity > told.severity;
  const std::vector<std::string> services = UntoldServices(told, incident);
  if (!worse && services.empty() && news.empty() && fresh == nullptr) return out;
  if (told.pages >= (fresh == nullptr ? kPagesMax : kPagesMaxCritical)) return out;
  std::string because;
  if (worse) {
    because = "now " + std::string(incidents::SeverityName(incident.severity)) + ", was " +
              std::string(incidents::SeverityName(told.severity));
  }
  if (!services.empty()) {
    because += (worse ? "; hits " : "now hits ") + NamedWords(services) + ", too";
  }
  if (!news.empty()) {
    because += (because.empty() ? "" : "; ") + std::string("new since it was resolved: ") + news;
  }
  if (fresh != nullptr && because.empty()) {
    because = "another critical alert: " + (fresh->what.empty() ? fresh->signal : fresh->what);
  }
  Notification linked = MakeNotification(Action::kTrigger, event, external_url);
  Tell(told, event);
  ++linked_;
  linked.page_key = PageKey(incident.key, told.pages);
  linked.linked_because = because;
  linked.first_page_at = told.first_at;
  linked.called_lately = called;
  out.push_back(std::move(linked));
  return out;
}

}  // namespace quell::paging
