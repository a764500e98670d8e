#include "engine/http/gate.h"

namespace quell::http {

GateVerdict GateVerdict::Continue(size_t body_bytes_max, std::string identity) {
  GateVerdict verdict;
  verdict.body_bytes_max = body_bytes_max;
  verdict.identity = std::move(identity);
  return verdict;
}

GateVerdict GateVerdict::Refuse(int status, std::string body, std::string content_type) {
  GateVerdict verdict;
  verdict.decision = GateDecision::kRefuse;
  verdict.status = status;
  verdict.body = std::move(body);
  verdict.content_type = std::move(content_type);
  return verdict;
}

GateVerdict GateVerdict::Slow() {
  GateVerdict verdict;
  verdict.decision = GateDecision::kSlow;
  return verdict;
}

}  // namespace quell::http
