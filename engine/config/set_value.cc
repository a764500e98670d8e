#include "engine/config/set_value.h"

#include <algorithm>
#include <vector>

namespace quell::config {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

bool IsText(const std::string& line) {  // neither blank nor a comment
  const size_t first = line.find_first_not_of(" \t\r");
  return first != std::string::npos && line[first] != '#';
}

size_t Indent(const std::string& line) { return line.find_first_not_of(' '); }

bool HasKey(const std::string& line, size_t indent, const std::string& key) {
  return IsText(line) && Indent(line) == indent && line.compare(indent, key.size(), key) == 0 &&
         line.size() > indent + key.size() && line[indent + key.size()] == ':';
}

// A comment behind the value stays.
std::string WithValue(const std::string& line, const std::string& key, const std::string& value) {
  const size_t comment = line.find(" #");
  std::string out = line.substr(0, line.find(key + ':')) + key + ": " + value;
  return comment == std::string::npos ? out : out + ' ' + line.substr(comment);
}

}  // namespace

Result<std::string> SetValue(const std::string& text, const std::string& section,
                             const std::string& key, const std::string& value) {
  std::vector<std::string> lines = Lines(text);
  const auto at = [&](size_t i) { return lines.begin() + static_cast<std::ptrdiff_t>(i); };
  size_t from = 0;
  size_t indent = 0;
  if (!section.empty()) {
    while (from < lines.size() && !HasKey(lines[from], 0, section)) ++from;
    if (from == lines.size()) {
      lines.push_back(section + ":");
      lines.push_back("  " + key + ": " + value);
      return Joined(lines);
    }
    const std::string rest = lines[from].substr(section.size() + 1);
    if (IsText(rest)) {
      return MakeError(ErrorCode::kUnsupported,
                       section + ": is not written over several lines; set " + section + "." + key +
                           " to " + value + " by hand");
    }
    ++from;
    size_t child = from;
    while (child < lines.size() && !IsText(lines[child])) ++child;
    indent = child < lines.size() && Indent(lines[child]) > 0 ? Indent(lines[child]) : 2;
  }
  for (size_t i = from; i < lines.size(); ++i) {
    if (!section.empty() && IsText(lines[i]) && Indent(lines[i]) < indent) break;
    if (!HasKey(lines[i], indent, key)) continue;
    lines[i] = WithValue(lines[i], key, value);
    return Joined(lines);
  }
  const std::string line = std::string(indent, ' ') + key + ": " + value;
  if (section.empty()) {
    lines.push_back(line);
  } else {
    lines.insert(at(from), line);
  }
  return Joined(lines);
}

}  // namespace quell::config
