#include "engine/http/request_head.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace quell::http {
namespace {

constexpr size_t kLengthDigitsMax = 15;

// RFC 9110: the characters of a token (methods, header names).
constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (const char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<size_t>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kToken = MakeTokenTable();

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return kToken[static_cast<unsigned char>(c)]; });
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(),
                                                   [](char a, char b) { return Lower(a) == b; });
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = Lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Host = uri-host [ ":" port ]; only characters that can stand in one.
bool IsHost(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const char lower = Lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
  });
}

// Headers that only the server itself may hand to its handlers.
bool IsReserved(std::string_view lower_name) {
  return StartsWith(lower_name, "x-quell-") || lower_name == "remote_addr" ||
         lower_name == "remote_port" || lower_name == "local_addr" || lower_name == "local_port" ||
         lower_name == "exception_what";
}

HeadFault ParseTarget(std::string_view target, RequestHead& out) {
  if (std::any_of(target.begin(), target.end(), [](char c) {
        return IsControl(c) || static_cast<unsigned char>(c) >= 0x80 || c == ' ';
      })) {
    return HeadFault::kTarget;
  }
  out.target = target;
  // Absolute form: the authority stands for the Host header, and nothing here depends on either.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualsIgnoringCase(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0 || !IsHost(target.substr(0, end))) return HeadFault::kTarget;
    target.remove_prefix(end);
    break;
  }
  if (target.find('#') != std::string_view::npos) return HeadFault::kTarget;
  const size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) out.query = target.substr(question + 1);
  if (path.empty() && target.size() < out.target.size()) path = "/";
  if (path.empty() || path.front() != '/') return HeadFault::kTarget;
  if (!PercentDecode(path, out.path)) return HeadFault::kTarget;
  return std::any_of(out.path.begin(), out.path.end(), IsControl) ? HeadFault::kTarget
                                                                  : HeadFault::kNone;
}

HeadFault ParseVersion(std::string_view version, RequestHead& out) {
  if (version == "HTTP/1.1") return HeadFault::kNone;
  if (version == "HTTP/1.0") {
    out.http_1_0 = true;
    out.keep_alive = false;
    return HeadFault::kNone;
  }
  const bool shaped = version.size() == 8 && StartsWith(version, "HTTP/") &&
                      std::isdigit(static_cast<unsigned char>(version[5])) != 0 &&
                      version[6] == '.' &&
                      std::isdigit(static_cast<unsigned char>(version[7])) != 0;
  return shaped ? HeadFault::kVersion : HeadFault::kRequestLine;
}

HeadFault ParseRequestLine(std::string_view line, const HeadLimits& limits, RequestHead& out) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return HeadFault::kRequestLine;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!IsToken(method) || target.empty()) return HeadFault::kRequestLine;
  const HeadFault version = ParseVersion(line.substr(last + 1), out);
  if (version != HeadFault::kNone) return version;
  if (target.size() > limits.target_bytes_max) return HeadFault::kTargetTooLong;
  static constexpr std::array<std::string_view, 7> kMethods = {"GET",   "POST",   "HEAD",   "PUT",
                                                               "PATCH", "DELETE", "OPTIONS"};
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return HeadFault::kMethod;
  }
  out.method = method;
  return ParseTarget(target, out);
}

// What the parser must know about headers that shape the message.
struct Framing {
  bool host = false;
  bool length = false;
  bool encoding = false;
};

HeadFault ParseLength(std::string_view value, Framing& framing, RequestHead& out) {
  if (framing.length) return HeadFault::kContentLengthTwice;
  framing.length = true;
  if (value.empty() || value.size() > kLengthDigitsMax) return HeadFault::kContentLength;
  out.content_length = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return HeadFault::kContentLength;
    out.content_length = out.content_length * 10 + (c - '0');
  }
  return HeadFault::kNone;
}

HeadFault ParseEncoding(std::string_view value, Framing& framing, RequestHead& out) {
  if (framing.encoding || out.http_1_0) return HeadFault::kTransferEncoding;
  framing.encoding = true;
  if (!EqualsIgnoringCase(value, "chunked")) return HeadFault::kTransferEncodingKind;
  out.chunked = true;
  return HeadFault::kNone;
}

void ParseConnection(std::string_view value, RequestHead& out) {
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    const std::string_view token = Trimmed(value.substr(0, comma));
    if (EqualsIgnoringCase(token, "close")) out.keep_alive = false;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

HeadFault ParseHeader(std::string_view line, Framing& framing, RequestHead& out) {
  if (IsBlank(line.front())) return HeadFault::kFolded;
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return HeadFault::kHeaderName;
  }
  HeaderField field;
  field.name = line.substr(0, colon);
  std::transform(field.name.begin(), field.name.end(), field.name.begin(), Lower);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  HeadFault fault = HeadFault::kNone;
  if (field.name == "host") {
    if (framing.host || !IsHost(value)) return HeadFault::kHost;
    framing.host = true;
  } else if (field.name == "content-length") {
    fault = ParseLength(value, framing, out);
  } else if (field.name == "transfer-encoding") {
    fault = ParseEncoding(value, framing, out);
  } else if (field.name == "connection") {
    ParseConnection(value, out);
  } else if (field.name == "expect") {
    if (!EqualsIgnoringCase(value, "100-continue")) return HeadFault::kExpect;
    out.expect_continue = !out.http_1_0;
  }
  if (fault != HeadFault::kNone) return fault;
  if (IsReserved(field.name)) return HeadFault::kNone;
  field.value = value;
  out.headers.push_back(std::move(field));
  return HeadFault::kNone;
}

}  // namespace

