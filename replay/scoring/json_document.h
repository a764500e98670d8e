// JsonDocument: a JSON text whose errors name file:line:column, also for a value that is well
// formed but wrong.
//
// nlohmann's parser forgets where a value stood, so places are found again by walking the text,
// in the error path alone. Columns count characters, not bytes. Immutable once parsed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace quell::replay {

using JsonStep = std::variant<std::string, size_t>;  // a member's name or an element's index
using JsonPath = std::vector<JsonStep>;

// "incidents[3].start"; "" for the root.
std::string JsonPathText(const JsonPath& path);

// "name:line:column" of the byte at `offset`.
std::string PlaceInText(std::string_view name, std::string_view text, size_t offset);

class JsonDocument {
 public:
  // `name` stands before every error: a file's path, or "body". A byte order mark is skipped.
  static Result<JsonDocument> Parse(std::string text, std::string name);

  [[nodiscard]] const nlohmann::json& root() const { return root_; }
  [[nodiscard]] const std::string& name() const { return name_; }

  // kInvalidArgument "name:line:column: message", the place of the value at `path`.
  [[nodiscard]] Error ErrorAt(const JsonPath& path, std::string_view message) const;

 private:
  JsonDocument(std::string text, std::string name)
      : text_(std::move(text)), name_(std::move(name)) {}

  std::string text_;
  std::string name_;
  nlohmann::json root_;
};

// A value inside a document and the way to it. Borrows the document, which must outlive it.
class JsonCursor {
 public:
  explicit JsonCursor(const JsonDocument& document)
      : document_(&document), value_(&document.root()) {}

  [[nodiscard]] const nlohmann::json& value() const { return *value_; }
  // True if this is an object that has `name` with something other than null.
  [[nodiscard]] bool Has(const std::string& name) const;
  // The member; an error naming it where it is missing or null, or this is no object.
  [[nodiscard]] Result<JsonCursor> Member(const std::string& name) const;
  // The elements; an error where this is no array.
  [[nodiscard]] Result<std::vector<JsonCursor>> Items() const;
  // A string; whole numbers and booleans are taken as they are written.
  [[nodiscard]] Result<std::string> Text() const;
  // RFC 3339, or epoch seconds as a number or a string.
  [[nodiscard]] Result<TimeMs> Time() const;
  // The text of member `name`, or "" where it is missing.
  [[nodiscard]] Result<std::string> OptionalText(const std::string& name) const;

  // "name:line:column: path message".
  [[nodiscard]] Error Wrong(std::string_view message) const;

 private:
  const JsonDocument* document_;
  const nlohmann::json* value_;
  JsonPath path_;
};

}  // namespace quell::replay
