// Card numbers in text: runs of digits and printed groups, judged by issuer range, length and Luhn.
//
// Ranges: the issuers' published ones (ISO/IEC 7812), by their first four digits. UnionPay (62) and
// Discover (6011, 644-649, 65) lie within the 6 of Maestro and its like.
#include <algorithm>
#include <array>

#include "ingest/ascii.h"
#include "ingest/sensitive.h"

namespace quell::ingest {
namespace {

constexpr size_t kDigitsMin = 13;
constexpr size_t kDigitsMax = 19;

struct IssuerRange {
  int low, high;                  // of the first four digits
  size_t digits_min, digits_max;  // how long its numbers are
  size_t digits_step = 1;
};
constexpr std::array<IssuerRange, 15> kRanges{{
    {4000, 4999, 13, 19, 3},  // Visa: 13, 16, 19
    {5100, 5599, 16, 16},     // Mastercard
    {2221, 2720, 16, 16},     // Mastercard
    {3400, 3499, 15, 15},     // American Express
    {3700, 3799, 15, 15},     // American Express
    {3000, 3059, 14, 19},     // Diners Club
    {3600, 3699, 14, 19},     // Diners Club
    {3800, 3999, 14, 19},     // Diners Club
    {3528, 3589, 16, 19},     // JCB
    {5000, 5099, 13, 19},     // Maestro
    {5600, 5899, 13, 19},     // Maestro
    {6000, 6999, 13, 19},     // Maestro, UnionPay, Discover
    {2200, 2204, 16, 19},     // Mir
    {8100, 8299, 16, 16},     // RuPay
    {9792, 9792, 16, 16},     // Troy
}};

// How the digits of cards are printed, longest first; 0 ends a row.
constexpr size_t kGroupsMax = 5;
constexpr std::array<std::array<size_t, kGroupsMax>, 12> kGroupings{{
    {4, 4, 4, 4, 3},
    {6, 13},
    {4, 4, 4, 4, 2},
    {4, 4, 4, 4, 1},
    {4, 4, 4, 4},
    {4, 4, 4, 3},
    {4, 6, 5},
    {4, 4, 4, 2},
    {4, 6, 4},
    {4, 4, 4, 1},
    {4, 4, 5},
    {4, 3, 3, 3},
}};

size_t DigitsEnd(std::string_view text, size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

bool KnownIssuer(int first_four, size_t count) {
  return std::any_of(kRanges.begin(), kRanges.end(), [&](const IssuerRange& range) {
    return first_four >= range.low && first_four <= range.high && count >= range.digits_min &&
           count <= range.digits_max && (count - range.digits_min) % range.digits_step == 0;
  });
}

// REQUIRES: nothing but digits and separators, at least four digits.
bool IsCardNumber(std::string_view text) {
  std::array<int, kDigitsMax> digits{};
  size_t count = 0;
  for (const char c : text) {
    if (!IsDigit(c)) continue;
    if (count == kDigitsMax) return false;
    digits[count++] = c - '0';
  }
  if (count < kDigitsMin) return false;
  if (!KnownIssuer(1000 * digits[0] + 100 * digits[1] + 10 * digits[2] + digits[3], count)) {
    return false;
  }
  // Luhn: every second digit from the right doubled, digit sums added.
  int sum = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = digits[count - 1 - i];
    const int doubled = 2 * digit;
    sum += i % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 == 0;
}

// The lengths of the groups of digits from `at` on, as far as one separator joins them.
std::array<size_t, kGroupsMax> GroupsFrom(std::string_view text, size_t at) {
  std::array<size_t, kGroupsMax> out{};
  for (size_t& length : out) {
    const size_t end = DigitsEnd(text.substr(0, at + kDigitsMax + 1), at);
    length = end - at;
    if (length == 0 || length > kDigitsMin) break;
    if (end + 1 >= text.size() || !IsGroupSeparator(text[end])) break;
    at = end + 1;
  }
  return out;
}

// The end of the card number that begins with the group at `at`, or `at`.
size_t GroupedCardEnd(std::string_view text, size_t at) {
  const std::array<size_t, kGroupsMax> groups = GroupsFrom(text, at);
  for (const auto& grouping : kGroupings) {
    size_t length = 0;
    bool fits = true;
    for (size_t i = 0; i < kGroupsMax && grouping[i] != 0; ++i) {
      fits = fits && groups[i] == grouping[i];
      length += grouping[i] + (i > 0 ? 1 : 0);
    }
    if (fits && IsCardNumber(text.substr(at, length))) return at + length;
  }
  return at;
}

// Where the fraction of a text that is one decimal number begins; npos for any other text.
size_t FractionBegin(std::string_view text) {
  constexpr size_t kNumberBytesMax = 64;
  if (text.size() > kNumberBytesMax) return std::string_view::npos;
  const size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const size_t point = DigitsEnd(text, sign);
  if (point == sign || point >= text.size() || text[point] != '.') return std::string_view::npos;
  size_t end = DigitsEnd(text, point + 1);
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    ++end;
    if (end < text.size() && (text[end] == '-' || text[end] == '+')) ++end;
    const size_t exponent = end;
    end = DigitsEnd(text, end);
    if (end == exponent) return std::string_view::npos;
  }
  return end == text.size() ? point + 1 : std::string_view::npos;
}

}  // namespace

std::optional<SensitiveSpan> NextCardNumber(std::string_view text, size_t from) {
  size_t digits = 0;
  for (size_t i = from; i < text.size() && digits < kDigitsMin; ++i) {
    digits += IsDigit(text[i]) ? 1U : 0U;
  }
  if (digits < kDigitsMin) return std::nullopt;
  for (size_t at = from; at < text.size();) {
    if (!IsDigit(text[at])) {
      ++at;
      continue;
    }
    const size_t run_end = DigitsEnd(text, at);
    const size_t run = run_end - at;
    size_t end = at;
    if (run >= kDigitsMin && run <= kDigitsMax && IsCardNumber(text.substr(at, run))) {
      end = run_end;
    } else if (run <= 6) {
      end = GroupedCardEnd(text, at);
    }
    if (end > at && end > FractionBegin(text)) end = at;
    if (end > at) return SensitiveSpan{at, end};
    at = run_end;
  }
  return std::nullopt;
}

}  // namespace quell::ingest
