// Authenticator: who sends this request, and may they?
//
// Input   a route and what the request shows: an Authorization header, or else the common name of a
//         verified client certificate, or else nothing (anonymous). A wrong Authorization header is
//         not excused by a certificate.
// Output  a Decision with its reason. Who is not known learns nothing about which paths exist: 401
//         for all but the open ones. Who is known gets 403, 404 or 405.
// Threads thread-safe. Judge() never blocks; JudgeSlowly() may hash a password.
// State   identities are replaced as a whole by Use(); remembered passwords are forgotten with
// them.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "engine/auth/options.h"
#include "engine/auth/password_checker.h"
#include "engine/auth/routes.h"

namespace quell::auth {

enum class Outcome : std::uint8_t {
  kAllowed,
  kNeedsHash,           // ask JudgeSlowly()
  kNoCredentials,       // 401: nothing shown, or not enough for somebody anonymous
  kMalformed,           // 401: an Authorization header outside the grammar, or two of them
  kUnknownToken,        // 401
  kWrongPassword,       // 401: or a user that nobody is
  kUnknownCertificate,  // 401
  kThrottled,           // 429: too many wrong passwords from this peer
  kBusy,                // 503: too many password checks wait
  kForbidden,           // 403: known, without the role
  kNoRoute,             // 404: known
  kWrongMethod,         // 405: known
};
inline constexpr size_t kOutcomes = 12;
std::string_view OutcomeName(Outcome outcome);  // snake case, for metrics and logs

struct Presented {
  std::string_view method, path;  // decoded
  std::string_view peer;          // address, without port
  std::string_view authorization;
  size_t authorization_headers = 0;
  std::string_view common_name;  // of a certificate that TLS has verified; "" = none
};

struct Decision {
  Outcome outcome = Outcome::kNoCredentials;
  const Route* route = nullptr;   // null where the table has none
  std::string identity;           // "token/prometheus", "user/alice", "certificate/cn", "anonymous"
  std::string allow;              // kWrongMethod: the methods that there are
  DurationMs retry_after_ms = 0;  // kThrottled, kBusy
};

class Authenticator {
 public:
  // kUnavailable if the system has no random bytes. Asks nobody until Use(). Borrows the clock.
  static Result<std::shared_ptr<Authenticator>> Create(Clock& clock);

  void Use(Options options);
  [[nodiscard]] std::shared_ptr<const Options> options() const;

  // Of an identity as Decision names it; none for one that is not known any more.
  [[nodiscard]] RoleSet RolesOf(std::string_view identity) const;

  Decision Judge(const Presented& presented) { return Decide(presented, false); }
  Decision JudgeSlowly(const Presented& presented) { return Decide(presented, true); }

  // How often each outcome was reached; kNeedsHash is not one.
  [[nodiscard]] std::uint64_t count(Outcome outcome) const {
    return counts_[static_cast<size_t>(outcome)];
  }
  [[nodiscard]] const PasswordChecker& passwords() const { return passwords_; }

 private:
  Authenticator(Clock& clock, const Digest& key) : clock_(clock), passwords_(clock, key) {}

  struct Somebody {
    Outcome outcome = Outcome::kAllowed;  // of the identification alone
    std::string identity;
    RoleSet roles;
    DurationMs retry_after_ms = 0;
  };
  Decision Decide(const Presented& presented, bool may_hash);
  Somebody Identify(const Options& options, const Presented& presented, bool may_hash);
  Somebody ByPassword(const Options& options, const std::string& name, const std::string& password,
                      std::string_view peer, bool may_hash);
  void Note(const Presented& presented, const Decision& decision);

  Clock& clock_;
  PasswordChecker passwords_;
  std::array<std::atomic<std::uint64_t>, kOutcomes> counts_{};
  mutable std::mutex mutex_;  // guards the members below
  std::shared_ptr<const Options> options_ = std::make_shared<Options>();
  Allowance log_lines_{20, 3 * kSecondMs};
  std::uint64_t log_lines_left_out_ = 0;
};

}  // namespace quell::auth
