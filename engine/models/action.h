// ModelAction: what somebody did to a version of what decides, as the journal keeps it: a replay
// sees the registry move in the same places.
//
// Values; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "engine/models/model.h"

namespace quell::models {

enum class ActionKind : std::uint8_t {
  kRegister,
  kApprove,
  kShadow,
  kCanary,
  kPromote,
  kRollback,
  kRetire,
};
inline constexpr size_t kActionKinds = 7;
std::string_view ActionName(ActionKind kind);  // "register", "approve", ...
std::optional<ActionKind> ParseAction(std::string_view name);

struct ModelAction {
  ActionKind kind = ActionKind::kRegister;
  std::string id;     // made by the API; unique
  std::string model;  // which version; of kRollback the one that is left
  std::string by, reason;
  TimeMs at = 0;
  Content content;    // kRegister
  double share = 0;   // kCanary: of the signal groups, 0 to 1
  std::string gates;  // kPromote, kCanary: how they were found to hold, for people
};

// The payload of an operation's journal record.
std::string ActionJson(const ModelAction& action);
// kInvalidArgument where the record is another operation, or no sound one.
Result<ModelAction> ParseActionJson(std::string_view json);

}  // namespace quell::models
