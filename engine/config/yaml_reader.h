// Strict reading of YAML: every error names file:line:column, unknown and duplicate keys are
// errors, with the nearest known name.
//
// YamlMap walks one mapping: ask for keys with Read(), then call Finish(). The first error sticks;
// later calls do nothing. Thread-compatible.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace quell::config {

// What a key is, as it is asked for.
struct KeyFact {
  std::string path;      // "journal.fsync", "signals[].name"
  std::string type;      // "duration", "mapping", "list of text"
  std::string fallback;  // what holds where it is absent; "" = nothing, or it is required
  std::string values;    // "1s to 1h", "always, interval, never"; "" = any
};

// Where errors are collected and what file they are about.
struct YamlContext {
  std::string file;
  std::optional<Error> error;
  // For a reference: every key that is asked for is noted. Nothing is an error then, and mappings
  // and lists that are absent are read as if they were there, empty or with one empty entry.
  std::vector<KeyFact>* facts = nullptr;
  void Fail(const YAML::Mark& mark, const std::string& what);
};

class YamlMap {
 public:
  // `path` is the dotted name of this mapping for messages ("journal", "signals[2]").
  YamlMap(YamlContext& context, const YAML::Node& node, std::string path);

  // Each reads `key` if present, converting strictly; absent keys leave `out` as it is.
  YamlMap& Read(std::string_view key, std::string& out);
  YamlMap& Read(std::string_view key, bool& out);
  YamlMap& Read(std::string_view key, double& out, double low, double high);
  YamlMap& ReadSize(std::string_view key, std::uint64_t& out, std::uint64_t low,
                    std::uint64_t high);  // a count, or "64MiB"
  YamlMap& ReadDuration(std::string_view key, DurationMs& out, DurationMs low, DurationMs high);
  YamlMap& ReadStrings(std::string_view key, std::vector<std::string>& out);
  // A mapping of any names to text, each once; appended in the order of the file.
  YamlMap& ReadTexts(std::string_view key, std::vector<std::pair<std::string, std::string>>& out);
  // One of `names`; sets `out` to its index.
  YamlMap& ReadChoice(std::string_view key, const std::vector<std::string>& names, size_t& out);
  YamlMap& ReadMap(std::string_view key, const std::function<void(YamlMap&)>& reader);
  YamlMap& ReadList(std::string_view key,
                    const std::function<void(const YAML::Node&, const std::string& path)>& reader);

  [[nodiscard]] bool Has(std::string_view key) const;
  [[nodiscard]] YAML::Mark MarkOf(std::string_view key) const;  // the mapping's own if absent
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] YamlContext& context() { return context_; }
  void Fail(std::string_view key, const std::string& what);

  // Unknown and duplicate keys are errors.
  void Finish();

 private:
  YAML::Node Take(std::string_view key);  // remembers that the key is known
  [[nodiscard]] std::string NameOf(std::string_view key) const;
  void Note(std::string_view key, const char* type, std::string fallback = "",
            std::string values = "");
  std::string Scalar(std::string_view key, const YAML::Node& value);

  YamlContext& context_;
  YAML::Node node_;
  std::string path_;
  std::vector<std::string> known_;
};

// Parses text; kInvalidArgument with file:line:column on syntax errors.
Result<YAML::Node> ParseYaml(const std::string& text, const std::string& file);

// The known name nearest to `name` by edit distance, if one is near (<= 3 edits).
std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& known);

}  // namespace quell::config
