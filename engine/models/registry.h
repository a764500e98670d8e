// Registry: the versions of what decides, in which state each is, and which one decides.
//
// candidate -> shadow -> canary -> active -> retired; steps may be left out, and what was retired
// comes back by a rollback alone. Which moves are legal is one table (registry.cc). One version at
// a time is in shadow or canary; one is active, or none: then the configuration's own settings
// decide. A function of the actions taken, in their order. Bounded: kVersionsMax versions; the
// oldest retired one that no rollback leads to makes room. Thread-compatible. State: version 1,
// part of an engine's snapshot (docs/formats/snapshot.md).
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "engine/models/action.h"
#include "engine/models/model.h"

namespace quell::models {

// Why an action was not taken.
enum class Refusal : std::uint8_t {
  kNone,  // it was
  kUnknownModel,
  kAlreadyRegistered,
  kFull,          // kVersionsMax, and none may go
  kAlreadyThere,  // it is in that state
  kIsCanary,      // beyond shadow
  kIsActive,      // it decides: roll back, or promote another
  kIsRetired,
  kApprovedAlready,  // by the same person
  kTooManyApprovals,
  kNotActive,      // only what decides can be rolled back
  kNothingBefore,  // the configuration's own settings decide
};
std::string_view RefusalName(Refusal refusal);   // "unknown_model", ...
std::string_view RefusalWords(Refusal refusal);  // a sentence's end

class Registry {
 public:
  static constexpr size_t kVersionsMax = 100;
  static constexpr size_t kApprovalsMax = 20;
  static constexpr size_t kActionsRemembered = 1000;

  // Whether Take would refuse. Pure.
  [[nodiscard]] Refusal Check(const ModelAction& action) const;
  // One that is not retired and differs from what is to be registered in nothing but what was
  // learned when; null where there is none.
  [[nodiscard]] const Model* Twin(const ModelAction& action) const;
  // An action whose id was taken before changes nothing and is kNone.
  Refusal Take(const ModelAction& action);
  [[nodiscard]] bool Knows(const std::string& action_id) const { return seen_.contains(action_id); }

  [[nodiscard]] const std::vector<Model>& models() const { return models_; }  // by age
  [[nodiscard]] const Model* Find(std::string_view id) const;
  // The version that decides; null: the configuration's own settings do.
  [[nodiscard]] const Model* Active() const { return line_.empty() ? nullptr : Find(line_.back()); }
  // What a rollback leads to; null: the configuration's own settings, or nothing (Active() is
  // null).
  [[nodiscard]] const Model* Before() const {
    return line_.size() < 2 ? nullptr : Find(line_[line_.size() - 2]);
  }
  // The one in shadow or canary; null: none is.
  [[nodiscard]] const Model* Beside() const;
  [[nodiscard]] double canary_share() const { return canary_share_; }
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where it does not decode

 private:
  Model* Own(std::string_view id);
  void Move(Model& model, State state, const ModelAction& action);
  void EndBeside(const ModelAction& action);
  [[nodiscard]] std::vector<Model>::const_iterator Spare() const;
  void Register(const ModelAction& action);
  void Remember(const std::string& action_id);

  std::vector<Model> models_;
  std::vector<std::string> line_;  // versions that were promoted, each above the one before it
  double canary_share_ = 0;
  std::uint64_t revision_ = 0;
  std::deque<std::string> order_;  // of seen_
  std::set<std::string> seen_;     // ids of actions
};

}  // namespace quell::models
