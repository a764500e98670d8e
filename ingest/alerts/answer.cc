#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ingest/alerts/received_alert.h"

namespace quell::ingest {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

ApiAnswer CodedAnswer(int code, const std::string& message) {
  return {code >= 600 ? 422 : code, Dump({{"code", code}, {"message", message}})};
}

ApiAnswer TextAnswer(int status, const std::string& message) {
  return {status, Dump(message) + "\n"};
}

ApiAnswer CheckMediaType(std::string_view content_type) {
  if (content_type.empty()) content_type = "application/octet-stream";
  std::string type(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (type == "application/json") return {};
  return CodedAnswer(
      415, "unsupported media type \"" + type + "\", only [application/json] are allowed");
}

std::string GoQuoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
      out += hex.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace quell::ingest
