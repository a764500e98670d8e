// Retry-After (RFC 9110, 10.2.3): whole seconds, or an HTTP date.
#pragma once

#include <optional>
#include <string_view>

#include "core/time.h"

namespace quell::paging {

// The delay that was asked for, 0 .. kRetryAfterMaxMs; nullopt where the header says nothing
// usable. A date counts from the response's own Date header, so our clock does not matter.
std::optional<DurationMs> ParseRetryAfter(std::string_view retry_after, std::string_view date);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<TimeMs> ParseHttpDate(std::string_view text);

}  // namespace quell::paging
