#include "engine/paging/backoff.h"

#include <algorithm>

#include "core/hash.h"
#include "core/random.h"

namespace quell::paging {

DurationMs BackoffMs(DurationMs min_ms, DurationMs max_ms, std::uint64_t sequence,
                     std::string_view receiver, int attempt) {
  DurationMs delay = min_ms;
  for (int i = 1; i < attempt && delay < max_ms; ++i) delay *= 2;
  delay = std::min(delay, max_ms);
  Random random(Hash64(receiver, sequence * 1000003U + static_cast<std::uint64_t>(attempt)));
  const DurationMs half = delay / 2;
  return std::max<DurationMs>(
      1,
      half + static_cast<DurationMs>(random.Below(static_cast<std::uint64_t>(delay - half) + 1)));
}

}  // namespace quell::paging
