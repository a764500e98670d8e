// The matchers of `?filter=`: what a list of alerts or silences is narrowed to.
//
// One is `name="value"`, with =, !=, =~ (anchored) or !~; the quotes may be left out.
// Compared as Alertmanager does: `name=""` also holds where the name is absent, `name!=""` only
// where it is there.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/matcher.h"
#include "core/result.h"

namespace quell::ingest {

// kInvalidArgument in Alertmanager's words.
Result<Matcher> ParseFilter(std::string_view text);

// `values`: by name; of a silence, what its matchers are about.
bool PassesFilters(std::span<const Matcher> filters, const Labels& values);

}  // namespace quell::ingest
