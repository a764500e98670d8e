// Task: a complete request on its way to a worker and back, or a head that the gate wants to judge
// slowly. Owned by one thread at a time: loop, worker, loop.
#pragma once

#include <cstdint>
#include <string>

#include "engine/http/gate.h"
#include "engine/http/request_head.h"

namespace quell::http {

struct Task {
  enum class Kind : std::uint8_t { kServe, kJudge };

  Kind kind = Kind::kServe;
  std::uint64_t connection = 0;  // which connection the answer belongs to
  RequestHead head;
  std::string identity;
  std::string body;
  bool close = false;  // the answer says "Connection: close"

  // Filled in by the worker.
  std::string answer;   // kServe: the bytes to send
  GateVerdict verdict;  // kJudge
};

}  // namespace quell::http
