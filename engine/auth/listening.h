// May a server listen there, with what it asks of those who come? Pure.
#pragma once

#include <string_view>

#include "engine/auth/options.h"

namespace quell::auth {

// 127.0.0.0/8, ::1, their IPv4-mapped forms, and "localhost". Other names are not resolved.
bool IsLoopback(std::string_view host);

enum class Transport {
  kPlain,
  kTls,
  kMutualTls,  // no client gets in without a certificate of the configured authority
};

enum class Exposure {
  kFine,
  kUnauthenticated,  // refuse: other machines reach it, and nothing is asked of them
  kAllowed,          // the same, and the operator says that it is meant
  kCleartext,        // warn: credentials cross the network unencrypted
};

Exposure JudgeExposure(std::string_view host, const Options& options, Transport transport,
                       bool allow_unauthenticated);

}  // namespace quell::auth
