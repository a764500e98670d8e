// UTF-8 as Prometheus asks for it in label names and values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quell::ingest {

// No overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// Appends the encoding of `code_point`; false above U+10FFFF and for surrogates.
bool AppendUtf8(std::string& out, std::uint32_t code_point);

// For error texts: at most `bytes_max` bytes of `text` in quotes, card numbers and their like masked
// (ingest/sensitive.h), anything but printable ASCII as \xHH, so that a message is valid UTF-8 and
// a log line stays one line.
std::string Quoted(std::string_view text, size_t bytes_max = 100);

}  // namespace quell::ingest
