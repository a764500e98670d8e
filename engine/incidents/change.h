// Change: something that someone announced (deploy, maintenance, holiday, cut-over ...).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/labels.h"
#include "core/time.h"

namespace quell::incidents {

enum class ChangeKind : std::uint8_t {
  kDeploy,
  kRollback,
  kMaintenance,
  kCutover,
  kPromotion,
  kHoliday,
  kLaunch,
  kDecommission,
  kOther,
};
std::string_view ChangeKindName(ChangeKind kind);      // "deploy", ...
ChangeKind ChangeKindFromName(std::string_view name);  // kOther where unknown

struct Change {
  std::string id;
  ChangeKind kind = ChangeKind::kOther;
  TimeMs start = 0;
  TimeMs end = 0;  // == start for a moment in time
  Labels scope;    // labels it applies to; empty = everything
  std::string note;
};

// A change as far as it moves volumes.
struct MovingChange {
  Labels scope;
  ChangeKind kind = ChangeKind::kOther;
  bool present = false;  // between its start and its end, not in what leads to it or follows
};

}  // namespace quell::incidents
