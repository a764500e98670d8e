// Governor: what stands between the journal and the pipeline that decides. It keeps the registry of
// versions and moves the pipeline to another version's settings where the journal says so.
//
// A function of (configuration, journal records), like the pipeline: a replay of the journal moves
// at the same records. What was learned is kept over a move; only settings change.
// Thread-compatible: one owner, the pipeline's. State: version 1 (docs/formats/snapshot.md).
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/config.h"
#include "engine/models/registry.h"
#include "engine/models/version.h"
#include "engine/pipeline/pipeline.h"

namespace quell::models {

struct GovernorCounters {
  std::array<std::uint64_t, kActionKinds> taken{};
  std::uint64_t refused = 0;  // records of the journal that the registry did not take
};

class Governor {
 public:
  // `pipeline` is the one that decides; the governor puts others in its place. Both are borrowed
  // and must outlive it; the pipeline need not be there yet, and is made under Effective().
  // REQUIRES: config::UseDedupModel was called on the configuration.
  Governor(config::Config base, std::string_view program, std::string_view commit,
           std::unique_ptr<pipeline::Pipeline>& pipeline, pipeline::PipelineObserver* observer)
      : base_(std::move(base)),
        program_(program),
        commit_(commit),
        pipeline_(pipeline),
        observer_(observer) {
    NameVersion();
  }
  // Called when another pipeline has taken the place of the one that decides.
  void OnMove(std::function<void(const pipeline::Pipeline&)> call) { on_move_ = std::move(call); }

  // The journal's way in. REQUIRES: the pipeline is there.
  void Apply(const ingest::JournalRecord& record);
  // What was decided since the last call, in order, each with the version that decided it.
  std::vector<store::Effect> TakeEffects();

  // The configuration with the settings of the version that decides.
  [[nodiscard]] Result<config::Config> Effective(const config::Config& base) const;
  [[nodiscard]] const config::Config& base() const { return base_; }
  void UseBase(config::Config base) {
    base_ = std::move(base);
    NameVersion();
  }
  // Of what decides now.
  [[nodiscard]] const Version& version() const { return version_; }
  // The settings that decide, as a model has them.
  [[nodiscard]] Result<std::string> Settings() const;
  [[nodiscard]] const Registry& registry() const { return registry_; }
  [[nodiscard]] const GovernorCounters& counters() const { return counters_; }

  [[nodiscard]] std::string Save();
  // No version is registered.
  void Forget() {
    registry_ = {};
    NameVersion();
  }
  // Of the registry alone; the pipeline is then made anew under Effective(). kCorrupt.
  Status Load(std::string_view bytes);

 private:
  void Act(const ModelAction& action, TimeMs received);
  Result<std::unique_ptr<pipeline::Pipeline>> MoveTo(const std::string& settings);
  [[nodiscard]] const Model* Next(const ModelAction& action) const;
  void Gather();
  void NameVersion();

  config::Config base_;
  std::string program_, commit_;
  std::unique_ptr<pipeline::Pipeline>& pipeline_;
  pipeline::PipelineObserver* observer_;
  std::function<void(const pipeline::Pipeline&)> on_move_;
  Registry registry_;
  Version version_;
  std::vector<store::Effect> effects_;  // of before a move
  GovernorCounters counters_;
};

}  // namespace quell::models
