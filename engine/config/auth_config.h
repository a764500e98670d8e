// The `auth:` mapping of the configuration, secrets resolved.
#pragma once

#include "engine/auth/options.h"
#include "engine/config/yaml_reader.h"

namespace quell::config {

// Reads `auth` below `root`, if it is there. Errors go to the map's context; neither tokens nor
// hashes reach their text.
void ReadAuth(YamlMap& root, auth::Options& out);

}  // namespace quell::config
