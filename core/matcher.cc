#include "core/matcher.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>

namespace quell {
namespace {

bool IsNameStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
}
bool IsNameChar(char c) {
  return IsNameStart(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// A cursor over the selector's text; every Expect* names the column on failure.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  void SkipSpace() {
    while (pos_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[pos_])) != 0) {
      ++pos_;
    }
  }
  [[nodiscard]] bool AtEnd() const { return pos_ >= text_.size(); }
  [[nodiscard]] char Peek() const { return AtEnd() ? '\0' : text_[pos_]; }
  bool Take(char c) {
    if (Peek() != c || AtEnd()) return false;
    ++pos_;
    return true;
  }

  std::string_view TakeName() {
    const size_t begin = pos_;
    if (!AtEnd() && IsNameStart(text_[pos_])) {
      while (pos_ < text_.size() && IsNameChar(text_[pos_])) ++pos_;
    }
    return text_.substr(begin, pos_ - begin);
  }

  Result<MatchOp> TakeOp() {
    const std::string_view two = text_.substr(pos_, 2);
    if (two == "!=") return pos_ += 2, MatchOp::kNotEqual;
    if (two == "=~") return pos_ += 2, MatchOp::kRegex;
    if (two == "!~") return pos_ += 2, MatchOp::kNotRegex;
    if (Take('=')) return MatchOp::kEqual;
    return Fail("expected =, !=, =~ or !~");
  }

  Result<std::string> TakeString() {
    const char quote = Peek();
    if (quote != '"' && quote != '\'' && quote != '`') return Fail("expected a quoted value");
    ++pos_;
    std::string out;
    while (!AtEnd() && text_[pos_] != quote) {
      char c = text_[pos_++];
      if (c == '\\' && quote != '`') {
        if (AtEnd()) break;
        const char escaped = text_[pos_++];
        if (escaped == 'n') {
          c = '\n';
        } else if (escaped == 't') {
          c = '\t';
        } else if (escaped == '\\' || escaped == '"' || escaped == '\'') {
          c = escaped;
        } else {
          return Fail(std::string("unknown escape \\") + escaped);
        }
      }
      out += c;
    }
    if (!Take(quote)) return Fail("unterminated quoted value");
    return out;
  }

  [[nodiscard]] Error Fail(const std::string& what) const {
    return MakeError(ErrorCode::kInvalidArgument, "selector \"" + std::string(text_) +
                                                      "\", column " + std::to_string(pos_ + 1) +
                                                      ": " + what);
  }

 private:
  std::string_view text_;
  size_t pos_ = 0;
};

std::string_view OpText(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return "=";
    case MatchOp::kNotEqual:
      return "!=";
    case MatchOp::kRegex:
      return "=~";
    case MatchOp::kNotRegex:
      return "!~";
  }
  return "=";
}

}  // namespace

Result<Matcher> Matcher::Create(MatchOp op, std::string name, std::string value) {
  Matcher matcher(op, std::move(name), std::move(value));
  if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    auto regex = std::make_shared<re2::RE2>(matcher.value_, options);
    if (!regex->ok()) {
      return MakeError(ErrorCode::kInvalidArgument, "regular expression \"" + matcher.value_ +
                                                        "\" for label " + matcher.name_ + ": " +
                                                        regex->error());
    }
    matcher.regex_ = std::move(regex);
  }
  return matcher;
}

bool Matcher::Matches(const Labels& labels) const { return MatchesValue(labels.Get(name_)); }

bool Matcher::MatchesValue(std::string_view value) const {
  switch (op_) {
    case MatchOp::kEqual:
      return value == value_;
    case MatchOp::kNotEqual:
      return value != value_;
    case MatchOp::kRegex:
      return re2::RE2::FullMatch({value.data(), value.size()}, *regex_);
    case MatchOp::kNotRegex:
      return !re2::RE2::FullMatch({value.data(), value.size()}, *regex_);
  }
  return false;
}

std::string Matcher::ToString() const {
  std::string out = name_ + std::string(OpText(op_)) + '"';
  for (const char c : value_) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

Result<Selector> Selector::Parse(std::string_view text) {
  Cursor cursor(text);
  Selector selector;
  cursor.SkipSpace();
  const std::string_view metric = cursor.TakeName();
  if (!metric.empty()) {
    QUELL_ASSIGN(Matcher name,
                 Matcher::Create(MatchOp::kEqual, std::string(kMetricName), std::string(metric)));
    selector.matchers_.push_back(std::move(name));
  }
  cursor.SkipSpace();
  if (cursor.Take('{')) {
    for (cursor.SkipSpace(); !cursor.Take('}'); cursor.SkipSpace()) {
      const std::string_view name = cursor.TakeName();
      if (name.empty()) return cursor.Fail("expected a label name or }");
      cursor.SkipSpace();
      QUELL_ASSIGN(const MatchOp op, cursor.TakeOp());
      cursor.SkipSpace();
      QUELL_ASSIGN(std::string value, cursor.TakeString());
      auto matcher = Matcher::Create(op, std::string(name), std::move(value));
      if (!matcher.ok()) return cursor.Fail(matcher.error().message);
      selector.matchers_.push_back(*std::move(matcher));
      cursor.SkipSpace();
      if (!cursor.Take(',') && cursor.Peek() != '}') return cursor.Fail("expected , or }");
    }
  }
  cursor.SkipSpace();
  if (!cursor.AtEnd()) return cursor.Fail("unexpected text after the selector");
  if (selector.matchers_.empty()) return cursor.Fail("the selector is empty");
  return selector;
}

bool Selector::Matches(const Labels& labels) const {
  return std::all_of(matchers_.begin(), matchers_.end(),
                     [&](const Matcher& matcher) { return matcher.Matches(labels); });
}

std::string_view Selector::MetricName() const {
  for (const Matcher& matcher : matchers_) {
    if (matcher.name() == kMetricName && matcher.op() == MatchOp::kEqual) return matcher.value();
  }
  return {};
}

std::string Selector::ToString() const {
  std::string out(MetricName());
  std::string inner;
  for (const Matcher& matcher : matchers_) {
    if (matcher.name() == kMetricName && matcher.op() == MatchOp::kEqual) continue;
    if (!inner.empty()) inner += ',';
    inner += matcher.ToString();
  }
  if (!inner.empty()) out += '{' + inner + '}';
  return out;
}

}  // namespace quell
