// The SQLite schema and its versions (docs/formats/store.md).
#pragma once

#include "core/result.h"
#include "engine/store/sqlite.h"

namespace quell::store {

inline constexpr int kSchemaVersion = 5;
inline constexpr int kApplicationId = 0x5155454C;  // "QUEL"

// Sets the connection's durability, checks that the file is a sound Quell store of a known version
// (or empty) and brings it to kSchemaVersion, one transaction a version.
Status PrepareSchema(Database& database);

}  // namespace quell::store
