// Loop: a connection's state machine, from readable bytes to complete requests and back.
#include <algorithm>

#include "engine/http/answer.h"
#include "engine/http/loop.h"

namespace quell::http {
namespace {

constexpr size_t kTurnBytes = 512U << 10U;  // read from one connection before others have a turn
constexpr size_t kLingerBytesMax = 64U << 20U;
constexpr DurationMs kLingerMs = 3 * kSecondMs;

}  // namespace

void Loop::Advance(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& c = *found->second;
  if (c.phase == Phase::kHandshake && !Handshake(c)) return;
  size_t budget = kTurnBytes;
  while (Flush(c)) {
    const Next next = Step(c);
    if (next == Next::kWait || (next == Next::kRead && !Read(c, budget))) return;
  }
}

bool Loop::Handshake(Connection& c) {
  const IoVerdict verdict = c.transport.Handshake();
  if (verdict == IoVerdict::kAgain) return false;
  if (verdict != IoVerdict::kDone) {
    ++counters_.tls_handshakes_failed;
    Close(c);
    return false;
  }
  c.phase = Phase::kHead;
  c.readable = true;  // the session may hold bytes that epoll does not know of
  SetDeadline(c, options_.head_timeout_ms);
  return true;
}

// Takes from `in` whatever the phase can use.
Loop::Next Loop::Step(Connection& c) {
  switch (c.phase) {
    case Phase::kHead:
      return StepHead(c);
    case Phase::kBody:
      return c.head.chunked ? StepChunks(c) : StepBody(c);
    case Phase::kSkip:
      return StepSkip(c);
    case Phase::kLinger:
    case Phase::kStreaming:
      return Next::kRead;
    default:
      return Next::kWait;
  }
}

bool Loop::Read(Connection& c, size_t& budget) {
  if (!c.readable) return false;
  if (budget == 0) {
    ready_.push_back(c.id);
    return false;
  }
  // Never further than this request can reach: what belongs to the next one stays in the kernel,
  // but for what comes in one piece with a head or with chunks.
  size_t wanted = scratch_.size();
  if (c.phase == Phase::kHead || (c.phase == Phase::kBody && c.head.chunked)) {
    wanted = options_.head.head_bytes_max - c.in.size();
  } else if (c.phase == Phase::kBody || c.phase == Phase::kSkip) {
    wanted = static_cast<size_t>(std::min<std::uint64_t>(wanted, c.body_left));
  }
  wanted = std::min(wanted, scratch_.size());
  const IoResult result = c.transport.Read(scratch_.data(), wanted);
  if (result.verdict == IoVerdict::kAgain) {
    c.readable = false;
    return false;
  }
  if (result.verdict != IoVerdict::kDone) {
    if (c.phase == Phase::kBody) {
      ++counters_.bodies_refused[static_cast<size_t>(BodyFault::kEndedEarly)];
    }
    Close(c);
    return false;
  }
  if (result.bytes < wanted && !c.transport.tls() && !c.hung_up) c.readable = false;
  budget -= std::min(budget, result.bytes);
  if (c.phase == Phase::kStreaming) return DropFromListener(c, result.bytes);
  if (c.phase == Phase::kLinger) {
    c.lingered += result.bytes;
    if (c.lingered <= kLingerBytesMax) return true;
    Close(c);
    return false;
  }
  if (c.phase == Phase::kBody && !c.head.chunked) {
    if (!c.drop_body) c.body.append(scratch_.data(), result.bytes);
    c.body_left -= result.bytes;
    return true;
  }
  if (c.phase == Phase::kSkip) {
    c.body_left -= result.bytes;
    return true;
  }
  if (c.phase == Phase::kHead && c.in.empty()) SetDeadline(c, options_.head_timeout_ms);
  // A head in pieces gets its final room at once: doubling would end beyond the bound.
  if (!c.in.empty()) c.in.reserve(options_.head.head_bytes_max);
  c.in.append(scratch_.data(), result.bytes);
  return true;
}

// True: nothing is left to send and the connection may go on.
bool Loop::Flush(Connection& c) {
  if (c.out.empty()) return true;
  while (c.out_at < c.out.size()) {
    if (!c.writable) return false;
    const IoResult result = c.transport.Write(c.out.data() + c.out_at, c.out.size() - c.out_at);
    if (result.verdict == IoVerdict::kAgain) {
      c.writable = false;
      // Only what does not fit into the kernel's buffer is a burden for longer.
      if (c.reserved == 0 && !Reserve(c, c.out.size())) {
        ++counters_.overloads[static_cast<size_t>(Overload::kAnswers)];
        Close(c);
      }
      return false;
    }
    if (result.verdict != IoVerdict::kDone) {
      Close(c);
      return false;
    }
    c.out_at += result.bytes;
  }
  return AfterAnswer(c);
}

bool Loop::AfterAnswer(Connection& c) {
  c.out = std::string();
  c.out_at = 0;
  // "100 Continue" is out: the body follows.
  if (c.phase == Phase::kBody) return true;
  if (c.phase == Phase::kStreaming) return AfterEvent(c);
  Release(c);
  if (stopping_ && !c.unread) {
    Close(c);
    return false;
  }
  if (c.close_after) {
    // Closing with unread bytes would reset the connection, and the answer could be lost with it.
    c.transport.EndWriting();
    c.phase = Phase::kLinger;
    c.in = std::string();
    SetDeadline(c, kLingerMs);
    return true;
  }
  c.phase = Phase::kHead;
  c.scanner.Reset();
  c.idle_since_ms = now_ms_;
  SetDeadline(c, c.in.empty() ? options_.idle_timeout_ms : options_.head_timeout_ms);
  return true;
}

Loop::Next Loop::StepHead(Connection& c) {
  if (c.in.empty()) return Next::kRead;
  const HeadScanner::Verdict verdict = c.scanner.Scan(c.in);
  if (verdict == HeadScanner::Verdict::kNeedMore) return Next::kRead;
  c.head = RequestHead();
  HeadFault fault = c.scanner.fault();
  if (verdict == HeadScanner::Verdict::kComplete) {
    const std::string_view head(c.in.data(), c.scanner.head_bytes());
    fault = ParseHead(head, options_.head, c.head);
  }
  if (fault != HeadFault::kNone) {
    RefuseHead(c, fault);
    return Next::kAgain;
  }
  if (c.in.size() == c.scanner.head_bytes()) {
    c.in = std::string();
  } else {
    c.in.erase(0, c.scanner.head_bytes());
  }
  Judge(c);
  return Next::kAgain;
}

Loop::Next Loop::StepBody(Connection& c) {
  if (!c.in.empty()) {
    const auto taken = static_cast<size_t>(std::min<std::uint64_t>(c.body_left, c.in.size()));
    if (!c.drop_body) c.body.append(c.in, 0, taken);
    c.in.erase(0, taken);
    c.body_left -= taken;
  }
  if (c.body_left > 0) return Next::kRead;
  Complete(c);
  return Next::kAgain;
}

Loop::Next Loop::StepChunks(Connection& c) {
  if (c.in.empty()) return Next::kRead;
  size_t taken = 0;
  const ChunkedReader::Verdict verdict = c.chunks.Feed(c.in, c.body, taken);
  c.in.erase(0, taken);
  if (verdict == ChunkedReader::Verdict::kMalformed) {
    RefuseBody(c, BodyFault::kChunk, 400, "the chunked coding is broken");
  } else if (verdict == ChunkedReader::Verdict::kTooLarge) {
    RefuseBody(c, BodyFault::kTooLarge, 413,
               "the body is larger than " + std::to_string(c.body_bytes_max) + " bytes");
  } else if (!Reserve(c, c.body.capacity())) {
    RefuseOverload(c, Overload::kBytes);
  } else if (verdict == ChunkedReader::Verdict::kComplete) {
    Complete(c);
  }
  return Next::kAgain;
}

Loop::Next Loop::StepSkip(Connection& c) {
  const auto taken = static_cast<size_t>(std::min<std::uint64_t>(c.body_left, c.in.size()));
  c.in.erase(0, taken);
  c.body_left -= taken;
  if (c.body_left > 0) return Next::kRead;
  Answer(c, std::move(c.refusal), !c.head.keep_alive);
  return Next::kAgain;
}

}  // namespace quell::http
