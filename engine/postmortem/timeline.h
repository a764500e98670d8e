// Timeline: what happened, in order: alerts, pages, what people did, changes. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/postmortem/recorded.h"

namespace quell::postmortem {

enum class MomentKind : std::uint8_t {
  kChange,
  kIncident,
  kAlert,
  kPage,
  kPeople
};  // order of a tie
std::string_view MomentKindName(
    MomentKind kind);  // "change", "incident", "alert", "page", "people"

struct Moment {
  TimeMs at = 0;
  MomentKind kind = MomentKind::kIncident;
  std::string text;
  bool wall_clock = false;  // deliveries; all else is event time
};

// When somebody first said that they are on it; 0 = nobody did.
TimeMs AcknowledgedAt(const Recorded& recorded);

// Oldest first.
std::vector<Moment> TimelineOf(const Recorded& recorded);

// "deploy of service=ledger: v1.4".
std::string ChangeText(const Json& change);

}  // namespace quell::postmortem
