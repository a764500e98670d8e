// E-mail addresses in text, as people write them.
#include <algorithm>

#include "ingest/ascii.h"
#include "ingest/sensitive.h"

namespace quell::ingest {
namespace {

bool IsLocalChar(char c) {
  return IsAlnum(c) || IsForeign(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' ||
         c == '\'';
}

bool IsDomainChar(char c) { return IsAlnum(c) || IsForeign(c) || c == '-'; }

bool IsUnitSuffix(std::string_view label) {
  constexpr std::string_view kSuffixes[] = {"service", "socket", "target",   "timer",
                                            "mount",   "slice",  "scope",    "path",
                                            "device",  "swap",   "automount"};
  return std::find(std::begin(kSuffixes), std::end(kSuffixes), label) != std::end(kSuffixes);
}

bool IsTopLevel(std::string_view label) {
  if (label.size() < 2 || IsUnitSuffix(label)) return false;
  if (label.size() > 4 && Upper(label[0]) == 'X' && Upper(label[1]) == 'N' &&
      label.substr(2, 2) == "--") {
    return true;
  }
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLetter(c) || IsForeign(c); });
}

// The end of the longest domain name with a top level that begins at `at`, or `at`.
size_t DomainEnd(std::string_view text, size_t at) {
  size_t best = at;
  size_t begin = at;
  for (;;) {
    size_t end = begin;
    while (end < text.size() && IsDomainChar(text[end])) ++end;
    if (end == begin) return best;
    if (begin > at && IsTopLevel(text.substr(begin, end - begin))) best = end;
    if (end >= text.size() || text[end] != '.') return best;
    begin = end + 1;
  }
}

}  // namespace

std::optional<SensitiveSpan> NextEmail(std::string_view text, size_t from) {
  size_t left = from;  // a local part begins here at the earliest
  for (size_t at = text.find_first_of("@%", from); at != std::string_view::npos;
       at = text.find_first_of("@%", at + 1)) {
    const bool escaped = text[at] == '%';
    if (escaped && text.substr(at + 1, 2) != "40") continue;
    const size_t domain = at + (escaped ? 3 : 1);
    size_t begin = at;
    while (begin > left && IsLocalChar(text[begin - 1])) --begin;
    left = domain;
    if (begin == at) continue;
    const size_t end = DomainEnd(text, domain);
    if (end > domain) return SensitiveSpan{begin, end};
  }
  return std::nullopt;
}

}  // namespace quell::ingest
