// Judging a write request by its headers: RFC 9110 media types, tolerant of case and white space.

#include <algorithm>
#include <string>

#include "ingest/remote_write.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

std::string_view Trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

// Takes the part before the next separator off the front.
std::string_view TakePart(std::string_view& rest, char separator) {
  const size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return Trim(part);
}

HeaderVerdict Refuse(int status, std::string message) {
  return {status, WriteProtocol::kV1, std::move(message)};
}

}  // namespace

HeaderVerdict JudgeWriteHeaders(std::string_view content_type, std::string_view content_encoding,
                                std::int64_t content_length, const RemoteWriteLimits& limits) {
  HeaderVerdict verdict;
  std::string_view rest = Trim(content_type);
  if (!rest.empty()) {
    const std::string_view media_type = TakePart(rest, ';');
    if (!EqualIgnoringCase(media_type, "application/x-protobuf")) {
      return Refuse(415, "Content-Type " + Quoted(content_type) +
                             " is not offered; send application/x-protobuf");
    }
    while (!rest.empty()) {
      std::string_view parameter = TakePart(rest, ';');
      const std::string_view name = TakePart(parameter, '=');
      if (!EqualIgnoringCase(name, "proto")) continue;
      std::string_view value = Trim(parameter);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      if (value == "io.prometheus.write.v2.Request") {
        verdict.protocol = WriteProtocol::kV2;
      } else if (value == "prometheus.WriteRequest") {
        verdict.protocol = WriteProtocol::kV1;
      } else {
        return Refuse(415, "proto=" + Quoted(value) +
                               " is not offered; send prometheus.WriteRequest or "
                               "io.prometheus.write.v2.Request");
      }
    }
  }
  const std::string_view encoding = Trim(content_encoding);
  if (!encoding.empty() && !EqualIgnoringCase(encoding, "snappy")) {
    return Refuse(415, "Content-Encoding " + Quoted(encoding) + " is not offered; send snappy");
  }
  if (content_length > 0 && static_cast<std::uint64_t>(content_length) > limits.wire_bytes_max) {
    return Refuse(413, "the body of " + std::to_string(content_length) + " bytes is larger than " +
                           std::to_string(limits.wire_bytes_max));
  }
  return verdict;
}

}  // namespace quell::ingest
