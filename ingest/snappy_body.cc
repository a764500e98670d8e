#include "ingest/snappy_body.h"

#include <snappy.h>

namespace quell::ingest {

Result<std::string_view> UnpackBody(std::string_view body, const RemoteWriteLimits& limits,
                                    std::string& buffer) {
  size_t length = 0;
  if (body.size() > limits.wire_bytes_max) {
    return MakeError(ErrorCode::kResourceExhausted,
                     "the body is larger than " + std::to_string(limits.wire_bytes_max) + " bytes");
  }
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &length)) {
    return MakeError(ErrorCode::kCorrupt, "the body is not snappy (block format)");
  }
  if (length > limits.decoded_bytes_max) {
    return MakeError(ErrorCode::kResourceExhausted, "the body declares " + std::to_string(length) +
                                                        " bytes uncompressed, the limit is " +
                                                        std::to_string(limits.decoded_bytes_max));
  }
  constexpr size_t kBestRatio = 64;  // one copy of 64 bytes takes at least two
  if (length > kBestRatio * body.size()) {
    return MakeError(ErrorCode::kCorrupt, "the body declares more bytes than snappy can hold");
  }
  if (buffer.size() < length) buffer.resize(length);
  if (!snappy::RawUncompress(body.data(), body.size(), buffer.data())) {
    return MakeError(ErrorCode::kCorrupt, "the body is not snappy (block format)");
  }
  return std::string_view(buffer.data(), length);
}

}  // namespace quell::ingest
