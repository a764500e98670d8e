#include "ingest/sensitive.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace quell::ingest {
namespace {

constexpr std::array<SensitiveKind, 3> kKinds{SensitiveKind::kCardNumber, SensitiveKind::kIban,
                                              SensitiveKind::kEmail};
constexpr std::array<std::string_view, 3> kMasks{"[redacted card number]", "[redacted IBAN]",
                                                 "[redacted e-mail address]"};

// Per byte of eight: 0x80 where it is one.
constexpr std::uint64_t kEach = 0x0101010101010101ULL;
constexpr std::uint64_t kHigh = 0x80 * kEach;
std::uint64_t NotDigits(std::uint64_t word) {
  const std::uint64_t value = word ^ 0x30 * kEach;  // 0 to 9 where it is a digit
  return (((value & ~kHigh) + 0x76 * kEach) | value) & kHigh;
}
std::uint64_t Equal(std::uint64_t word, unsigned char byte) {
  const std::uint64_t value = word ^ byte * kEach;
  return (value - kEach) & ~value & kHigh;  // exact as to whether there is any
}
// How many bytes of such an answer are one.
int Count(std::uint64_t marks) { return static_cast<int>((marks >> 7U) * kEach >> 56U); }

// Up to eight bytes, zeros behind them.
std::uint64_t Word(const char* from, size_t size) {
  std::uint64_t word = 0;
  if (size >= sizeof word) {
    std::memcpy(&word, from, sizeof word);
  } else if (size >= 4) {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    word = first | std::uint64_t{last} << (8 * (size - sizeof last));
  } else {
    for (size_t i = 0; i < size; ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
    }
  }
  return word;
}

// One pass from left to right; false where nothing was found.
bool MaskOnce(std::string& text, SensitiveKinds kinds) {
  constexpr SensitiveSpan kNone{std::string::npos, std::string::npos};
  std::array<SensitiveSpan, 3> next{kNone, kNone, kNone};
  const auto look = [&](size_t i, size_t from) {
    next[i] = kinds.Has(kKinds[i]) ? NextSensitive(kKinds[i], text, from).value_or(kNone) : kNone;
  };
  for (size_t i = 0; i < next.size(); ++i) look(i, 0);
  std::string out;
  size_t done = 0;
  for (;;) {
    size_t first = 0;
    for (size_t i = 1; i < next.size(); ++i) {
      const bool longer = next[i].begin == next[first].begin && next[i].end > next[first].end;
      if (next[i].begin < next[first].begin || longer) first = i;
    }
    if (next[first].begin == std::string::npos) break;
    out.append(text, done, next[first].begin - done).append(kMasks[first]);
    done = next[first].end;
    for (size_t i = 0; i < next.size(); ++i) {
      if (next[i].begin < done) look(i, done);
    }
  }
  if (done == 0) return false;
  out.append(text, done);
  text = std::move(out);
  return true;
}

}  // namespace

SensitiveKinds MayHold(std::string_view text) {
  constexpr size_t kShortestCard = 13;
  constexpr size_t kShortestIban = 15;
  std::uint64_t marks = 0;
  int digits = 0;
  for (size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = Word(text.data() + at, text.size() - at);
    digits += 8 - Count(NotDigits(word));
    marks |= Equal(word, '@') | Equal(word, '%');
  }
  return {digits >= static_cast<int>(kShortestCard), digits > 1 && text.size() >= kShortestIban,
          marks != 0};
}

std::optional<SensitiveSpan> NextSensitive(SensitiveKind kind, std::string_view text, size_t from) {
  switch (kind) {
    case SensitiveKind::kCardNumber:
      return NextCardNumber(text, from);
    case SensitiveKind::kIban:
      return NextIban(text, from);
    case SensitiveKind::kEmail:
      return NextEmail(text, from);
  }
  return std::nullopt;
}

std::string MaskSensitive(std::string_view text, SensitiveKinds kinds) {
  std::string out(text);
  const SensitiveKinds may = MayHold(text);
  if (!may.card_numbers && !may.ibans && !may.emails) return out;
  // What stood beside a finding may be one itself once that is masked. Each pass takes an '@' or
  // at least eight letters and digits of the text away, hence ends.
  while (MaskOnce(out, kinds)) {
  }
  return out;
}

}  // namespace quell::ingest
