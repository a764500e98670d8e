// The tables of a quality run, in Markdown, as docs/quality.md shows them.
#pragma once

#include <span>
#include <string>

#include "bench/quality_set.h"

namespace quell::bench {

// Each set, then `all` of them together: Quell beside the baselines and the bound.
std::string FormatSets(std::span<const QualitySet> sets, const QualitySet& all);
// By kind of incident, over all sets.
std::string FormatKinds(const QualitySet& all);
// Which of the targets are met, one line each.
std::string FormatTargets(std::span<const QualitySet> sets, const QualitySet& all);

}  // namespace quell::bench
