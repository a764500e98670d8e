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

std::string KindOf(const incidents::Alert& alert) {
  return std::string(alert.labels.Get("alertname")) + (alert.sign < 0 ? '-' : '+');
}

std::uint64_t PlaceOf(const incidents::Alert& alert) {
  static const std::vector<std::string> kNotPlaces = {"alertname", "condition", "severity"};
  return alert.labels.Without(kNotPlaces).Hash();
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

void PageBook::Tell(Told& told, const incidents::IncidentEvent& event) {
  const Incident& incident = event.incident;
  told.last_at = event.at;
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
  const bool lately = told.severity >= Severity::kError && event.at - told.last_at < kPickUpMs;
  const incidents::Alert* fresh = NewCritical(told, incident, lately);
  const bool called = lately && fresh == nullptr;
  const bool worse = incident.severity > told.severity;
  const std::vector<std::string> services = UntoldServices(told, incident);
  if (!worse && services.empty() && fresh == nullptr) return out;
  if (told.pages >= (fresh == nullptr ? kPagesMax : kPagesMaxCritical)) return out;
  std::string because;
  if (worse) {
    because = "now " + std::string(incidents::SeverityName(incident.severity)) + ", was " +
              std::string(incidents::SeverityName(told.severity));
  }
  if (!services.empty()) {
    because += (worse ? "; hits " : "now hits ") + ServiceWords(services) + ", too";
  }
  if (fresh != nullptr && !worse && services.empty()) {
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
    out.Put(static_cast<std::uint64_t>(told.kinds.size()));
    for (const std::string& kind : told.kinds) out.PutString(kind);
    out.Put(static_cast<std::uint64_t>(told.places.size()));
    for (const std::uint64_t place : told.places) out.Put(place);
  }
}

bool PageBook::Load(ByteReader& in) {
  constexpr size_t kToldBytesMin = 57;
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
    const size_t kinds = in.GetCount(sizeof(std::uint32_t));
    for (size_t kind = 0; kind < kinds && in.ok(); ++kind) told.kinds.insert(in.GetString());
    const size_t places = in.GetCount(sizeof(std::uint64_t));
    for (size_t place = 0; place < places && in.ok(); ++place) {
      told.places.insert(in.Get<std::uint64_t>());
    }
    if (told.pages == 0 || told.pages > kPagesMaxCritical || told.scopes.size() != told.pages)
      return false;
  }
  return in.ok();
}

}  // namespace quell::paging
