#include "engine/paging/retry_after.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "engine/paging/receiver.h"

namespace quell::paging {

std::optional<TimeMs> ParseHttpDate(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ') {
    return std::nullopt;
  }
  const size_t at = kMonths.find(text.substr(8, 3));
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const std::string month = std::to_string(at / 3 + 1);
  const std::string iso =
      std::string(text.substr(12, 4)) + "-" + std::string(2 - month.size(), '0') + month + "-" +
      std::string(text.substr(5, 2)) + "T" + std::string(text.substr(17, 8)) + "Z";
  const Result<TimeMs> time = ParseTime(iso);
  if (!time.ok()) return std::nullopt;
  return *time;
}

std::optional<DurationMs> ParseRetryAfter(std::string_view retry_after, std::string_view date) {
  std::uint64_t seconds = 0;
  const char* end = retry_after.data() + retry_after.size();
  const auto [stop, ec] = std::from_chars(retry_after.data(), end, seconds);
  if (stop == end && !retry_after.empty()) {
    if (ec == std::errc::result_out_of_range) return kRetryAfterMaxMs;
    if (ec != std::errc()) return std::nullopt;
    constexpr std::uint64_t kMaxSeconds = kRetryAfterMaxMs / kSecondMs;
    return static_cast<DurationMs>(std::min(seconds, kMaxSeconds)) * kSecondMs;
  }
  const std::optional<TimeMs> until = ParseHttpDate(retry_after);
  const std::optional<TimeMs> now = ParseHttpDate(date);
  if (!until.has_value() || !now.has_value()) return std::nullopt;
  return std::clamp<DurationMs>(*until - *now, 0, kRetryAfterMaxMs);
}

}  // namespace quell::paging
