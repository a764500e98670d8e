// The duplicate classifier that `quell train-dedup` wrote (docs/formats/dedup_model.md).
#pragma once

#include <string>

#include "core/result.h"
#include "engine/config/config.h"
#include "engine/incidents/dedup_model.h"

namespace quell::config {

// Errors name file:line:column and the field. kUnsupported: of another version than this program's.
Result<incidents::DedupModel> ParseDedupModel(const std::string& text, const std::string& file);

// Reads `incidents.dedup_model` where it is set, and lets incidents be judged by it. Otherwise, and
// where it cannot be used, the built-in weights judge: says why in a log line, which is no reason
// not to serve. Sets config.dedup_state.
void UseDedupModel(Config& config);

}  // namespace quell::config
