// FrontCounters: what the HTTP front has done, for /metrics and tests. Thread-safe; counters only
// grow, gauges (so marked) go both ways.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "engine/http/request_head.h"

namespace quell::http {

// Which of its deadlines a connection missed.
enum class Timeout : std::uint8_t { kHandshake, kHead, kBody, kWrite, kIdle };
constexpr size_t kTimeouts = 5;
constexpr std::array<std::string_view, kTimeouts> kTimeoutNames = {"handshake", "head", "body",
                                                                   "write", "idle"};

// Why a body was not taken.
enum class BodyFault : std::uint8_t { kTooLarge, kChunk, kMultipart, kEndedEarly };
constexpr size_t kBodyFaults = 4;
constexpr std::array<std::string_view, kBodyFaults> kBodyFaultNames = {"too_large", "chunk",
                                                                       "multipart", "ended_early"};

// Which bound was reached.
enum class Overload : std::uint8_t { kRequests, kBytes, kAnswers, kListeners };
constexpr size_t kOverloads = 4;
constexpr std::array<std::string_view, kOverloads> kOverloadNames = {"requests", "bytes", "answers",
                                                                     "listeners"};

struct FrontCounters {
  using Count = std::atomic<std::uint64_t>;
  Count connections_open{0};     // gauge
  Count connections_total{0};    // accepted, refused ones not included
  Count connections_refused{0};  // beyond connections_max, none of them idle
  Count connections_evicted{0};  // idle ones closed to make room
  Count accept_failures{0};      // e.g. no file descriptor left
  Count requests{0};             // complete ones, handed to a handler
  Count requests_in_flight{0};   // gauge: waiting for a worker or with one
  Count bytes_in_flight{0};      // gauge: reserved for bodies and unsent answers
  Count streams{0};              // gauge: connections that listen to events
  Count streams_total{0};
  Count streams_revoked{0};  // ended because their credentials have
  Count stream_events{0};    // told, each listener's counted
  Count gate_refused{0};
  Count handler_exceptions{0};
  Count tls_handshakes_failed{0};
  Count tls_reloads{0};
  Count tls_reload_failures{0};
  std::array<Count, kHeadFaults> heads_refused{};
  std::array<Count, kBodyFaults> bodies_refused{};
  std::array<Count, kTimeouts> timeouts{};
  std::array<Count, kOverloads> overloads{};
};

}  // namespace quell::http
