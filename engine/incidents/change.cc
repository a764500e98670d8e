#include "engine/incidents/change.h"

#include <array>

namespace quell::incidents {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"deploy",  "rollback",     "maintenance",
                                                    "cutover", "promotion",    "holiday",
                                                    "launch",  "decommission", "other"};

}  // namespace

std::string_view ChangeKindName(ChangeKind kind) {
  const auto index = static_cast<size_t>(kind);
  return index < kNames.size() ? kNames[index] : kNames.back();
}

ChangeKind ChangeKindFromName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<ChangeKind>(i);
  }
  return ChangeKind::kOther;
}

}  // namespace quell::incidents
