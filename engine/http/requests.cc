// Loop: what becomes of a head, of a body, of a refusal.
#include <algorithm>

#include "engine/http/answer.h"
#include "engine/http/loop.h"

namespace quell::http {
namespace {

// A refused body of at most this many bytes is read and thrown away, so that the connection can go
// on; for a longer one the connection ends.
constexpr std::uint64_t kSkipBytesMax = 64U << 10U;

bool IsMultipart(std::string_view content_type) {
  constexpr std::string_view kMultipart = "multipart/";
  return content_type.size() >= kMultipart.size() &&
         std::equal(kMultipart.begin(), kMultipart.end(), content_type.begin(),
                    [](char a, char b) { return a == (b | 0x20) || a == b; });
}

bool UsesBody(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

std::string MessageOf(HeadFault fault) {
  std::string out = "the request's head is refused: ";
  for (const char c : HeadFaultName(fault)) out += c == '_' ? ' ' : c;
  return out;
}

}  // namespace

void Loop::Judge(Connection& c) {
  c.head.peer_ip = c.peer_ip;
  c.head.tls = c.transport.tls();
  if (c.head.tls) c.head.client_subject = c.transport.ClientSubject();
  c.deadline_ms = 0;
  c.unread = c.head.HasBody();
  // The library takes multipart bodies apart with code that has known holes; nothing here needs it.
  if (IsMultipart(c.head.Header("content-type"))) {
    return RefuseBody(c, BodyFault::kMultipart, 415, "multipart bodies are not taken");
  }
  Apply(c, gate_.Judge(c.head));
}

void Loop::Apply(Connection& c, const GateVerdict& verdict) {
  if (verdict.decision == GateDecision::kContinue) {
    c.body_bytes_max = verdict.body_bytes_max;
    c.identity = verdict.identity;
    return BeginBody(c);
  }
  if (verdict.decision == GateDecision::kSlow && c.phase == Phase::kHead) {
    if (counters_.requests_in_flight >= options_.inflight_requests_max) {
      return RefuseOverload(c, Overload::kRequests);
    }
    c.phase = Phase::kJudging;
    return Submit(c, Task::Kind::kJudge);
  }
  ++counters_.gate_refused;
  Refuse(c, verdict.status, verdict.headers, verdict.content_type, verdict.body);
}

void Loop::BeginBody(Connection& c) {
  c.body = std::string();
  c.drop_body = !UsesBody(c.head.method);
  if (c.drop_body) c.body_bytes_max = std::min<size_t>(c.body_bytes_max, kSkipBytesMax);
  if (!c.head.HasBody()) return Complete(c);
  const auto length = static_cast<std::uint64_t>(std::max<std::int64_t>(c.head.content_length, 0));
  if (length > c.body_bytes_max) {
    return RefuseBody(c, BodyFault::kTooLarge, 413,
                      "the body is larger than " + std::to_string(c.body_bytes_max) + " bytes");
  }
  // Reserved before a byte of it is taken: what is begun can be ended.
  if (!Reserve(c, static_cast<size_t>(length))) return RefuseOverload(c, Overload::kBytes);
  if (!c.drop_body) c.body.reserve(static_cast<size_t>(length));
  c.body_left = length;
  if (c.head.chunked) c.chunks.Reset(c.body_bytes_max);
  c.phase = Phase::kBody;
  SetDeadline(c, options_.body_timeout_ms);
  if (c.head.expect_continue && c.in.empty()) c.out = "HTTP/1.1 100 Continue\r\n\r\n";
}

// Body and head are here.
void Loop::Complete(Connection& c) {
  c.unread = false;
  if (c.drop_body) c.body = std::string();
  if (counters_.requests_in_flight >= options_.inflight_requests_max) {
    return RefuseOverload(c, Overload::kRequests);
  }
  ++counters_.requests;
  if (WantsStream(c.head)) return BeginStream(c);
  c.phase = Phase::kServing;
  Submit(c, Task::Kind::kServe);
}

void Loop::Submit(Connection& c, Task::Kind kind) {
  c.deadline_ms = 0;
  auto task = std::make_unique<Task>();
  task->kind = kind;
  task->connection = c.id;
  task->close = !c.head.keep_alive || stopping_;
  task->head = std::move(c.head);
  task->identity = std::move(c.identity);
  task->body = std::move(c.body);
  ++counters_.requests_in_flight;
  workers_->Submit(std::move(task));
}

bool Loop::Reserve(Connection& c, size_t bytes) {
  if (bytes <= c.reserved) return true;
  const size_t more = bytes - c.reserved;
  if (counters_.bytes_in_flight + more > options_.inflight_bytes_max) return false;
  counters_.bytes_in_flight += more;
  c.reserved = bytes;
  return true;
}

void Loop::Release(Connection& c) {
  counters_.bytes_in_flight -= c.reserved;
  c.reserved = 0;
}

void Loop::RefuseHead(Connection& c, HeadFault fault) {
  ++counters_.heads_refused[static_cast<size_t>(fault)];
  // Where the request ends is not known: nothing behind it is read as another one.
  c.unread = true;
  c.in = std::string();
  const int status = StatusOf(fault);
  Answer(c,
         PlainAnswer(status, {}, kProblemType,
                     ProblemJson(status, HeadFaultName(fault), MessageOf(fault)), true, false),
         true);
}

void Loop::RefuseBody(Connection& c, BodyFault fault, int status, std::string_view message) {
  ++counters_.bodies_refused[static_cast<size_t>(fault)];
  const ErrorAnswer answer = ErrorOn(c.head.path, status, StatusCodeName(status), message);
  Refuse(c, status, {}, answer.content_type, answer.body);
}

void Loop::RefuseOverload(Connection& c, Overload overload) {
  ++counters_.overloads[static_cast<size_t>(overload)];
  const int seconds = RetryAfterSeconds(c.head.Header("retry-attempt"), random_);
  const ErrorAnswer answer =
      ErrorOn(c.head.path, 503, StatusCodeName(503), "overloaded, try again later");
  Refuse(c, 503, {{"Retry-After", std::to_string(seconds)}}, answer.content_type, answer.body);
}

void Loop::Refuse(Connection& c, int status,
                  std::vector<std::pair<std::string, std::string>> headers,
                  std::string_view content_type, std::string_view body) {
  const bool untouched = c.phase == Phase::kHead || c.phase == Phase::kJudging;
  // A client that expects "100 Continue" may or may not send its body now.
  const bool skip = c.unread && untouched && !c.head.chunked && !c.head.expect_continue &&
                    static_cast<std::uint64_t>(c.head.content_length) <= kSkipBytesMax;
  const bool close = !c.head.keep_alive || stopping_ || (c.unread && !skip);
  std::string answer =
      PlainAnswer(status, headers, content_type, body, close, c.head.method == "HEAD");
  if (!skip) return Answer(c, std::move(answer), close);
  c.refusal = std::move(answer);
  c.body_left = static_cast<std::uint64_t>(c.head.content_length);
  c.unread = false;
  c.phase = Phase::kSkip;
  SetDeadline(c, options_.body_timeout_ms);
}

void Loop::Answer(Connection& c, std::string answer, bool close) {
  Release(c);
  c.body = std::string();
  c.out = std::move(answer);
  c.out_at = 0;
  c.close_after = close;
  c.phase = Phase::kServing;
  SetDeadline(c, options_.write_timeout_ms);
}

}  // namespace quell::http
