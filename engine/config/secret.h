// Secrets come from files or the environment, never from the configuration itself.
#pragma once

#include <string>
#include <string_view>

#include "engine/config/yaml_reader.h"

namespace quell::config {

// The secret named by `<key>_file` or `<key>_env`, of which exactly one must be given, without
// blanks and line ends behind it. Errors go to the map's context; the value never reaches their
// text.
void ReadSecret(YamlMap& map, const std::string& key, std::string& out);

// The content of `file`, as above. `key` is what errors name.
void ReadSecretFile(YamlMap& map, std::string_view key, const std::string& file, std::string& out);

// The value of the environment variable `variable`, as above.
void ReadSecretVariable(YamlMap& map, std::string_view key, const std::string& variable,
                        std::string& out);

}  // namespace quell::config
