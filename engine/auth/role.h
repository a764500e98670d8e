// Roles: what somebody may do over HTTP.
//
// admin holds all others, operate holds read; ingest (a sender of samples reads nothing) and audit
// stand alone. Values; thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quell::auth {

enum class Role : std::uint8_t {
  kIngest,   // send samples and alerts
  kRead,     // incidents, alerts, decisions, signals, status, metrics
  kOperate,  // announce changes, silence
  kAdmin,    // reload
  kAudit,    // read the audit log, and nothing else
};

// In the order of the enum: "ingest", "read", "operate", "admin", "audit".
const std::vector<std::string>& RoleNames();
std::string_view RoleName(Role role);
std::optional<Role> ParseRole(std::string_view name);

class RoleSet {
 public:
  RoleSet() = default;
  RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) Add(role);
  }
  // With what the role includes.
  void Add(Role role);
  void Add(RoleSet other) { bits_ |= other.bits_; }
  [[nodiscard]] bool Has(Role role) const { return (bits_ & Bit(role)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  // "read, operate", included ones named as well; "none".
  [[nodiscard]] std::string ToString() const;
  bool operator==(const RoleSet&) const = default;

 private:
  static std::uint8_t Bit(Role role) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace quell::auth
