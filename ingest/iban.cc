// IBANs in text: country, length and remainder modulo 97.
#include <array>

#include "ingest/ascii.h"
#include "ingest/sensitive.h"

namespace quell::ingest {
namespace {

// Country and length of its IBANs. SWIFT, IBAN Registry (ISO 13616).
struct IbanCountry {
  char first, second;
  std::uint8_t length;
};
constexpr size_t kIbanMin = 15;
constexpr std::array<IbanCountry, 88> kIbanCountries{{
    {'A', 'D', 24}, {'A', 'E', 23}, {'A', 'L', 28}, {'A', 'T', 20}, {'A', 'Z', 28}, {'B', 'A', 20},
    {'B', 'E', 16}, {'B', 'G', 22}, {'B', 'H', 22}, {'B', 'I', 27}, {'B', 'R', 29}, {'B', 'Y', 28},
    {'C', 'H', 21}, {'C', 'R', 22}, {'C', 'Y', 28}, {'C', 'Z', 24}, {'D', 'E', 22}, {'D', 'J', 27},
    {'D', 'K', 18}, {'D', 'O', 28}, {'E', 'E', 20}, {'E', 'G', 29}, {'E', 'S', 24}, {'F', 'I', 18},
    {'F', 'K', 18}, {'F', 'O', 18}, {'F', 'R', 27}, {'G', 'B', 22}, {'G', 'E', 22}, {'G', 'I', 23},
    {'G', 'L', 18}, {'G', 'R', 27}, {'G', 'T', 28}, {'H', 'N', 28}, {'H', 'R', 21}, {'H', 'U', 28},
    {'I', 'E', 22}, {'I', 'L', 23}, {'I', 'Q', 23}, {'I', 'S', 26}, {'I', 'T', 27}, {'J', 'O', 30},
    {'K', 'W', 30}, {'K', 'Z', 20}, {'L', 'B', 28}, {'L', 'C', 32}, {'L', 'I', 21}, {'L', 'T', 20},
    {'L', 'U', 20}, {'L', 'V', 21}, {'L', 'Y', 25}, {'M', 'C', 27}, {'M', 'D', 24}, {'M', 'E', 22},
    {'M', 'K', 19}, {'M', 'N', 20}, {'M', 'R', 27}, {'M', 'T', 31}, {'M', 'U', 30}, {'N', 'I', 28},
    {'N', 'L', 18}, {'N', 'O', 15}, {'O', 'M', 23}, {'P', 'K', 24}, {'P', 'L', 28}, {'P', 'S', 29},
    {'P', 'T', 25}, {'Q', 'A', 29}, {'R', 'O', 24}, {'R', 'S', 22}, {'R', 'U', 33}, {'S', 'A', 24},
    {'S', 'C', 31}, {'S', 'D', 18}, {'S', 'E', 24}, {'S', 'I', 19}, {'S', 'K', 24}, {'S', 'M', 27},
    {'S', 'O', 23}, {'S', 'T', 25}, {'S', 'V', 28}, {'T', 'L', 23}, {'T', 'N', 24}, {'T', 'R', 26},
    {'U', 'A', 29}, {'V', 'A', 22}, {'V', 'G', 24}, {'X', 'K', 20},
}};

// 0 for what is no country with IBANs.
size_t IbanLength(char first, char second) {
  for (const IbanCountry& country : kIbanCountries) {
    if (country.first == Upper(first) && country.second == Upper(second)) return country.length;
  }
  return 0;
}

int Append97(int remainder, char c) {
  return IsDigit(c) ? (10 * remainder + (c - '0')) % 97
                    : (100 * remainder + 10 + (Upper(c) - 'A')) % 97;
}

// The end of the IBAN that begins at `at`, or `at`.
size_t IbanEnd(std::string_view text, size_t at) {
  if (!IsLetter(text[at]) || !IsLetter(text[at + 1]) || !IsDigit(text[at + 2]) ||
      !IsDigit(text[at + 3])) {
    return at;
  }
  const size_t length = IbanLength(text[at], text[at + 1]);
  if (length == 0) return at;
  // The remainder is of the characters from the fifth on, then the first four.
  int remainder = 0;
  size_t end = at + 4;
  for (size_t count = 4; count < length; ++count, ++end) {
    if (count % 4 == 0 && end < text.size() && IsGroupSeparator(text[end])) ++end;
    if (end >= text.size() || !IsAlnum(text[end])) return at;
    remainder = Append97(remainder, text[end]);
  }
  if (end < text.size() && IsAlnum(text[end])) return at;
  for (size_t i = at; i < at + 4; ++i) remainder = Append97(remainder, text[i]);
  return remainder == 1 ? end : at;
}

}  // namespace

std::optional<SensitiveSpan> NextIban(std::string_view text, size_t from) {
  for (size_t at = from; at + kIbanMin <= text.size(); ++at) {
    if (!IsDigit(text[at + 3])) {
      ++at;  // nor can one begin there
      continue;
    }
    if (!IsLetter(text[at]) || (at > 0 && IsAlnum(text[at - 1]))) continue;
    const size_t end = IbanEnd(text, at);
    if (end > at) return SensitiveSpan{at, end};
  }
  return std::nullopt;
}

}  // namespace quell::ingest
