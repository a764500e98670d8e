// A change event's JSON without what must not be stored.
#pragma once

#include <string>

#include "ingest/redaction.h"

namespace quell::api {

// Labels of the scope as those of series, so that they still match (where theirs are dropped,
// nothing); the note masked in place; an id or kind hashed. Times stay. The JSON is written anew:
// what its reader does not see (the first of two equal keys) is not kept either. REQUIRES:
// incidents::ParseChangeJson takes `json`.
// Without what it says of who announces it; `by` does, where it is known.
std::string RedactChange(const std::string& json, const ingest::Redactor& redactor,
                         ingest::RedactionCounters& counters, const std::string& by = "");

}  // namespace quell::api
