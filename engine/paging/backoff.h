// Backoff: how long to wait before the next attempt.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/time.h"

namespace quell::paging {

// min_ms doubled with each attempt up to max_ms, of which the upper half is random: between
// half and all of it. The same (sequence, receiver, attempt) gives the same delay.
// REQUIRES: attempt >= 1, 1 <= min_ms <= max_ms.
DurationMs BackoffMs(DurationMs min_ms, DurationMs max_ms, std::uint64_t sequence,
                     std::string_view receiver, int attempt);

}  // namespace quell::paging
