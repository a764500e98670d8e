#include "engine/config/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <numeric>
#include <sstream>

namespace quell::config {
namespace {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

template <typename T>
bool ParseNumber(std::string_view text, T& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc() && end == text.data() + text.size();
}

// "64MiB", "8GiB", "1000"; false if malformed.
bool ParseSize(std::string_view text, std::uint64_t& out) {
  std::uint64_t scale = 1;
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
  for (const auto& [unit, shift] : kUnits) {
    if (text.size() > unit.size() && text.substr(text.size() - unit.size()) == unit) {
      text.remove_suffix(unit.size());
      scale = std::uint64_t{1} << shift;
    }
  }
  std::uint64_t number = 0;
  if (!ParseNumber(text, number) || number > (~std::uint64_t{0}) / scale) return false;
  out = number * scale;
  return true;
}

// As they are written in a configuration.
std::string SizeText(std::uint64_t size) {
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"GiB", 30}, {"MiB", 20}, {"KiB", 10}};
  for (const auto& [unit, shift] : kUnits) {
    if (size >> shift != 0 && size % (std::uint64_t{1} << shift) == 0) {
      return std::to_string(size >> shift) + std::string(unit);
    }
  }
  return std::to_string(size);
}

std::string NumberText(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", number);
  return text.data();
}

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// Remembers where a document begins, and nothing else of it.
class DocumentStart final : public YAML::EventHandler {
 public:
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark& at) override { mark = at; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

}  // namespace

std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& known) {
  std::optional<std::string> best;
  size_t best_distance = 4;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

void YamlContext::Fail(const YAML::Mark& mark, const std::string& what) {
  if (error || facts != nullptr) return;
  const bool known = mark.line >= 0;
  const std::string place =
      known ? file + ':' + std::to_string(mark.line + 1) + ':' + std::to_string(mark.column + 1)
            : file;
  error = MakeError(ErrorCode::kInvalidArgument, place + ": " + what);
}

Result<YAML::Node> ParseYaml(const std::string& text, const std::string& file) {
  try {
    // Not LoadAll: from a comma outside of brackets it makes empty documents without end.
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentStart start;
    if (!parser.HandleNextDocument(start)) return YAML::Node();
    if (parser.HandleNextDocument(start)) {
      YamlContext context{file, {}};
      context.Fail(start.mark, "a second document; the configuration is one");
      return *context.error;
    }
    return YAML::Load(text);
  } catch (const YAML::Exception& exception) {
    YamlContext context{file, {}};
    context.Fail(exception.mark, exception.msg);
    return *context.error;
  }
}

YamlMap::YamlMap(YamlContext& context, const YAML::Node& node, std::string path)
    : context_(context), node_(node), path_(std::move(path)) {
  if (!node_.IsMap() && !node_.IsNull()) {
    context_.Fail(node_.Mark(), (path_.empty() ? "the document" : path_) + " must be a mapping");
  }
}

bool YamlMap::Has(std::string_view key) const {
  return node_.IsMap() && node_[std::string(key)].IsDefined();
}

YAML::Mark YamlMap::MarkOf(std::string_view key) const {
  return Has(key) ? node_[std::string(key)].Mark() : node_.Mark();
}

std::string YamlMap::NameOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

void YamlMap::Fail(std::string_view key, const std::string& what) {
  context_.Fail(MarkOf(key), NameOf(key) + ": " + what);
}

void YamlMap::Note(std::string_view key, const char* type, std::string fallback,
                   std::string values) {
  if (context_.facts == nullptr) return;
  context_.facts->push_back({NameOf(key), type, std::move(fallback), std::move(values)});
}

YAML::Node YamlMap::Take(std::string_view key) {
  known_.emplace_back(key);
  if (context_.error || !Has(key)) return YAML::Node(YAML::NodeType::Undefined);
  return node_[std::string(key)];
}

std::string YamlMap::Scalar(std::string_view key, const YAML::Node& value) {
  if (!value.IsScalar()) {
    Fail(key, "must be a single value");
    return {};
  }
  return value.Scalar();
}

YamlMap& YamlMap::Read(std::string_view key, std::string& out) {
  Note(key, "text", out);
  const YAML::Node value = Take(key);
  if (value.IsDefined()) out = Scalar(key, value);
  return *this;
}

YamlMap& YamlMap::Read(std::string_view key, bool& out) {
  Note(key, "true or false", out ? "true" : "false");
  const YAML::Node value = Take(key);
  if (!value.IsDefined()) return *this;
  const std::string text = Scalar(key, value);
  if (text == "true" || text == "false") {
    out = text == "true";
  } else {
    Fail(key, "\"" + text + "\" is neither true nor false");
  }
  return *this;
}

YamlMap& YamlMap::Read(std::string_view key, double& out, double low, double high) {
  Note(key, "number", NumberText(out), NumberText(low) + " to " + NumberText(high));
  const YAML::Node value = Take(key);
  if (!value.IsDefined()) return *this;
  const std::string text = Scalar(key, value);
  double number = 0;
  if (!ParseNumber(text, number)) {
    Fail(key, "\"" + text + "\" is not a number");
  } else if (!(number >= low && number <= high)) {
    Fail(key, text + " is outside " + YAML::Dump(YAML::Node(low)) + " to " +
                  YAML::Dump(YAML::Node(high)));
  } else {
    out = number;
  }
  return *this;
}

YamlMap& YamlMap::ReadSize(std::string_view key, std::uint64_t& out, std::uint64_t low,
                           std::uint64_t high) {
  Note(key, "count or size", SizeText(out), SizeText(low) + " to " + SizeText(high));
  const YAML::Node value = Take(key);
  if (!value.IsDefined()) return *this;
  const std::string text = Scalar(key, value);
  std::uint64_t number = 0;
  if (!ParseSize(text, number)) {
    Fail(key, "\"" + text + "\" is not a number or a size like 64MiB");
  } else if (number < low || number > high) {
    Fail(key, text + " is outside " + std::to_string(low) + " to " + std::to_string(high));
  } else {
    out = number;
  }
  return *this;
}

YamlMap& YamlMap::ReadDuration(std::string_view key, DurationMs& out, DurationMs low,
                               DurationMs high) {
  Note(key, "duration", FormatDuration(out), FormatDuration(low) + " to " + FormatDuration(high));
  const YAML::Node value = Take(key);
  if (!value.IsDefined()) return *this;
  const auto duration = ParseDuration(Scalar(key, value));
  if (!duration.ok()) {
    Fail(key, duration.error().message);
  } else if (*duration < low || *duration > high) {
    Fail(key, FormatDuration(*duration) + " is outside " + FormatDuration(low) + " to " +
                  FormatDuration(high));
  } else {
    out = *duration;
  }
  return *this;
}

YamlMap& YamlMap::ReadStrings(std::string_view key, std::vector<std::string>& out) {
  Note(key, "list of text", out.empty() ? "" : '[' + Joined(out) + ']');
  const YAML::Node value = Take(key);
  if (!value.IsDefined()) return *this;
  if (!value.IsSequence()) {
    Fail(key, "must be a list, like [service, region]");
    return *this;
  }
  out.clear();
  for (const YAML::Node& item : value) out.push_back(Scalar(key, item));
  return *this;
}

YamlMap& YamlMap::ReadTexts(std::string_view key,
                            std::vector<std::pair<std::string, std::string>>& out) {
  ReadMap(key, [&](YamlMap& map) {
    if (!map.node_.IsMap()) return;
    for (const auto& pair : map.node_) {
      if (!pair.first.IsScalar())
        return map.context_.Fail(pair.first.Mark(), map.path_ + ": a name must be text");
      std::string text;
      map.Read(pair.first.Scalar(), text);
      if (map.context_.error) return;
      out.emplace_back(pair.first.Scalar(), std::move(text));
    }
  });
  return *this;
}

YamlMap& YamlMap::ReadChoice(std::string_view key, const std::vector<std::string>& names,
                             size_t& out) {
  Note(key, "choice", out < names.size() ? names[out] : "", Joined(names));
  const YAML::Node value = Take(key);
  if (!value.IsDefined()) return *this;
  const std::string text = Scalar(key, value);
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) {
    out = static_cast<size_t>(found - names.begin());
    return *this;
  }
  Fail(key, "\"" + text + "\" is not one of " + Joined(names));
  return *this;
}

