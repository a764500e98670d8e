#include "ingest/label_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}
bool IsNameChar(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

class SeriesParser {
 public:
  SeriesParser(std::string_view text, size_t& at) : text_(text), at_(at) {}

  Result<Labels> Series() {
    const std::string_view name = Name();
    if (!name.empty()) labels_.push_back({std::string(kMetricName), std::string(name)});
    if (Peek() == '{') {
      ++at_;
      QUELL_TRY(List('}'));
    } else if (name.empty()) {
      return Fail("expected a metric name or {");
    }
    return Finish();
  }

  Result<Labels> ListToEnd() {
    QUELL_TRY(List('\0'));
    return Finish();
  }

 private:
  [[nodiscard]] char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] bool AtEnd() const { return at_ >= text_.size(); }
  void SkipBlanks() {
    while (IsBlank(Peek())) ++at_;
  }
  static Error Fail(std::string message) {
    return MakeError(ErrorCode::kInvalidArgument, std::move(message));
  }

  std::string_view Name() {
    const size_t begin = at_;
    if (IsNameStart(Peek())) {
      while (IsNameChar(Peek())) ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  bool TakeStop(char stop) {
    SkipBlanks();
    if (stop == '\0') return AtEnd();
    if (Peek() != stop) return false;
    ++at_;
    return true;
  }

  // Labels up to `stop`, a comma after the last one allowed.
  Status List(char stop) {
    while (!TakeStop(stop)) {
      QUELL_TRY(OneLabel());
      if (TakeStop(stop)) break;
      if (Peek() != ',') return Fail(stop == '}' ? "expected , or }" : "expected ,");
      ++at_;
    }
    return Ok{};
  }

  Status OneLabel() {
    const size_t begin = at_;
    std::string name;
    const bool quoted = Peek() == '"';
    if (quoted) {
      QUELL_ASSIGN(name, QuotedText());
    } else {
      name = Name();
    }
    if (name.empty()) return at_ = begin, Fail("expected a label name");
    SkipBlanks();
    if (quoted && Peek() != '=') {  // a metric name in quotes stands alone
      return Add(begin, std::string(kMetricName), std::move(name));
    }
    if (Peek() != '=') return Fail("expected =");
    ++at_;
    SkipBlanks();
    QUELL_ASSIGN(std::string value, QuotedText());
    return Add(begin, std::move(name), std::move(value));
  }

  Status Add(size_t begin, std::string name, std::string value) {
    const bool repeated = std::any_of(labels_.begin(), labels_.end(),
                                      [&](const Label& label) { return label.name == name; });
    if (repeated) return at_ = begin, Fail("label " + Quoted(name) + " is repeated");
    if (!IsValidUtf8(name) || !IsValidUtf8(value)) {
      return at_ = begin, Fail("label " + Quoted(name) + " is not valid UTF-8");
    }
    labels_.push_back({std::move(name), std::move(value)});
    return Ok{};
  }

  Result<std::string> QuotedText() {
    if (Peek() != '"') return Fail("expected \"");
    ++at_;
    std::string out;
    while (!AtEnd()) {
      const size_t stop = text_.find_first_of("\"\\", at_);
      if (stop == std::string_view::npos) break;
      out += text_.substr(at_, stop - at_);
      at_ = stop;
      if (text_[at_] == '"') {
        ++at_;
        return out;
      }
      QUELL_TRY(Escape(out));
    }
    at_ = text_.size();
    return Fail("expected \" before the end of the line");
  }

  // At a backslash.
  Status Escape(std::string& out) {
    constexpr std::string_view kFrom = "\\\"'nrtabfv";
    constexpr std::string_view kTo = "\\\"'\n\r\t\a\b\f\v";
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    const size_t simple = c == '\0' ? std::string_view::npos : kFrom.find(c);
    if (simple != std::string_view::npos) {
      out += kTo[simple];
      at_ += 2;
      return Ok{};
    }
    switch (c) {
      case 'x':
        return Number(out, 2, 2, 16);
      case 'u':
        return Number(out, 2, 4, 16);
      case 'U':
        return Number(out, 2, 8, 16);
      default:
        return Number(out, 1, 3, 8);
    }
  }

  Status Number(std::string& out, size_t skip, size_t digits, int base) {
    const std::string_view text = text_.substr(std::min(text_.size(), at_ + skip), digits);
    std::uint32_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, ec] = std::from_chars(text.data(), end, value, base);
    const bool is_byte = digits < 4;
    if (text.size() != digits || ec != std::errc() || stop != end || (is_byte && value > 255) ||
        (!is_byte && !AppendUtf8(out, value))) {
      return Fail("unknown escape");
    }
    if (is_byte) out += static_cast<char>(value);
    at_ += skip + digits;
    return Ok{};
  }

  Result<Labels> Finish() { return Labels(std::move(labels_)); }

  std::string_view text_;
  size_t& at_;
  std::vector<Label> labels_;
};

}  // namespace

Result<Labels> ParseSeriesText(std::string_view text, size_t& at) {
  return SeriesParser(text, at).Series();
}

Result<Labels> ParseLabelList(std::string_view text, size_t& at) {
  return SeriesParser(text, at).ListToEnd();
}

size_t SeriesTextEnd(std::string_view text, size_t at) {
  while (at < text.size() && !IsBlank(text[at]) && text[at] != '{') ++at;
  if (at >= text.size() || text[at] != '{') return at;
  bool in_quotes = false;
  for (++at; at < text.size(); ++at) {
    const char c = text[at];
    if (in_quotes) {
      if (c == '\\') ++at;
      if (c == '"') in_quotes = false;
    } else if (c == '"') {
      in_quotes = true;
    } else if (c == '}') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace quell::ingest
