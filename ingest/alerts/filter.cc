#include "ingest/alerts/filter.h"

#include <algorithm>

#include "ingest/alerts/received_alert.h"

namespace quell::ingest {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool IsNameChar(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         (!first && c >= '0' && c <= '9');
}

// Escapes \" \\ \n; an opening quote asks for a closing one. False where that is not so.
bool Unquote(std::string_view text, std::string& out) {
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  bool closed = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() &&
        (text[i + 1] == '"' || text[i + 1] == '\\' || text[i + 1] == 'n')) {
      out += text[++i] == 'n' ? '\n' : text[i];
    } else if (c == '"') {
      closed = quoted && i + 1 == text.size();
      if (!closed) return false;
    } else {
      out += c;
    }
  }
  return quoted == closed;
}

}  // namespace

Result<Matcher> ParseFilter(std::string_view text) {
  const auto bad = [&] {
    return MakeError(ErrorCode::kInvalidArgument, "bad matcher format: " + std::string(text));
  };
  const std::string_view whole = Trimmed(text);
  size_t name_end = 0;
  while (name_end < whole.size() && IsNameChar(whole[name_end], name_end == 0)) ++name_end;
  const std::string_view rest = Trimmed(whole.substr(name_end));
  if (name_end == 0 || rest.empty()) return bad();
  MatchOp op = MatchOp::kEqual;
  size_t length = 2;
  if (rest.starts_with("=~")) {
    op = MatchOp::kRegex;
  } else if (rest.starts_with("!~")) {
    op = MatchOp::kNotRegex;
  } else if (rest.starts_with("!=")) {
    op = MatchOp::kNotEqual;
  } else if (rest.starts_with('=')) {
    length = 1;
  } else {
    return bad();
  }
  std::string value;
  if (!Unquote(Trimmed(rest.substr(length)), value)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "matcher value contains unescaped double quote: " + std::string(text));
  }
  return Matcher::Create(op, std::string(whole.substr(0, name_end)), std::move(value));
}

bool PassesFilters(std::span<const Matcher> filters, const Labels& values) {
  return std::all_of(filters.begin(), filters.end(), [&](const Matcher& filter) {
    const bool negative = filter.op() == MatchOp::kNotEqual || filter.op() == MatchOp::kNotRegex;
    if (filter.value().empty() && values.Has(filter.name()) == negative) return true;
    return filter.MatchesValue(values.Get(filter.name()));
  });
}

}  // namespace quell::ingest
