// Connection: what the loop knows about one client. No code, no thread: an idle connection costs
// this much memory and a descriptor.
#pragma once

#include <cstdint>
#include <string>

#include "core/time.h"
#include "engine/http/chunked.h"
#include "engine/http/request_head.h"
#include "engine/http/transport.h"

namespace quell::http {

enum class Phase : std::uint8_t {
  kHandshake,  // TLS
  kHead,       // idle, or the bytes of a head arrive
  kJudging,    // the slow gate has it
  kBody,       // the bytes of a body arrive
  kSkip,       // a short body of a refused request is thrown away, then the refusal goes out
  kServing,    // a worker has it, or its answer is being sent
  kLinger,     // the last answer is out; what still arrives is thrown away
  kStreaming,  // listens to events (streams.cc); its head stays, to be judged again
};

struct Connection {
  Connection(std::uint64_t id_in, int fd, SSL* ssl, const HeadLimits& limits)
      : id(id_in), transport(fd, ssl), scanner(limits) {}

  const std::uint64_t id;
  Transport transport;
  std::string peer_ip;
  Phase phase = Phase::kHead;
  DurationMs deadline_ms = 0;  // monotonic; 0 = none
  DurationMs idle_since_ms = 0;

  // Edges seen from epoll: true until the transport says kAgain.
  bool readable = false;
  bool writable = true;
  bool hung_up = false;  // the peer has ended its side

  std::string in;  // read, not consumed yet; at most head_bytes_max
  HeadScanner scanner;
  RequestHead head;
  std::string identity;
  std::string body;
  size_t body_bytes_max = 0;
  std::uint64_t body_left = 0;  // Content-Length bytes still to come
  ChunkedReader chunks;
  std::string refusal;     // kSkip: what to answer then
  bool drop_body = false;  // of a method that has no use for it
  size_t reserved = 0;     // bytes of the in-flight budget held by body and answer

  std::string out;  // the answer, from out_at on not sent yet
  size_t out_at = 0;
  bool close_after = false;  // when `out` is sent
  bool unread = false;       // bytes of the refused request may still arrive
  size_t lingered = 0;       // bytes thrown away in kLinger and kStreaming

  // kStreaming: of the board, and when anything was last told (monotonic).
  std::uint64_t told_revision = 0;
  DurationMs told_ms = 0;

  // Nothing of a request is here and nothing of an answer is left.
  [[nodiscard]] bool Idle() const { return phase == Phase::kHead && in.empty() && out.empty(); }
};

}  // namespace quell::http
