// Policies: the `policies:` list of the configuration, and `policy:` of a signal.
#pragma once

#include <vector>

#include "engine/config/yaml_reader.h"
#include "engine/signals/policy.h"

namespace quell::config {

// The fields of a policy that are present; errors go to the map's context.
signals::PolicyChange ReadPolicyChange(YamlMap& map);

// Bounded; an entry needs `match`.
void ReadPolicies(YamlMap& root, std::vector<signals::PolicyRule>& out);

}  // namespace quell::config
