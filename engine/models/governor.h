// Governor: what stands between the journal and the pipeline that decides. It keeps the registry of
// versions and moves the pipeline to another version's settings where the journal says so.
//
// A version in shadow runs in a second pipeline that begins as the deciding one stands, is fed the
// same records, and whose effects are held against its and go nowhere else.
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
#include "engine/models/differences.h"
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
  // The pipeline beside is made anew under it, as the caller makes the one that decides.
  Status UseBase(config::Config base);
  // Of what decides now.
  [[nodiscard]] const Version& version() const { return version_; }
  // The settings that decide, as a model has them.
  [[nodiscard]] Result<std::string> Settings() const;
  [[nodiscard]] const Registry& registry() const { return registry_; }
  // Of the version in shadow, or of the latest that was since the start; whose it is.
  [[nodiscard]] const Differences& differences() const { return differences_; }
  [[nodiscard]] const std::string& differences_of() const { return differences_of_; }
  [[nodiscard]] TimeMs differences_since() const { return differences_since_; }
  // Null: no version runs beside.
  [[nodiscard]] pipeline::Pipeline* beside() { return beside_.get(); }
  // Makes the pipeline beside where the registry says that there is one, as the deciding one
  // stands.
  Status EnsureBeside();
  [[nodiscard]] const GovernorCounters& counters() const { return counters_; }

  [[nodiscard]] std::string Save();
  // No version is registered.
  void Forget() {
    registry_ = {};
    beside_.reset();
    differences_ = {};
    differences_of_.clear();
    NameVersion();
  }
  // The pipeline that decides is then made anew under Effective(). kCorrupt; where only the
  // pipeline beside is of another version, it is not there (EnsureBeside).
  Status Load(std::string_view bytes);
  // Without the pipeline beside.
  [[nodiscard]] std::string SaveRegistry() const;

 private:
  void Act(const ModelAction& action, TimeMs received);
  Result<std::unique_ptr<pipeline::Pipeline>> Made(const std::string& settings,
                                                   pipeline::Pipeline& from,
                                                   pipeline::PipelineObserver* observer);
  void FollowRegistry(TimeMs at);
  void LoadBeside(const std::string& snapshot);
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
  std::unique_ptr<pipeline::Pipeline> beside_;
  Differences differences_;
  std::string differences_of_;  // version
  TimeMs differences_since_ = 0;
  std::vector<store::Effect> effects_;  // of before a move
  GovernorCounters counters_;
};

}  // namespace quell::models
