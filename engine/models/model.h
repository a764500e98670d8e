// Model: a version of what decides, as the registry keeps it: what it is made of, which is its
// name, and what people made of it since (docs/models.md).
//
// Values. Texts are bounded where they come in (engine/models/request.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace quell::models {

enum class State : std::uint8_t { kCandidate, kShadow, kCanary, kActive, kRetired };
inline constexpr size_t kStates = 5;
std::string_view StateName(State state);  // "candidate", "shadow", "canary", "active", "retired"

struct Approval {
  std::string by, reason;
  TimeMs at = 0;
};

// What its name is made of: ContentJson's SHA-256.
struct Content {
  std::string settings;  // JSON object (engine/models/settings.h)
  std::string program;   // "0.1.0 (d1a4b71...)": the detectors' formulas and calibration constants
  // Of the detectors' learned state, per-signal calibration included, over which it was registered.
  std::string learned;  // SHA-256
  TimeMs learned_at = 0;
  TimeMs training_from = 0, training_to = 0;  // 0 = nobody said
  std::string training_digest;                // of the data; "" = nobody said
  std::string quality;                        // JSON object of scores; "" = not measured
  std::string author;
};

struct Model {
  std::string id;  // 64 lower-case hex digits
  Content content;
  std::string note;
  TimeMs registered_at = 0;
  State state = State::kCandidate;
  TimeMs state_at = 0;
  std::string state_by, state_reason;  // of the latest move
  std::vector<Approval> approvals;
  std::uint64_t revision = 0;  // of the registry, when it last changed
};

// Fixed order of keys.
std::string ContentJson(const Content& content);
Content ReadContent(std::string_view json);  // what is missing is empty
std::string NameOf(const Content& content);

void PutModel(ByteWriter& out, const Model& model);
Model GetModel(ByteReader& in);

}  // namespace quell::models
