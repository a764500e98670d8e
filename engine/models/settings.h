// A version's settings: the part of a configuration that a model sets, as a JSON object whose
// numbers are written as the configuration's text has them ({"incidents": {"hold": "90s"}}).
//
// Whole: what a registration does not name is taken from what decided then. What signals are made
// of stays the configuration's: of a signal that a model names, only what is asked of it is taken.
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/config/config.h"

namespace quell::models {

inline constexpr size_t kSettingsBytesMax = 256U << 10U;

// Of a configuration file's text. What a model does not set (receivers, addresses, limits) is left
// out; `step`, `time_zones` and `discovery`, which it cannot change, stay in to be held against the
// running ones.
Result<std::string> SettingsOfText(const std::string& yaml, const std::string& file);

// `changes` over `present`: mappings key by key, everything else whole. Refuses keys that a model
// does not set, and others than `base`'s where it cannot change them, with the key's name
// (kInvalidArgument).
Result<std::string> MergeSettings(const config::Config& base, const std::string& present,
                                  const std::string& changes);

// `base` with these settings. kInvalidArgument naming the key.
Result<config::Config> WithSettings(const config::Config& base, const std::string& settings);

struct SettingChange {
  std::string key;       // "incidents.hold"
  std::string from, to;  // JSON; "" = not set
};
// In the order of `to`, then what only `from` has.
std::vector<SettingChange> DiffSettings(const std::string& from, const std::string& to);

}  // namespace quell::models
