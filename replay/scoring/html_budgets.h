// The trade between recall and false pages: a table by page budget, and its precision-recall curve.
#pragma once

#include <string>

#include "replay/scoring/scoring.h"

namespace quell::replay {

std::string BudgetSection(const Report& report);  // "" where no budget was replayed
// Inline SVG; "" below two budgets, or where there was no incident or no page to judge.
std::string BudgetCurve(const Report& report);

}  // namespace quell::replay