std::string_view RequestHead::Header(std::string_view lower_case_name) const {
  for (const HeaderField& field : headers) {
    if (field.name == lower_case_name) return field.value;
  }
  return {};
}

int StatusOf(HeadFault fault) {
  switch (fault) {
    case HeadFault::kNone:
      return 200;
    case HeadFault::kTooLarge:
    case HeadFault::kTooManyHeaders:
      return 431;
    case HeadFault::kTargetTooLong:
      return 414;
    case HeadFault::kVersion:
      return 505;
    case HeadFault::kMethod:
    case HeadFault::kTransferEncodingKind:
      return 501;
    case HeadFault::kExpect:
      return 417;
    default:
      return 400;
  }
}

std::string_view HeadFaultName(HeadFault fault) {
  static constexpr std::array<std::string_view, kHeadFaults> kNames = {"none",
                                                                       "too_large",
                                                                       "too_many_headers",
                                                                       "target_too_long",
                                                                       "request_line",
                                                                       "version",
                                                                       "method",
                                                                       "target",
                                                                       "bare_line_break",
                                                                       "control_character",
                                                                       "folded",
                                                                       "header_name",
                                                                       "host",
                                                                       "content_length",
                                                                       "content_length_twice",
                                                                       "length_and_encoding",
                                                                       "transfer_encoding",
                                                                       "transfer_encoding_kind",
                                                                       "expect"};
  return kNames[static_cast<size_t>(fault)];
}

void HeadScanner::Reset() { *this = HeadScanner(limits_); }

HeadScanner::Verdict HeadScanner::Refuse(HeadFault fault) {
  fault_ = fault;
  return Verdict::kRefused;
}

HeadScanner::Verdict HeadScanner::EndOfLine(std::string_view bytes) {
  if (at_ == line_begin_ || bytes[at_ - 1] != '\r') return Refuse(HeadFault::kBareLineBreak);
  const size_t length = at_ - 1 - line_begin_;
  ++at_;
  line_begin_ = at_;
  if (length == 0) {
    // An empty line before the request line: not worth tolerating, old clients are gone.
    if (lines_ == 0) return Refuse(HeadFault::kRequestLine);
    head_bytes_ = at_;
    return Verdict::kComplete;
  }
  // The request line is one of the lines.
  return ++lines_ > limits_.headers_max + 1 ? Refuse(HeadFault::kTooManyHeaders)
                                            : Verdict::kNeedMore;
}

HeadScanner::Verdict HeadScanner::Scan(std::string_view bytes) {
  if (fault_ != HeadFault::kNone) return Verdict::kRefused;
  const size_t end = std::min(bytes.size(), limits_.head_bytes_max);
  while (at_ < end) {
    const char c = bytes[at_];
    if (c == '\n') {
      const Verdict verdict = EndOfLine(bytes);
      if (verdict != Verdict::kNeedMore) return verdict;
      continue;
    }
    if (at_ > line_begin_ && bytes[at_ - 1] == '\r') return Refuse(HeadFault::kBareLineBreak);
    if (IsControl(c) && c != '\r' && c != '\t') return Refuse(HeadFault::kControlCharacter);
    ++at_;
    // Method and version take a few bytes more than the target; the parser measures exactly.
    if (lines_ == 0 && at_ - line_begin_ > limits_.target_bytes_max + 64) {
      return Refuse(HeadFault::kTargetTooLong);
    }
  }
  return at_ >= limits_.head_bytes_max ? Refuse(HeadFault::kTooLarge) : Verdict::kNeedMore;
}

HeadFault ParseHead(std::string_view head, const HeadLimits& limits, RequestHead& out) {
  size_t end = head.find("\r\n");
  if (end == std::string_view::npos) return HeadFault::kRequestLine;
  HeadFault fault = ParseRequestLine(head.substr(0, end), limits, out);
  if (fault != HeadFault::kNone) return fault;
  Framing framing;
  out.headers.reserve(12);
  for (size_t begin = end + 2; begin < head.size(); begin = end + 2) {
    end = head.find("\r\n", begin);
    if (end == std::string_view::npos) return HeadFault::kBareLineBreak;
    if (end == begin) break;
    fault = ParseHeader(head.substr(begin, end - begin), framing, out);
    if (fault != HeadFault::kNone) return fault;
  }
  if (framing.length && framing.encoding) return HeadFault::kLengthAndEncoding;
  if (!framing.host && !out.http_1_0) return HeadFault::kHost;
  return HeadFault::kNone;
}

bool PercentDecode(std::string_view text, std::string& out) {
  out.clear();
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

}  // namespace quell::http
