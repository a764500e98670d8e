// The reference of all keys, as the code that reads them asks for them: docs/configuration.md.
//
// The readers are run over samples that need no file and no secret, and every key that they ask for
// is noted with its type, default and bounds. What a key is for and what it costs is said by
// configs/quell.yaml. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/config/yaml_reader.h"

namespace quell::config {

// What reading `sample` asks for, in order, as often as it does (config.cc).
void NoteKeys(const YAML::Node& sample, std::vector<KeyFact>& out);

// Every key once, in the order of reading. A default that depends on a `type` says so.
std::vector<KeyFact> ListKeys();

// The same as a page of Markdown.
std::string KeyReference();

}  // namespace quell::config