YamlMap& YamlMap::ReadMap(std::string_view key, const std::function<void(YamlMap&)>& reader) {
  Note(key, "mapping");
  YAML::Node value = Take(key);
  if (!value.IsDefined() && context_.facts != nullptr) value = YAML::Node(YAML::NodeType::Map);
  if (!value.IsDefined()) return *this;
  YamlMap map(context_, value, NameOf(key));
  if (context_.error) return *this;
  reader(map);
  map.Finish();
  return *this;
}

YamlMap& YamlMap::ReadList(
    std::string_view key,
    const std::function<void(const YAML::Node&, const std::string& path)>& reader) {
  Note(key, "list");
  const YAML::Node value = Take(key);
  if (context_.facts != nullptr) {
    const std::string entry = NameOf(key) + "[]";
    if (!value.IsDefined()) reader(YAML::Node(YAML::NodeType::Map), entry);
    for (size_t i = 0; value.IsDefined() && i < value.size(); ++i) reader(value[i], entry);
    return *this;
  }
  if (!value.IsDefined()) return *this;
  if (!value.IsSequence()) {
    Fail(key, "must be a list");
    return *this;
  }
  const std::string name = NameOf(key);
  for (size_t i = 0; i < value.size() && !context_.error; ++i) {
    reader(value[i], name + '[' + std::to_string(i) + ']');
  }
  return *this;
}

void YamlMap::Finish() {
  if (context_.error || context_.facts != nullptr || !node_.IsMap()) return;
  std::vector<std::string> seen;
  for (const auto& pair : node_) {
    const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : "";
    const std::string in = path_.empty() ? "" : " in " + path_;
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
      context_.Fail(pair.first.Mark(), "duplicate key \"" + key + "\"" + in);
      return;
    }
    seen.push_back(key);
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const auto nearest = NearestName(key, known_);
    context_.Fail(pair.first.Mark(), "unknown key \"" + key + "\"" + in +
                                         (nearest ? "; did you mean \"" + *nearest + "\"?" : ""));
    return;
  }
}

}  // namespace quell::config
