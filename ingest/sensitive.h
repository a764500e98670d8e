// Finds what must not be stored: payment card numbers, IBANs, e-mail addresses in any text.
//
// Card     13 to 19 ASCII digits of a known issuer range and its lengths that pass the Luhn check;
//          in one run that no further digit touches, or in the groups that cards are printed in,
//          one blank, '-', '.' or '_' between groups. Letters may touch it. The fraction of a text
//          that is one decimal number is none ("0.6400000000000001" as a bucket bound).
// IBAN     a registered country with its length and a remainder of 1 modulo 97 (ISO 13616), either
//          case, the same separators after every fourth character. Letters and digits must not
//          touch it.
// E-mail   local@domain.tld, also with %40 for '@'; letters beyond ASCII count. Not systemd's
//          unit names (getty@tty1.service).
// Not seen numbers split over several texts, in scientific notation or in digits other than ASCII.
// Cost     linear in the text, no allocation but MaskSensitive's.
// Threads  pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quell::ingest {

enum class SensitiveKind : std::uint8_t { kCardNumber, kIban, kEmail };

struct SensitiveSpan {
  size_t begin = 0, end = 0;  // text[begin, end)
};

// The first one that begins at or after `from`.
std::optional<SensitiveSpan> NextCardNumber(std::string_view text, size_t from = 0);
std::optional<SensitiveSpan> NextIban(std::string_view text, size_t from = 0);
std::optional<SensitiveSpan> NextEmail(std::string_view text, size_t from = 0);
std::optional<SensitiveSpan> NextSensitive(SensitiveKind kind, std::string_view text,
                                           size_t from = 0);

struct SensitiveKinds {
  bool card_numbers = true, ibans = true, emails = true;
  [[nodiscard]] bool Has(SensitiveKind kind) const {
    return kind == SensitiveKind::kCardNumber ? card_numbers
           : kind == SensitiveKind::kIban     ? ibans
                                              : emails;
  }
};

// Which kinds the text may hold at all: a few nanoseconds, eight bytes at a time.
SensitiveKinds MayHold(std::string_view text);

// The text with "[redacted card number]", "[redacted IBAN]" and "[redacted e-mail address]" in
// place of what is found. Nothing is found in its result.
std::string MaskSensitive(std::string_view text, SensitiveKinds kinds = {});

}  // namespace quell::ingest
