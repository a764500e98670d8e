#include "engine/postmortem/timeline.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "engine/incidents/wording.h"

namespace quell::postmortem {
namespace {

constexpr std::string_view kPeople = "people_";

class Timeline {
 public:
  void Add(TimeMs at, MomentKind kind, std::string text, bool wall_clock = false) {
    if (at != 0) moments_.push_back({at, kind, std::move(text), wall_clock});
  }
  std::vector<Moment> Take() {
    std::stable_sort(moments_.begin(), moments_.end(), [](const Moment& a, const Moment& b) {
      return std::tuple(a.at, a.kind) < std::tuple(b.at, b.kind);
    });
    return std::move(moments_);
  }

 private:
  std::vector<Moment> moments_;
};

void AddAlerts(const Recorded& recorded, Timeline& out) {
  for (const RecordedAlert& one : recorded.alerts) {
    const std::string words = incidents::AlertWords(one.alert);
    out.Add(one.alert.starts_at, MomentKind::kAlert,
            "alert: " + words + ' ' + incidents::SeenWords(one.alert) + ", " +
                std::string(incidents::SeverityName(one.alert.severity)));
    out.Add(one.alert.ends_at, MomentKind::kAlert, "cleared: " + words);
  }
}

std::string DeliveredText(const std::string& action, const store::DeliveryRow& row) {
  const std::string attempts =
      row.attempts == 1 ? "" : ", after " + std::to_string(row.attempts) + " attempts";
  if (row.state == store::OutboxState::kDelivered) {
    return action + " delivered to " + row.receiver + attempts;
  }
  return action + " not delivered to " + row.receiver + attempts +
         (row.last_error.empty() ? "" : ": " + row.last_error);
}

void AddPages(const Recorded& recorded, Timeline& out) {
  for (const store::OutboxRow& row : recorded.outbox) {
    const Json body = Json::parse(row.body, nullptr, false);
    const std::string action = TextOf(body, "action");
    out.Add(row.at, MomentKind::kPage, action + " queued: " + TextOf(body, "summary"));
    for (const store::DeliveryRow& delivery : recorded.deliveries) {
      const bool over = delivery.state == store::OutboxState::kDelivered ||
                        delivery.state == store::OutboxState::kDead;
      if (delivery.sequence != row.sequence || !over) continue;
      out.Add(delivery.last_attempt_ms, MomentKind::kPage, DeliveredText(action, delivery), true);
    }
  }
}

// The way it was done, "via pagerduty", without what else the entry says.
std::string ViaOf(const store::AuditRow& row) {
  return row.detail.substr(0, std::min(row.detail.find(','), row.detail.size()));
}

bool IsAction(const store::AuditRow& row, std::string_view action) {
  return row.what.starts_with(kPeople) &&
         std::string_view(row.what).substr(kPeople.size()) == action;
}

// The audit log has all of it until retention takes it; what people's own record has is enough
// then.
void AddDeeds(const Recorded& recorded, Timeline& out) {
  const std::array<std::array<std::string, 3>, 5> kDeeds = {
      {{"acknowledge", "acknowledged", "acknowledged"},
       {"unacknowledge", "acknowledgement taken back", ""},
       {"resolve", "called over", "resolved"},
       {"reopen", "opened anew", ""},
       {"merge", "put together with another incident", ""}}};
  for (const auto& [action, words, member] : kDeeds) {
    bool found = false;
    for (const store::AuditRow& row : recorded.actions) {
      if (!IsAction(row, action)) continue;
      found = true;
      out.Add(row.at, MomentKind::kPeople, words + " by " + row.actor + " (" + ViaOf(row) + ')');
    }
    const Json& deed = Member(recorded.people, member);
    if (found || !deed.is_object()) continue;
    out.Add(TimeOf(deed, "at"), MomentKind::kPeople,
            words + " by " + TextOf(deed, "by") + " (via " + TextOf(deed, "via") + ')');
  }
}

void AddWords(const Recorded& recorded, Timeline& out) {
  for (const Json& note : RowsOf(recorded.people, "notes")) {
    out.Add(TimeOf(note, "at"), MomentKind::kPeople,
            "noted by " + TextOf(note, "by") + ": " + TextOf(note, "text"));
  }
  for (const Json& one : recorded.feedback) {
    const std::string reason = TextOf(one, "reason");
    out.Add(TimeOf(one, "time"), MomentKind::kPeople,
            "judged \"" + TextOf(one, "verdict") + "\" by " + TextOf(one, "by") +
                (reason.empty() ? "" : ": " + reason));
  }
}

void AddChanges(const Recorded& recorded, Timeline& out) {
  for (const Json& change : RowsOf(recorded.incident, "changes")) {
    const TimeMs start = TimeOf(change, "start");
    const TimeMs end = TimeOf(change, "end");
    out.Add(start, MomentKind::kChange, ChangeText(change));
    if (end > start) out.Add(end, MomentKind::kChange, "end of " + ChangeText(change));
  }
}

}  // namespace

std::string_view MomentKindName(MomentKind kind) {
  switch (kind) {
    case MomentKind::kChange:
      return "change";
    case MomentKind::kIncident:
      return "incident";
    case MomentKind::kAlert:
      return "alert";
    case MomentKind::kPage:
      return "page";
    case MomentKind::kPeople:
      return "people";
  }
  return "incident";
}

TimeMs AcknowledgedAt(const Recorded& recorded) {
  TimeMs at = TimeOf(Member(recorded.people, "acknowledged"), "at");
  for (const store::AuditRow& row : recorded.actions) {
    if (IsAction(row, "acknowledge") && (at == 0 || row.at < at)) at = row.at;
  }
  return at;
}

std::vector<Moment> TimelineOf(const Recorded& recorded) {
  Timeline out;
  const Json& incident = recorded.incident;
  out.Add(TimeOf(incident, "onset"), MomentKind::kIncident, "began, as estimated from the series");
  out.Add(TimeOf(incident, "opened_at"), MomentKind::kIncident, "incident opened");
  AddAlerts(recorded, out);
  AddPages(recorded, out);
  AddDeeds(recorded, out);
  AddWords(recorded, out);
  AddChanges(recorded, out);
  out.Add(TimeOf(incident, "resolved_at"), MomentKind::kIncident,
          "incident " + TextOf(incident, "state"));
  return out.Take();
}

std::string ChangeText(const Json& change) {
  std::string out = TextOf(change, "kind");
  const Labels scope = LabelsOf(change, "scope");
  if (!scope.empty()) out += " of " + incidents::ScopeWords(scope);
  const std::string note = TextOf(change, "note");
  if (!note.empty()) out += ": " + note;
  return out;
}

}  // namespace quell::postmortem
