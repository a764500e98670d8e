#include "engine/auth/role.h"

#include <algorithm>

namespace quell::auth {

const std::vector<std::string>& RoleNames() {
  static const std::vector<std::string> kNames = {"ingest", "read", "operate", "admin", "audit"};
  return kNames;
}

std::string_view RoleName(Role role) { return RoleNames()[static_cast<size_t>(role)]; }

std::optional<Role> ParseRole(std::string_view name) {
  const auto& names = RoleNames();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Role>(found - names.begin());
}

void RoleSet::Add(Role role) {
  bits_ |= Bit(role);
  if (role == Role::kAdmin) {
    for (const Role held : {Role::kIngest, Role::kRead, Role::kOperate, Role::kAudit}) {
      bits_ |= Bit(held);
    }
  }
  if (role == Role::kOperate) bits_ |= Bit(Role::kRead);
}

std::string RoleSet::ToString() const {
  std::string out;
  for (size_t i = 0; i < RoleNames().size(); ++i) {
    if (Has(static_cast<Role>(i))) out += (out.empty() ? "" : ", ") + RoleNames()[i];
  }
  return out.empty() ? "none" : out;
}

}  // namespace quell::auth
