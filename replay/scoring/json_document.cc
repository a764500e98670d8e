#include "replay/scoring/json_document.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace quell::replay {
namespace {

using nlohmann::json;

constexpr size_t kReasonBytesMax = 240;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

size_t SkipSpace(std::string_view text, size_t pos) {
  while (pos < text.size() && IsSpace(text[pos])) ++pos;
  return pos;
}

// `pos` stands on the opening quote; returns the place after the closing one.
size_t SkipString(std::string_view text, size_t pos) {
  for (++pos; pos < text.size() && text[pos] != '"'; ++pos) {
    if (text[pos] == '\\') ++pos;
  }
  return std::min(pos + 1, text.size());
}

// The place after the value at `pos`, in text that is known to be valid.
size_t SkipValue(std::string_view text, size_t pos) {
  size_t depth = 0;
  while (pos < text.size()) {
    const char c = text[pos];
    if (c == '"') {
      pos = SkipString(text, pos);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++pos;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return pos;
      --depth;
      ++pos;
    } else if (depth == 0 && (c == ',' || IsSpace(c))) {
      return pos;
    } else {
      ++pos;
      continue;
    }
    if (depth == 0) return pos;
  }
  return pos;
}

// Where the member `name` (the last of that name, as the parser has it) begins.
std::optional<size_t> FindMember(std::string_view text, size_t pos, const std::string& name) {
  std::optional<size_t> found;
  pos = SkipSpace(text, pos + 1);
  while (pos < text.size() && text[pos] == '"') {
    const size_t key_end = SkipString(text, pos);
    const json key = json::parse(text.substr(pos, key_end - pos), nullptr, false);
    pos = SkipSpace(text, SkipSpace(text, key_end) + 1);
    if (key.is_string() && key.get_ref<const std::string&>() == name) found = pos;
    pos = SkipSpace(text, SkipValue(text, pos));
    if (pos < text.size() && text[pos] == ',') pos = SkipSpace(text, pos + 1);
  }
  return found;
}

size_t FindElement(std::string_view text, size_t pos, size_t index) {
  pos = SkipSpace(text, pos + 1);
  for (size_t i = 0; i < index && pos < text.size(); ++i) {
    pos = SkipSpace(text, SkipValue(text, pos));
    if (pos < text.size() && text[pos] == ',') pos = SkipSpace(text, pos + 1);
  }
  return pos;
}

size_t Locate(std::string_view text, const JsonPath& path) {
  size_t pos = SkipSpace(text, 0);
  for (const JsonStep& step : path) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      const std::optional<size_t> found = FindMember(text, pos, *name);
      if (!found) return pos;
      pos = *found;
    } else {
      pos = FindElement(text, pos, std::get<size_t>(step));
    }
  }
  return pos;
}

// Notes where and why parsing stopped; keeps nothing else.
class SyntaxProbe final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return true; }
  bool key(string_t& /*value*/) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t /*size*/) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string& /*last_token*/,
                   const nlohmann::detail::exception& error) override {
    offset = position == 0 ? 0 : position - 1;
    reason = error.what();
    return false;
  }

  size_t offset = 0;
  std::string reason;
};

// The library's text without its own name for the error and its own idea of the place.
std::string PlainReason(const std::string& what) {
  const size_t column = what.find("column ");
  size_t from = what.find(column == std::string::npos ? "] " : ": ",
                          column == std::string::npos ? 0 : column);
  from = from == std::string::npos ? 0 : from + 2;
  std::string reason = what.substr(from);
  if (reason.size() > kReasonBytesMax) {
    size_t cut = kReasonBytesMax;
    while (cut > 0 && (static_cast<unsigned char>(reason[cut]) & 0xC0U) == 0x80U) --cut;
    reason.resize(cut);
    reason += "...";
  }
  return reason;
}

}  // namespace

