// What each of the user's static rules did, for people.
#pragma once

#include <string>

#include "replay/scoring/scoring.h"

namespace quell::replay {

std::string StaticRulesText(const Report& report);     // for the terminal; "" without rules
std::string StaticRulesSection(const Report& report);  // HTML; "" without rules

}  // namespace quell::replay
