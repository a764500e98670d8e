// Version: the name of what decides, by its content (docs/models.md).
//
// Two engines with one version decide alike on one journal. It covers every setting that decides,
// a learned duplicate model's numbers, and the program (version and commit: the detectors' formulas
// and calibration constants are part of it); not receivers, addresses and secrets. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/config/config.h"

namespace quell::models {

struct Version {
  std::string id;        // 64 lower-case hex digits
  std::string settings;  // SHA-256 of the settings that decide
  std::string config;    // SHA-256 of the whole configuration (config::ConfigDigest)
  std::string code;      // "0.1.0 (d1a4b71...)"
  bool operator==(const Version&) const = default;
};

// REQUIRES: config::UseDedupModel was called on it.
Version VersionOf(const config::Config& config, std::string_view program, std::string_view commit);

}  // namespace quell::models
