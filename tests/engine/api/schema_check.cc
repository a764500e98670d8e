#include "tests/engine/api/schema_check.h"

#include <algorithm>

namespace quell::test {
namespace {

using Json = nlohmann::json;
using Found = std::vector<std::string>;

bool IsOfType(const std::string& type, const Json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

bool IsAmong(const YAML::Node& list, const std::string& text) {
  return std::any_of(list.begin(), list.end(),
                     [&](const YAML::Node& one) { return one.as<std::string>() == text; });
}

void Append(Found more, Found& out) { out.insert(out.end(), more.begin(), more.end()); }

void CheckMembers(const YAML::Node& file, const YAML::Node& schema, const Json& value,
                  const std::string& place, Found& out) {
  for (const YAML::Node& name : schema["required"]) {
    if (!value.contains(name.as<std::string>())) {
      out.push_back(place + ": " + name.as<std::string>() + " is missing");
    }
  }
  const YAML::Node names = schema["properties"];
  const YAML::Node others = schema["additionalProperties"];
  for (const auto& [name, member] : value.items()) {
    const YAML::Node known = names ? names[name] : YAML::Node(YAML::NodeType::Undefined);
    const std::string inside = place + '.' + name;
    if (known) {
      Append(CheckSchema(file, known, member, inside), out);
    } else if (others && others.IsMap()) {
      Append(CheckSchema(file, others, member, inside), out);
    } else if (!others) {
      out.push_back(inside + ": is not in the schema");
    }
  }
}

}  // namespace

YAML::Node Referred(const YAML::Node& file, YAML::Node node) {
  while (node.IsMap() && node["$ref"]) {
    const std::string path = node["$ref"].as<std::string>().substr(2) + '/';
    YAML::Node at = file;
    for (size_t begin = 0; begin < path.size();) {
      const size_t end = path.find('/', begin);
      at.reset(at[path.substr(begin, end - begin)]);
      begin = end + 1;
    }
    node.reset(at);
  }
  return node;
}

Found CheckSchema(const YAML::Node& file, const YAML::Node& given, const Json& value,
                  const std::string& place) {
  Found out;
  const YAML::Node schema = Referred(file, given);
  if (!schema.IsMap() || !schema["type"]) return {place + ": has no schema"};
  const YAML::Node type = schema["type"];
  bool fits = type.IsScalar() && IsOfType(type.as<std::string>(), value);
  if (type.IsSequence()) {
    fits = std::any_of(type.begin(), type.end(), [&](const YAML::Node& one) {
      return IsOfType(one.as<std::string>(), value);
    });
  }
  if (!fits) return {place + ": " + value.dump() + " is of another type"};
  if (schema["enum"] && value.is_string() && !IsAmong(schema["enum"], value.get<std::string>())) {
    out.push_back(place + ": " + value.dump() + " is not among the values");
  }
  if (value.is_object()) CheckMembers(file, schema, value, place, out);
  if (value.is_array() && schema["items"]) {
    for (size_t i = 0; i < value.size(); ++i) {
      Append(CheckSchema(file, schema["items"], value[i], place + '[' + std::to_string(i) + ']'),
             out);
    }
  }
  return out;
}

}  // namespace quell::test
