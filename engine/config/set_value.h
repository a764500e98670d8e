// Sets one value in a configuration's text and leaves everything else, comments too, as it is.
#pragma once

#include <string>

#include "core/result.h"

namespace quell::config {

// `key` of the root, or of the map `section` of the root where that is not empty; added where it is
// missing. Block style only: kUnsupported naming the key where the section is written as {...}.
// The text is taken as valid.
Result<std::string> SetValue(const std::string& text, const std::string& section,
                             const std::string& key, const std::string& value);

}  // namespace quell::config
