#include <charconv>

#include "tests/support/pagerduty_server.h"

namespace quell::test {
namespace {

constexpr int kRepeatMax = 100000;

bool Number(std::string_view text, int& value) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  return ec == std::errc() && end == text.data() + text.size();
}

Error Bad(std::string_view piece) {
  return MakeError(
      ErrorCode::kInvalidArgument,
      "fail script: \"" + std::string(piece) +
          "\" is not pass, hang, reset, take_reset, echo or a status like 503, 429:2, 500x3");
}

Result<Fault> ParseFault(std::string_view text, std::string_view piece) {
  Fault fault;
  if (text == "pass") fault.kind = Fault::Kind::kPass;
  if (text == "hang") fault.kind = Fault::Kind::kHang;
  if (text == "reset") fault.kind = Fault::Kind::kReset;
  if (text == "echo") fault.kind = Fault::Kind::kEcho;
  if (text == "take_reset") fault.kind = Fault::Kind::kTakeAndReset;
  if (fault.kind != Fault::Kind::kStatus) return fault;
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) fault.retry_after = text.substr(colon + 1);
  if (!Number(text.substr(0, colon), fault.status) || fault.status < 200 || fault.status > 599) {
    return Bad(piece);
  }
  return fault;
}

}  // namespace

Result<std::vector<Fault>> ParseFailScript(std::string_view text) {
  std::vector<Fault> faults;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), piece.size() + 1));
    int times = 1;
    std::string_view what = piece;
    const size_t x = piece.rfind('x');
    if (x != std::string_view::npos && piece.find(':') == std::string_view::npos) {
      what = piece.substr(0, x);
      if (!Number(piece.substr(x + 1), times) || times < 1 || times > kRepeatMax) {
        return Bad(piece);
      }
    }
    QUELL_ASSIGN(const Fault fault, ParseFault(what, piece));
    faults.insert(faults.end(), static_cast<size_t>(times), fault);
  }
  return faults;
}

}  // namespace quell::test
