// A duplicate classifier as a file (docs/formats/dedup_model.md).
//
// Read by engine/config (dedup_model_file.h), which must find everything that is written here.
#pragma once

#include <string>

#include "replay/dedup/train_dedup.h"

namespace quell::dedup {

// `digest`: of the bytes that it was trained on.
std::string ModelJson(const Trained& trained, const std::string& digest);

}  // namespace quell::dedup
