#include "engine/auth/authenticator.h"

#include "core/log.h"
#include "engine/auth/credentials.h"

namespace quell::auth {
namespace {

constexpr std::string_view kAnonymous = "anonymous";

const TokenIdentity* FindToken(const std::vector<TokenIdentity>& tokens, std::string_view token) {
  const Digest digest = Sha256(token);
  const TokenIdentity* found = nullptr;
  for (const TokenIdentity& known : tokens) {
    if (SameDigest(known.sha256, digest)) found = &known;
  }
  return found;
}

const CertificateIdentity* FindCertificate(const std::vector<CertificateIdentity>& certificates,
                                           std::string_view common_name) {
  for (const CertificateIdentity& known : certificates) {
    if (known.common_name == common_name) return &known;
  }
  return nullptr;
}

Outcome OutcomeOf(PasswordVerdict verdict) {
  switch (verdict) {
    case PasswordVerdict::kRight:
      return Outcome::kAllowed;
    case PasswordVerdict::kWrong:
      return Outcome::kWrongPassword;
    case PasswordVerdict::kUnchecked:
      return Outcome::kNeedsHash;
    case PasswordVerdict::kThrottled:
      return Outcome::kThrottled;
    case PasswordVerdict::kBusy:
      return Outcome::kBusy;
  }
  return Outcome::kWrongPassword;
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  static constexpr std::array<std::string_view, kOutcomes> kNames = {
      "allowed",        "needs_hash",          "no_credentials", "malformed", "unknown_token",
      "wrong_password", "unknown_certificate", "throttled",      "busy",      "forbidden",
      "no_route",       "wrong_method"};
  return kNames[static_cast<size_t>(outcome)];
}

Result<std::shared_ptr<Authenticator>> Authenticator::Create(Clock& clock) {
  QUELL_ASSIGN(const Digest key, RandomDigest());
  return std::shared_ptr<Authenticator>(new Authenticator(clock, key));
}

void Authenticator::Use(Options options) {
  auto next = std::make_shared<const Options>(std::move(options));
  {
    const std::lock_guard lock(mutex_);
    options_ = std::move(next);
  }
  passwords_.Forget();
}

std::shared_ptr<const Options> Authenticator::options() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

RoleSet Authenticator::RolesOf(std::string_view identity) const {
  const std::shared_ptr<const Options> known = options();
  if (!known->configured) return {Role::kAdmin};
  RoleSet out = known->anonymous;
  for (const TokenIdentity& token : known->tokens) {
    if (identity == "token/" + token.name) out.Add(token.roles);
  }
  for (const UserIdentity& user : known->users) {
    if (identity == "user/" + user.name) out.Add(user.roles);
  }
  for (const CertificateIdentity& certificate : known->certificates) {
    if (identity == "certificate/" + certificate.common_name) out.Add(certificate.roles);
  }
  return out;
}

Authenticator::Somebody Authenticator::ByPassword(const Options& options, const std::string& name,
                                                  const std::string& password,
                                                  std::string_view peer, bool may_hash) {
  const PasswordAnswer answer = may_hash ? passwords_.Check(options.users, name, password, peer)
                                         : passwords_.Recall(options.users, name, password, peer);
  Somebody out;
  out.identity = kAnonymous;
  out.outcome = OutcomeOf(answer.verdict);
  out.retry_after_ms = answer.retry_after_ms;
  if (answer.user != nullptr) {
    out.identity = "user/" + answer.user->name;
    out.roles = answer.user->roles;
  }
  return out;
}

Authenticator::Somebody Authenticator::Identify(const Options& options, const Presented& presented,
                                                bool may_hash) {
  Somebody out;
  out.identity = kAnonymous;
  if (presented.authorization_headers > 0) {
    const Credentials shown = presented.authorization_headers == 1
                                  ? ParseAuthorization(presented.authorization)
                                  : Credentials();
    if (shown.kind == CredentialKind::kMalformed) {
      out.outcome = Outcome::kMalformed;
    } else if (shown.kind == CredentialKind::kBasic) {
      out = ByPassword(options, shown.user, shown.password, presented.peer, may_hash);
    } else if (const TokenIdentity* token = FindToken(options.tokens, shown.token)) {
      out.identity = "token/" + token->name;
      out.roles = token->roles;
    } else {
      out.outcome = Outcome::kUnknownToken;
    }
  } else if (!presented.common_name.empty()) {
    const CertificateIdentity* known = FindCertificate(options.certificates, presented.common_name);
    if (known != nullptr) {
      out.identity = "certificate/" + known->common_name;
      out.roles = known->roles;
    } else if (options.anonymous.empty()) {
      out.outcome = Outcome::kUnknownCertificate;
    }
  }
  out.roles.Add(options.anonymous);
  return out;
}

Decision Authenticator::Decide(const Presented& presented, bool may_hash) {
  RouteMatch match = FindRoute(presented.method, presented.path);
  Decision decision;
  decision.route = match.route;
  decision.identity = kAnonymous;
  const std::shared_ptr<const Options> known = options();
  const bool open = match.route != nullptr && !match.route->needs;
  if (open) {
    decision.outcome = Outcome::kAllowed;
  } else {
    Somebody who;
    if (known->configured) {
      who = Identify(*known, presented, may_hash);
    } else {
      who.identity = kAnonymous;
      who.roles = {Role::kAdmin};
    }
    const bool known_by_name = !known->configured || who.identity != kAnonymous;
    decision.identity = std::move(who.identity);
    decision.retry_after_ms = who.retry_after_ms;
    if (who.outcome != Outcome::kAllowed) {
      decision.outcome = who.outcome;
    } else if (match.route != nullptr && who.roles.Has(*match.route->needs)) {
      decision.outcome = Outcome::kAllowed;
    } else if (!known_by_name) {
      decision.outcome = Outcome::kNoCredentials;
    } else if (match.route != nullptr) {
      decision.outcome = Outcome::kForbidden;
    } else if (match.allow.empty()) {
      decision.outcome = Outcome::kNoRoute;
    } else {
      decision.outcome = Outcome::kWrongMethod;
      decision.allow = std::move(match.allow);
    }
  }
  if (decision.outcome != Outcome::kNeedsHash) Note(presented, decision);
  return decision;
}

// Logs what an operator wants to find later: who changed something, and who was refused. Neither
// credentials nor names that strangers give are in it; the path is the table's.
void Authenticator::Note(const Presented& presented, const Decision& decision) {
  ++counts_[static_cast<size_t>(decision.outcome)];
  const std::string_view path = decision.route == nullptr ? "" : decision.route->pattern;
  if (decision.outcome == Outcome::kAllowed) {
    const std::optional<Role> needs = decision.route->needs;
    if (needs == Role::kOperate || needs == Role::kAdmin) {
      Log(LogLevel::kInfo, "request by role",
          {{"identity", decision.identity},
           {"role", RoleName(*needs)},
           {"method", decision.route->method},
           {"path", path},
           {"peer", presented.peer}});
    }
    return;
  }
  if (decision.outcome == Outcome::kNoRoute || decision.outcome == Outcome::kWrongMethod) return;
  std::uint64_t left_out = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!log_lines_.Take(clock_.MonotonicMs())) {
      ++log_lines_left_out_;
      return;
    }
    left_out = std::exchange(log_lines_left_out_, 0);
  }
  Log(LogLevel::kWarn, "request refused",
      {{"reason", OutcomeName(decision.outcome)},
       {"identity", decision.identity},
       {"path", path},
       {"peer", presented.peer},
       {"left_out", left_out}});
}

}  // namespace quell::auth