std::string JsonPathText(const JsonPath& path) {
  std::string out;
  for (const JsonStep& step : path) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (!out.empty()) out += '.';
      out += *name;
    } else {
      out += '[' + std::to_string(std::get<size_t>(step)) + ']';
    }
  }
  return out;
}

std::string PlaceInText(std::string_view name, std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t newline = before.rfind('\n');
  const std::string_view line =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto characters = std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  return std::string(name) + ':' + std::to_string(lines + 1) + ':' + std::to_string(characters + 1);
}

Result<JsonDocument> JsonDocument::Parse(std::string text, std::string name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  JsonDocument document(std::move(text), std::move(name));
  try {
    document.root_ = json::parse(document.text_);
    return document;
  } catch (const json::exception&) {
    SyntaxProbe probe;
    json::sax_parse(document.text_, &probe);
    return MakeError(ErrorCode::kInvalidArgument,
                     PlaceInText(document.name_, document.text_, probe.offset) +
                         ": not valid JSON: " + PlainReason(probe.reason));
  }
}

Error JsonDocument::ErrorAt(const JsonPath& path, std::string_view message) const {
  return MakeError(ErrorCode::kInvalidArgument,
                   PlaceInText(name_, text_, Locate(text_, path)) + ": " + std::string(message));
}

bool JsonCursor::Has(const std::string& name) const {
  if (!value_->is_object()) return false;
  const auto found = value_->find(name);
  return found != value_->end() && !found->is_null();
}

Result<JsonCursor> JsonCursor::Member(const std::string& name) const {
  if (!value_->is_object()) {
    return Wrong(std::string("must be an object, not ") + value_->type_name());
  }
  JsonCursor member = *this;
  member.path_.emplace_back(name);
  const auto found = value_->find(name);
  if (found == value_->end()) {
    return document_->ErrorAt(path_, JsonPathText(member.path_) + " is missing");
  }
  if (found->is_null()) return member.Wrong("is null, but must have a value");
  member.value_ = &*found;
  return member;
}

Result<std::vector<JsonCursor>> JsonCursor::Items() const {
  if (!value_->is_array()) {
    return Wrong(std::string("must be an array, not ") + value_->type_name());
  }
  std::vector<JsonCursor> items(value_->size(), *this);
  for (size_t i = 0; i < items.size(); ++i) {
    items[i].path_.emplace_back(i);
    items[i].value_ = &(*value_)[i];
  }
  return items;
}

Result<std::string> JsonCursor::Text() const {
  if (value_->is_string()) return value_->get<std::string>();
  if (value_->is_number_integer() || value_->is_boolean()) return value_->dump();
  return Wrong(std::string("must be a string, not ") + value_->type_name());
}

Result<std::string> JsonCursor::OptionalText(const std::string& name) const {
  if (!Has(name)) return std::string();
  QUELL_ASSIGN(const JsonCursor member, Member(name));
  return member.Text();
}

Result<TimeMs> JsonCursor::Time() const {
  if (!value_->is_string() && !value_->is_number()) {
    return Wrong(std::string("must be a time (RFC 3339 or epoch seconds), not ") +
                 value_->type_name());
  }
  const std::string text = value_->is_string() ? value_->get<std::string>() : value_->dump();
  Result<TimeMs> time = ParseTime(text);
  if (time.ok()) return time;
  constexpr double kFirstMillisecondStamp = 253402300800.0;  // seconds of the year 10000
  const bool milliseconds =
      value_->is_number() && std::fabs(value_->get<double>()) >= kFirstMillisecondStamp;
  return Wrong(time.error().message +
               (milliseconds ? "; it looks like milliseconds, divide it by 1000" : ""));
}

Error JsonCursor::Wrong(std::string_view message) const {
  const std::string path = JsonPathText(path_);
  return document_->ErrorAt(
      path_, (path.empty() ? std::string("the document") : path) + ' ' + std::string(message));
}

}  // namespace quell::replay
