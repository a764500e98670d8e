// report.html: one self-contained page for the person who decides whether to trust the paging.
#pragma once

#include <string>

#include "replay/scoring/result.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

// `incidents_given`: how many were labelled, before those that ended too early were left out.
std::string HtmlReport(const ReplayResult& result, const Report& report, size_t incidents_given);

}  // namespace quell::replay
