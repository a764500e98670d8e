// Random identifiers (UUID version 4) from the system's generator. Thread-safe.
#pragma once

#include <string>

#include "core/result.h"

namespace quell::api {

Result<std::string> NewUuid();  // kIo

}  // namespace quell::api
