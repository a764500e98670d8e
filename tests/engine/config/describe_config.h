// Every field of a configuration as text, one line each, for comparing two of them.
#pragma once

#include <string>

#include "engine/config/config.h"

namespace quell::config {

// All but `source` and `file`.
std::string Describe(const Config& config);

}  // namespace quell::config
