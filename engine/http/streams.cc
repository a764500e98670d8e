// Loop: connections that listen to events (docs/http.md). They hold no worker: each has at most one
// event under way, and the next one tells all that has moved since.
#include <sys/socket.h>

#include <algorithm>

#include "engine/http/answer.h"
#include "engine/http/loop.h"

namespace quell::http {
namespace {

constexpr DurationMs kEventGapMs = 500;           // between two events to one listener
constexpr DurationMs kBeatMs = 15 * kSecondMs;    // a comment, so that a dead peer is found
constexpr size_t kListenerBytesMax = 16U << 10U;  // that a listener may send; none has a use
constexpr int kSendBufferBytes = 4 << 10;
constexpr DurationMs kFarMs = 24 * 60 * kMinuteMs;  // nobody listens

constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    "retry: 3000\n\n";

std::string EventText(const EventBoard::News& news) {
  return "id: " + news.id + "\nevent: changed\ndata: " + news.data + "\n\n";
}

}  // namespace

void Loop::ServeEvents(const std::string& path, const EventBoard& board) {
  stream_path_ = path;
  board_ = &board;
}

bool Loop::WantsStream(const RequestHead& head) const {
  return board_ != nullptr && head.path == stream_path_ && head.method == "GET" &&
         head.Header("accept").find("text/event-stream") != std::string_view::npos;
}

void Loop::BeginStream(Connection& c) {
  if (counters_.streams >= options_.event_listeners_max) {
    return RefuseOverload(c, Overload::kListeners);
  }
  c.in = std::string();
  // What a listener does not read is to be noticed here soon, not to fill the kernel's memory.
  const int bytes = kSendBufferBytes;
  setsockopt(c.transport.fd(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
  ++counters_.streams;
  ++counters_.streams_total;
  streams_.push_back(c.id);
  const std::string_view last = c.head.Header("last-event-id");
  // Who comes for the first time knows nothing, and fetches everything anyway.
  const std::uint64_t known = last.empty() ? board_->revision() : board_->RevisionOf(last);
  const EventBoard::News news = board_->Since(known);
  Answer(c, std::string(kStreamHead) + EventText(news), false);
  ++counters_.stream_events;
  c.phase = Phase::kStreaming;
  c.told_revision = news.revision;
  c.told_ms = now_ms_;
  next_tell_ms_ = now_ms_;
}

// Whether what it came with is still enough; judged anew before everything that it is told.
bool Loop::StillMay(const Connection& c) {
  return gate_.Judge(c.head).decision == GateDecision::kContinue;
}

void Loop::TellListeners() {
  const std::uint64_t revision = board_->revision();
  next_tell_ms_ = now_ms_ + kFarMs;
  seen_revision_ = revision;
  // Telling one may end it.
  const std::vector<std::uint64_t> listeners = streams_;
  for (const std::uint64_t id : listeners) {
    Connection& c = *connections_.at(id);
    if (!c.out.empty()) continue;  // has not read the last one: AfterAnswer comes back to it
    const bool news = revision > c.told_revision;
    const DurationMs due = c.told_ms + (news ? kEventGapMs : kBeatMs);
    if (due > now_ms_) {
      next_tell_ms_ = std::min(next_tell_ms_, due);
      continue;
    }
    if (!StillMay(c)) {
      ++counters_.streams_revoked;
      Close(c);
      continue;
    }
    std::string text = ": beat\n\n";
    if (news) {
      const EventBoard::News told = board_->Since(c.told_revision);
      c.told_revision = told.revision;
      text = EventText(told);
      ++counters_.stream_events;
    }
    c.told_ms = now_ms_;
    next_tell_ms_ = std::min(next_tell_ms_, now_ms_ + kEventGapMs);
    Answer(c, std::move(text), false);
    c.phase = Phase::kStreaming;
    Advance(id);
  }
}

bool Loop::AfterEvent(Connection& c) {
  Release(c);
  c.deadline_ms = 0;
  next_tell_ms_ = now_ms_;
  return true;
}

bool Loop::DropFromListener(Connection& c, size_t bytes) {
  c.lingered += bytes;
  if (c.lingered <= kListenerBytesMax) return true;
  Close(c);
  return false;
}

void Loop::EndStream(const Connection& c) {
  --counters_.streams;
  streams_.erase(std::find(streams_.begin(), streams_.end(), c.id));
}

}  // namespace quell::http
