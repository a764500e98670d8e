// What a registration of a model version is made of: a configuration, a replay's report, data.
//
// Functions of the files alone.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/result.h"

namespace quell::cli {

struct ModelFiles {
  std::string config;             // a whole configuration, or only what differs
  std::string report;             // replay's report.json; "" = not measured
  std::vector<std::string> data;  // files and folders that it was measured on
};

// The body of POST /api/v1/models, but for the note. Errors name the file.
Result<nlohmann::ordered_json> RegistrationOf(const ModelFiles& files);

}  // namespace quell::cli
