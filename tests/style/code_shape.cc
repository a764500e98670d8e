#include "tests/style/code_shape.h"

#include <algorithm>
#include <cctype>
#include <regex>

namespace quell::style {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

void Blank(std::string& out, size_t from, size_t to) {
  for (size_t i = from; i < to && i < out.size(); ++i) {
    if (out[i] != '\n') out[i] = ' ';
  }
}

// The position after the literal or comment that begins at `at`, or `at` where none does.
size_t EndOfLiteral(const std::string& text, size_t at) {
  if (text[at] == 'R' && text.compare(at, 2, "R\"") == 0 && (at == 0 || !IsWord(text[at - 1]))) {
    const size_t open = text.find('(', at);
    if (open == std::string::npos) return text.size();
    const std::string close = ")" + text.substr(at + 2, open - at - 2) + "\"";
    const size_t end = text.find(close, open);
    return end == std::string::npos ? text.size() : end + close.size();
  }
  const char quote = text[at];
  // A quote inside a number ('000) is no character literal.
  if (quote != '"' && (quote != '\'' || (at > 0 && IsWord(text[at - 1])))) return at;
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote || text[i] == '\n') {
      return i + 1;
    }
  }
  return text.size();
}

size_t EndOfComment(const std::string& text, size_t at) {
  if (text.compare(at, 2, "//") == 0) return std::min(text.find('\n', at), text.size());
  if (text.compare(at, 2, "/*") == 0) {
    const size_t end = text.find("*/", at);
    return end == std::string::npos ? text.size() : end + 2;
  }
  return at;
}

std::string Blanked(const std::string& text, bool keep_comments) {
  std::string out = text;
  for (size_t i = 0; i < text.size();) {
    const size_t comment = EndOfComment(text, i);
    const size_t literal = comment == i ? EndOfLiteral(text, i) : i;
    if (comment > i) {
      if (!keep_comments) Blank(out, i, comment);
      i = comment;
    } else if (literal > i) {
      Blank(out, i, literal);
      i = literal;
    } else {
      ++i;
    }
  }
  return out;
}

void BlankPreprocessor(std::string& code) {
  for (size_t begin = 0; begin < code.size();) {
    size_t end = std::min(code.find('\n', begin), code.size());
    const size_t first = code.find_first_not_of(" \t", begin);
    if (first < end && code[first] == '#') {
      while (end > begin && code[end - 1] == '\\' && end + 1 < code.size()) {
        end = std::min(code.find('\n', end + 1), code.size());
      }
      Blank(code, begin, end);
    }
    begin = end + 1;
  }
}

enum class Scope { kNamespace, kType, kFunction, kOther };

Scope ScopeOf(const std::string& head, Scope outer) {
  static const std::regex kNamespaceHead(R"(\bnamespace\b)");
  static const std::regex kTypeHead(R"(\b(class|struct|union|enum)\b[^()=]*$)");
  if (outer == Scope::kFunction || outer == Scope::kOther) return Scope::kOther;
  if (std::regex_search(head, kNamespaceHead)) return Scope::kNamespace;
  if (head.find(')') == std::string::npos) {
    return std::regex_search(head, kTypeHead) ? Scope::kType : Scope::kOther;
  }
  return Scope::kFunction;
}

}  // namespace

std::string WithoutCommentsAndLiterals(const std::string& text) { return Blanked(text, false); }
std::string WithoutLiterals(const std::string& text) { return Blanked(text, true); }

std::vector<Function> Functions(const std::string& code) {
  std::string text = code;
  BlankPreprocessor(text);
  std::vector<Function> out;
  std::vector<Scope> scopes = {Scope::kNamespace};
  std::vector<Function> open;
  std::string head;
  size_t head_line = 1;
  size_t line = 1;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (c == '{') {
      // Directly behind a name: an initializer (`member_{1}`), the head goes on behind it.
      const bool initializer = i > 0 && text[i - 1] != ' ' && text[i - 1] != '\n';
      const Scope scope = initializer ? Scope::kOther : ScopeOf(head, scopes.back());
      scopes.push_back(scope);
      if (scope == Scope::kFunction) open.push_back({head, head_line, 0});
      if (!initializer) head.clear();
    } else if (c == '}') {
      if (scopes.back() == Scope::kFunction) {
        open.back().lines = line - open.back().line + 1;
        out.push_back(open.back());
        open.pop_back();
      }
      const bool was_scope = scopes.back() != Scope::kOther;
      if (scopes.size() > 1) scopes.pop_back();
      if (was_scope) head.clear();
    } else if (c == ';') {
      head.clear();
    } else if (!std::isspace(static_cast<unsigned char>(c)) || !head.empty()) {
      if (head.empty()) head_line = line;
      head += c;
    }
  }
  return out;
}

}  // namespace quell::style
