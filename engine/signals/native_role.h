// What a native histogram is to a configured signal.
//
// Selectors may name it as it is sent (`x`) or by the name of the classic series that it stands
// for: `x_bucket` in a quantile, `x_count` in a ratio or rate. So a configuration goes on working
// when its metrics become native.
#pragma once

#include <cstdint>

#include "core/labels.h"
#include "engine/signals/definition.h"

namespace quell::signals {

// Bits of Role; 0 = nothing.
std::uint8_t NativeRole(const SignalDef& def, const Labels& labels);

}  // namespace quell::signals
