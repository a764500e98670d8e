// A request body in snappy's block format, unpacked within limits.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "ingest/remote_write.h"

namespace quell::ingest {

// The declared length is judged before a byte is allocated: kResourceExhausted over a limit,
// kCorrupt where the body is not snappy. The view is into `buffer`, which grows to the largest
// message seen (at most decoded_bytes_max) and is reused.
Result<std::string_view> UnpackBody(std::string_view body, const RemoteWriteLimits& limits,
                                    std::string& buffer);

}  // namespace quell::ingest
