// Similar: the earlier incidents that look most like one, and how those ended.
//
// Weighted Jaccard: what both have over what either has, of labels of the scope (3 each), names of
// alerts (2) and kinds of signals (1). Deterministic, bounded.
#pragma once

#include "engine/postmortem/recorded.h"

namespace quell::postmortem {

inline constexpr size_t kLookedAtMax = 500;  // incidents, the latest changed
inline constexpr size_t kSimilarMax = 5;
inline constexpr double kSimilarLeast = 0.3;

// In [0, 1], of two incidents' JSON; what they share goes to `shared` unless it is null.
double SimilarityOf(const Json& one, const Json& other, std::vector<std::string>* shared = nullptr);

// {"similar": [...], "looked_at": n}, the most similar first, then the latest: those that opened
// before it and were not merged away. Form: SimilarIncidents in docs/openapi.yaml.
Result<Json> SimilarTo(store::Store& store, const Json& incident);
// kNotFound where there is no such incident.
Result<std::string> SimilarJson(store::Store& store, const std::string& key);

}  // namespace quell::postmortem
