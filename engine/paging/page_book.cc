#include "engine/paging/page_book.h"

#include <algorithm>

#include "engine/paging/text.h"

namespace quell::paging {
namespace {

using incidents::Incident;
using incidents::IncidentEventKind;
using incidents::Member;
using incidents::Severity;

constexpr std::string_view kService = "service";
constexpr size_t kServicesMax = 1000;    // remembered of one incident
constexpr size_t kServicesNamedMax = 5;  // in words

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

std::string ServiceWords(const std::vector<std::string>& services) {
  std::string words;
  for (size_t i = 0; i < std::min(services.size(), kServicesNamedMax); ++i) {
    words += (i == 0 ? "" : ", ") + services[i];
  }
  if (services.size() > kServicesNamedMax) {
    words += " and " + std::to_string(services.size() - kServicesNamedMax) + " more";
  }
  return words;
}

}  // namespace

std::string PageKey(std::string_view incident_key, std::uint32_t number) {
  std::string key(incident_key);
  return number <= 1 ? key : key + "#" + std::to_string(number);
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

void PageBook::Tell(Told& told, const incidents::IncidentEvent& event) {
  const Incident& incident = event.incident;
  told.last_at = event.at;
  ++told.pages;
  told.severity = std::max(told.severity, incident.severity);
  told.scopes.push_back(incident.scope);
  for (const Member& member : incident.members) {
    if (told.services.size() >= kServicesMax) break;
    const std::string_view service = member.alert.labels.Get(kService);
    if (!service.empty()) told.services.emplace(service);
  }
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
    return out;
  }
  const auto at = open_.find(incident.key);
  if (event.kind == IncidentEventKind::kResolve || event.kind == IncidentEventKind::kMerge) {
    const std::uint32_t pages = at == open_.end() ? 1 : at->second.pages;
    const Notification resolve = MakeNotification(Action::kResolve, event, external_url);
    for (std::uint32_t number = 1; number <= pages; ++number) {
      out.push_back(resolve);
      if (number > 1) out.back().page_key = PageKey(incident.key, number);
    }
    if (at != open_.end()) open_.erase(at);
    return out;
  }
  out.push_back(MakeNotification(Action::kUpdate, event, external_url));
  if (at == open_.end()) return out;
  Told& told = at->second;
  const bool called = told.severity >= Severity::kError && event.at - told.last_at < kPickUpMs;
  const bool worse = incident.severity > told.severity;
  const std::vector<std::string> services = UntoldServices(told, incident);
  if ((!worse && services.empty()) || told.pages >= kPagesMax) return out;
  std::string because;
  if (worse) {
    because = "now " + std::string(incidents::SeverityName(incident.severity)) + ", was " +
              std::string(incidents::SeverityName(told.severity));
  }
  if (!services.empty()) {
    because += (worse ? "; hits " : "now hits ") + ServiceWords(services) + ", too";
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

void PageBook::Save(ByteWriter& out) const {
  out.Put(linked_);
  out.Put(static_cast<std::uint64_t>(open_.size()));
  for (const auto& [key, told] : open_) {
    out.PutString(key);
    out.Put(told.pages);
    out.Put(told.first_at);
    out.Put(told.last_at);
    out.Put(told.severity);
    out.Put(static_cast<std::uint64_t>(told.scopes.size()));
    for (const Labels& scope : told.scopes) {
      out.Put(static_cast<std::uint64_t>(scope.size()));
      for (const Label& label : scope) {
        out.PutString(label.name);
        out.PutString(label.value);
      }
    }
    out.Put(static_cast<std::uint64_t>(told.services.size()));
    for (const std::string& service : told.services) out.PutString(service);
  }
}

bool PageBook::Load(ByteReader& in) {
  constexpr size_t kToldBytesMin = 41;
  open_.clear();
  linked_ = in.Get<std::uint64_t>();
  const size_t incidents = in.GetCount(kToldBytesMin);
  for (size_t i = 0; i < incidents && in.ok(); ++i) {
    Told& told = open_[in.GetString()];
    told.pages = in.Get<std::uint32_t>();
    told.first_at = in.Get<TimeMs>();
    told.last_at = in.Get<TimeMs>();
    const auto severity = in.Get<std::uint8_t>();
    if (severity > static_cast<std::uint8_t>(Severity::kCritical)) return false;
    told.severity = static_cast<Severity>(severity);
    const size_t scopes = in.GetCount(sizeof(std::uint64_t));
    for (size_t scope = 0; scope < scopes && in.ok(); ++scope) {
      std::vector<Label> labels(in.GetCount(2 * sizeof(std::uint32_t)));
      for (Label& label : labels) {
        label.name = in.GetString();
        label.value = in.GetString();
      }
      told.scopes.emplace_back(std::move(labels));
    }
    const size_t services = in.GetCount(sizeof(std::uint32_t));
    for (size_t service = 0; service < services && in.ok(); ++service) {
      told.services.insert(in.GetString());
    }
    if (told.pages == 0 || told.pages > kPagesMax || told.scopes.size() != told.pages) return false;
  }
  return in.ok();
}

}  // namespace quell::paging
