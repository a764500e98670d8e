// What pages the same history otherwise, side by side: another configuration, static rules.
#pragma once

#include <string>

#include "replay/scoring/scoring.h"

namespace quell::replay {

// Scores what another configuration paged; `name` is what people call it.
Compared CompareWith(const std::string& name, const ReplayResult& other,
                     const std::vector<LabelledIncident>& incidents, const ScoringOptions& options);

std::string ComparisonText(const Report& report);     // for the terminal; "" without another
std::string ComparisonSection(const Report& report);  // HTML; "" without another

}  // namespace quell::replay
