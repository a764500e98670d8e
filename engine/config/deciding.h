// What of a configuration decides: every field on which alerts, incidents and pages depend, as
// text, one line each. Not: addresses, receivers, limits of the way in, secrets.
//
// Two configurations with equal text decide alike; a value that is named and equals its default
// changes nothing. Pure; doubles are written so that they come back the same.
#pragma once

#include <string>

#include "engine/config/config.h"

namespace quell::config {

std::string DescribeDeciding(const Config& config);

// SHA-256 of all that a configuration says, and of the flags beside it. Its text names files and
// variables of secrets, never their values.
std::string ConfigDigest(const Config& config);

}  // namespace quell::config
