// The report's head: the verdict in one sentence, the headline numbers, the tables.
#pragma once

#include <string>

#include "replay/scoring/result.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

std::string VerdictSentence(const ReplayResult& result, const Report& report);
std::string ScoreCards(const ReplayResult& result, const Report& report);
std::string KindSection(const Report& report);      // "" where no incident was scored
std::string DetectorSection(const Report& report);  // "" where there is no ablation

}  // namespace quell::replay
