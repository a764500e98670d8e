// Versions of what decides as the API shows them.
//
// Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/models/differences.h"
#include "engine/models/gates.h"
#include "engine/models/registry.h"

namespace quell::api {

struct ModelContext {
  std::string now;       // name of what decides
  std::string settings;  // of what decides, as a model has them
  models::DataNow data;  // of the running engine
  config::ModelsConfig rules;
  std::string program;  // that runs
};

// A row of the list.
nlohmann::ordered_json ModelRow(const models::Model& model);
// One, with its settings, how they differ from those that decide, and whether the gates hold now.
nlohmann::ordered_json ModelDetails(const models::Model& model, const ModelContext& context);
nlohmann::ordered_json DifferenceList(const models::Differences& differences, TimeMs since);
nlohmann::ordered_json ModelList(const models::Registry& registry, const ModelContext& context);

}  // namespace quell::api
