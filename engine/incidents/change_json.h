// Change events as JSON: {"id", "time" or "start"/"end", "kind", "note"?, ...labels}.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "engine/incidents/change.h"

namespace quell::incidents {

// One object. Times are RFC 3339 or epoch seconds; every other string member is a label of the
// scope. kInvalidArgument naming `where`, the field and the value.
Result<Change> ParseChangeJson(std::string_view json, std::string_view where);

// Who announced it is no label: {"announced_by"}, which Quell sets itself.
inline constexpr const char* kAnnouncedBy = "announced_by";
std::string AnnouncerOf(std::string_view json);  // "" = not known

}  // namespace quell::incidents
