// Whether JSON is what a schema of an OpenAPI file says: the part of JSON Schema that ours uses.
#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace quell::test {

// What does not fit, each with its place; empty where all does. Stricter than JSON Schema in one
// point: a member that `properties` does not name is told, unless there are additionalProperties.
std::vector<std::string> CheckSchema(const YAML::Node& file, const YAML::Node& schema,
                                     const nlohmann::json& value, const std::string& place = "$");

// What "#/components/..." points at.
YAML::Node Referred(const YAML::Node& file, YAML::Node node);

}  // namespace quell::test
