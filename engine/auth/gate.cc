#include "engine/auth/gate.h"

#include "core/check.h"
#include "engine/http/answer.h"

namespace quell::auth {
namespace {

struct Wording {
  int status;
  std::string_view code, message;
};

Wording WordingOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::kThrottled:
      return {429, "too_many_attempts", "too many wrong passwords from this address"};
    case Outcome::kBusy:
      return {503, "unavailable", "too many passwords are being checked"};
    case Outcome::kForbidden:
      return {403, "forbidden", "this identity lacks the role that the request needs"};
    case Outcome::kNoRoute:
      return {404, "not_found", "there is nothing at this path"};
    case Outcome::kWrongMethod:
      return {405, "method_not_allowed", "this path takes other methods"};
    default:
      // One text for all reasons: which part was wrong is for the log.
      return {401, "unauthenticated", "this needs valid credentials"};
  }
}

void AddChallenges(const Options& options, http::GateVerdict& verdict) {
  const auto add = [&](const char* challenge) {
    verdict.headers.emplace_back("WWW-Authenticate", challenge);
  };
  if (!options.tokens.empty()) add("Bearer realm=\"quell\"");
  if (!options.users.empty()) add("Basic realm=\"quell\", charset=\"UTF-8\"");
  // A 401 carries a challenge, also where only a certificate would do.
  if (verdict.headers.empty()) add("Certificate realm=\"quell\"");
}

constexpr std::string_view kBasic = "Basic";

// A script of the page asks for credentials itself: this challenge would have the browser ask, too.
void WithoutBasic(const http::RequestHead& head, http::GateVerdict& verdict) {
  if (head.Header("sec-fetch-dest") != "empty") return;
  const size_t basic = std::erase_if(verdict.headers, [](const auto& header) {
    return header.first == "WWW-Authenticate" && header.second.starts_with(kBasic);
  });
  if (basic > 0) verdict.headers.emplace_back("WWW-Authenticate", "Page realm=\"quell\"");
}

}  // namespace

bool FromAnotherSite(const http::RequestHead& head) {
  if (head.method == "GET" || head.method == "HEAD") return false;
  const std::string_view site = head.Header("sec-fetch-site");
  if (!site.empty()) return site != "same-origin" && site != "none";
  const std::string_view origin = head.Header("origin");
  if (origin.empty()) return false;  // no browser
  const size_t scheme = origin.find("://");
  return scheme == std::string_view::npos || origin.substr(scheme + 3) != head.Header("host");
}

Presented PresentedBy(const http::RequestHead& head) {
  Presented out;
  out.method = head.method;
  out.path = head.path;
  out.peer = head.peer_ip;
  out.common_name = head.client_subject;
  for (const http::HeaderField& field : head.headers) {
    if (field.name != "authorization") continue;
    out.authorization = field.value;
    ++out.authorization_headers;
  }
  return out;
}

http::GateVerdict RefusalOf(std::string_view path, const Decision& decision,
                            const Options& options) {
  const Wording wording = WordingOf(decision.outcome);
  const http::ErrorAnswer answer =
      http::ErrorOn(path, wording.status, wording.code, wording.message);
  http::GateVerdict verdict =
      http::GateVerdict::Refuse(wording.status, answer.body, answer.content_type);
  if (wording.status == 401) AddChallenges(options, verdict);
  if (wording.status == 405) verdict.headers.emplace_back("Allow", decision.allow);
  if (decision.retry_after_ms > 0) {
    const DurationMs seconds = (decision.retry_after_ms + kSecondMs - 1) / kSecondMs;
    verdict.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  return verdict;
}

http::GateVerdict AuthGate::Answer(const http::RequestHead& head, const Decision& decision,
                                   bool slow) {
  if (decision.outcome == Outcome::kNeedsHash) return http::GateVerdict::Slow();
  if (decision.outcome != Outcome::kAllowed) {
    http::GateVerdict refusal = RefusalOf(head.path, decision, *authenticator_->options());
    WithoutBasic(head, refusal);
    return refusal;
  }
  if (FromAnotherSite(head)) {
    const http::ErrorAnswer answer = http::ErrorOn(
        head.path, 403, "other_site", "a page of another site may not change anything here");
    return http::GateVerdict::Refuse(403, answer.body, answer.content_type);
  }
  http::GateVerdict verdict = slow ? next_.JudgeSlowly(head) : next_.Judge(head);
  verdict.identity = decision.identity;
  return verdict;
}

http::GateVerdict AuthGate::Judge(const http::RequestHead& head) {
  return Answer(head, authenticator_->Judge(PresentedBy(head)), false);
}

http::GateVerdict AuthGate::JudgeSlowly(const http::RequestHead& head) {
  return Answer(head, authenticator_->JudgeSlowly(PresentedBy(head)), true);
}

}  // namespace quell::auth
