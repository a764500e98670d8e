// AuthGate: the authenticator in front of another gate.
//
// Who may not is answered here: 401, 403, 404, 405, 429 or 503 with a problem document
// and nothing of what was sent. Who may goes on to `next`, with the identity's name. Thread-safe.
#pragma once

#include <memory>

#include "engine/auth/authenticator.h"
#include "engine/http/gate.h"

namespace quell::auth {

class AuthGate final : public http::Gate {
 public:
  // Borrows `next`.
  AuthGate(std::shared_ptr<Authenticator> authenticator, http::Gate& next)
      : authenticator_(std::move(authenticator)), next_(next) {}

  http::GateVerdict Judge(const http::RequestHead& head) override;
  http::GateVerdict JudgeSlowly(const http::RequestHead& head) override;

 private:
  // `slow`: asks next_ with JudgeSlowly.
  http::GateVerdict Answer(const http::RequestHead& head, const Decision& decision, bool slow);

  std::shared_ptr<Authenticator> authenticator_;
  http::Gate& next_;
};

// Whether a browser says that a page of another origin wants to change something: credentials that
// a browser adds by itself (certificates, remembered passwords, none at all) must not be enough.
bool FromAnotherSite(const http::RequestHead& head);

// What a head shows of its sender; borrows from it.
Presented PresentedBy(const http::RequestHead& head);

// The answer to a decision that is neither kAllowed nor kNeedsHash.
http::GateVerdict RefusalOf(std::string_view path, const Decision& decision,
                            const Options& options);

}  // namespace quell::auth
