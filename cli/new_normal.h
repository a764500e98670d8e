// quell incident new-normal: shows what an incident's odd signals would be expected as; makes it
// so.
#pragma once

#include <string>

#include "cli/client/engine_client.h"

namespace quell::cli {

// `key`: whole. Changes nothing unless `yes`. Returns the exit code.
int SayNormal(const EngineFlags& engine, const std::string& key, bool yes);

}  // namespace quell::cli
