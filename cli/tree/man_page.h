// The manual page quell(1) in man(7) macros, written from the tree of verbs. Pure: no date.
#pragma once

#include <string>
#include <string_view>

#include "cli/tree/walk.h"

namespace quell::cli {

// `exit_codes`: lines "CODE meaning".
std::string ManPage(const Verb& root, std::string_view version, std::string_view exit_codes);

}  // namespace quell::cli
