// Gate: what judges a request by its head, before a byte of its body is taken.
//
// Judge runs on the front's one reading thread: it must be quick and never wait. What needs longer
// (a password hash) answers kSlow there and is judged again by JudgeSlowly on a worker, where it
// must not answer kSlow. Both are called from several threads: implementations are thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/http/request_head.h"

namespace quell::http {

// The request header that carries GateVerdict::identity to the handler. Clients cannot set it:
// every x-quell-* header of theirs is dropped by the parser.
constexpr const char* kIdentityHeader = "X-Quell-Identity";

enum class GateDecision : std::uint8_t { kContinue, kRefuse, kSlow };

struct GateVerdict {
  GateDecision decision = GateDecision::kContinue;

  // kContinue: a longer body is answered 413.
  size_t body_bytes_max = 0;
  std::string identity;  // "" = none

  // kRefuse.
  int status = 403;
  std::vector<std::pair<std::string, std::string>> headers;  // e.g. WWW-Authenticate
  std::string content_type = "application/json";
  std::string body;

  static GateVerdict Continue(size_t body_bytes_max, std::string identity = "");
  static GateVerdict Refuse(int status, std::string body,
                            std::string content_type = "application/json");
  static GateVerdict Slow();
};

class Gate {
 public:
  virtual ~Gate() = default;
  virtual GateVerdict Judge(const RequestHead& head) = 0;
  virtual GateVerdict JudgeSlowly(const RequestHead& head) { return Judge(head); }
};

}  // namespace quell::http
