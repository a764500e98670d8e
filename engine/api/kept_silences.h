// What people silenced, beside the snapshot: the journal forgets after journal.age_max, and a
// pipeline that learns anew from it would forget with it (docs/formats/snapshot.md).
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "ingest/alerts/silence.h"

namespace quell::api {

Status KeepSilences(const std::string& path, const std::vector<ingest::Silence>& silences);
// None where there is no file; kCorrupt where it does not decode.
Result<std::vector<ingest::Silence>> KeptSilences(const std::string& path);

}  // namespace quell::api
