// What a client asks for when it acts upon a version of what decides: POST /api/v1/models...
//
// Pure functions over the request's body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "engine/models/action.h"

namespace quell::api {

// What is done with one version at its own path.
inline constexpr models::ActionKind kModelActions[] = {
    models::ActionKind::kApprove, models::ActionKind::kShadow, models::ActionKind::kPromote,
    models::ActionKind::kRetire};

inline constexpr size_t kModelReasonMax = 1000;
inline constexpr size_t kModelQualityMax = 64U << 10U;

struct ModelRequest {
  models::ActionKind kind = models::ActionKind::kRegister;
  std::string model;  // whose; of a rollback the one that is to be left
  std::string by, reason;
  std::optional<std::uint64_t> if_revision;  // of If-Match
  // kRegister
  std::string settings;  // JSON object: what differs from what decides
  std::string quality;   // JSON object; "" = not measured
  TimeMs training_from = 0, training_to = 0;
  std::string training_digest;
  double share = 0;  // kCanary
};

// kInvalidArgument naming the field. An empty body is an empty object, but a registration needs
// settings. `identity` is who asks: where it is known, nobody else can be named as `by`.
Result<ModelRequest> ParseModelRequest(models::ActionKind kind, std::string_view body,
                                       std::string_view identity);

// "7" of the tag "7"; nothing of any other tag.
std::optional<std::uint64_t> RevisionOfTag(std::string_view tag);

}  // namespace quell::api
