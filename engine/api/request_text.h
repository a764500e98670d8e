// A text out of a request's JSON body, for whoever reads one. Stateless; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/result.h"

namespace quell::api {

// kInvalidArgument naming `key`: it is no string, or longer than `bytes_max`.
inline Status ReadText(const std::string& key, const nlohmann::ordered_json& value,
                       size_t bytes_max, std::string& out) {
  if (!value.is_string()) {
    return MakeError(ErrorCode::kInvalidArgument, key + " must be a string");
  }
  out = value.get<std::string>();
  if (out.size() > bytes_max) {
    return MakeError(ErrorCode::kInvalidArgument,
                     key + " is longer than " + std::to_string(bytes_max) + " bytes");
  }
  return Ok{};
}

}  // namespace quell::api
