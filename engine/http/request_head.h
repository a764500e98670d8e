// RequestHead: the request line and headers of an HTTP/1.x request, and the strict parser of them.
//
// The parser is a pure function over bytes. What a lenient reader would guess about (bare CR or LF,
// folded lines, two lengths, a length beside an encoding, spaces before colons) is refused, because
// two readers that guess differently are a smuggled request. Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quell::http {

struct HeadLimits {
  size_t head_bytes_max = 16U << 10U;   // request line and headers, with the empty line
  size_t target_bytes_max = 8U << 10U;  // the request target alone
  size_t headers_max = 100;
  bool operator==(const HeadLimits&) const = default;
};

struct HeaderField {
  std::string name;   // lower case
  std::string value;  // without surrounding blanks, otherwise as sent: nothing is decoded
};

struct RequestHead {
  std::string method;                // upper case, one of the known ones
  std::string target;                // as sent
  std::string path;                  // percent-decoded, without the query; starts with '/'
  std::string query;                 // behind the first '?', as sent; "" = none
  std::vector<HeaderField> headers;  // in order; never x-quell-*, remote_* or local_*
  std::int64_t content_length = -1;  // -1 = none given
  bool chunked = false;
  bool http_1_0 = false;
  bool keep_alive = true;        // what the client asks for
  bool expect_continue = false;  // Expect: 100-continue

  // Filled in by the connection, not by the parser.
  std::string peer_ip;
  bool tls = false;
  std::string client_subject;  // common name of the verified client certificate; "" = none

  // The first header of that (lower-case) name; "" = none.
  [[nodiscard]] std::string_view Header(std::string_view lower_case_name) const;
  [[nodiscard]] bool HasBody() const { return chunked || content_length > 0; }
};

// Why a head is refused; StatusOf gives the answer's code.
enum class HeadFault : std::uint8_t {
  kNone,
  kTooLarge,              // 431: head_bytes_max
  kTooManyHeaders,        // 431: headers_max
  kTargetTooLong,         // 414
  kRequestLine,           // 400: not "METHOD SP target SP HTTP/1.x", HTTP/0.9 included
  kVersion,               // 505: another major version, the HTTP/2 preface included
  kMethod,                // 501: not a method that is offered anywhere
  kTarget,                // 400: authority and asterisk forms, bad percent-encoding, controls
  kBareLineBreak,         // 400: CR without LF or LF without CR
  kControlCharacter,      // 400
  kFolded,                // 400: a header line that starts with a blank
  kHeaderName,            // 400: no colon, a space before it, not a token
  kHost,                  // 400: missing (HTTP/1.1), twice, or not a host
  kContentLength,         // 400: not digits, or too many of them
  kContentLengthTwice,    // 400, also when both are equal
  kLengthAndEncoding,     // 400: Content-Length beside Transfer-Encoding
  kTransferEncoding,      // 400: given twice, or in HTTP/1.0
  kTransferEncodingKind,  // 501: anything but exactly "chunked"
  kExpect,                // 417: anything but 100-continue
};
constexpr size_t kHeadFaults = 19;

int StatusOf(HeadFault fault);
std::string_view HeadFaultName(HeadFault fault);  // snake case, for metrics and error bodies

// Finds the end of a head while its bytes trickle in; every byte is looked at once. Refuses early
// what can no longer become a head within the limits.
class HeadScanner {
 public:
  explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

  enum class Verdict : std::uint8_t { kNeedMore, kComplete, kRefused };
  // `bytes`: all bytes of the connection from the start of this head; those seen before must not
  // have changed.
  Verdict Scan(std::string_view bytes);
  [[nodiscard]] size_t head_bytes() const { return head_bytes_; }  // after kComplete
  [[nodiscard]] HeadFault fault() const { return fault_; }         // after kRefused
  void Reset();

 private:
  Verdict Refuse(HeadFault fault);
  Verdict EndOfLine(std::string_view bytes);

  HeadLimits limits_;
  size_t at_ = 0;          // bytes looked at
  size_t line_begin_ = 0;  // where the current line starts
  size_t lines_ = 0;       // complete lines, the request line included
  size_t head_bytes_ = 0;
  HeadFault fault_ = HeadFault::kNone;
};

// Parses a complete head (what HeadScanner called complete: it ends with an empty line).
HeadFault ParseHead(std::string_view head, const HeadLimits& limits, RequestHead& out);

// "%2F" and the like decoded; false for broken sequences.
bool PercentDecode(std::string_view text, std::string& out);

}  // namespace quell::http
