// SmallWorld: journal records of a few payment lanes, one record a step, and what pipelines make of
// them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/random.h"
#include "engine/pipeline/pipeline.h"
#include "ingest/sample.h"

namespace quell::pipeline {

inline constexpr TimeMs kMonday = 1787529600000;  // 2026-08-24T00:00:00Z
inline constexpr DurationMs kStep = 30 * kSecondMs;

class SmallWorld {
 public:
  // How lane `psp` fares at step i: the share that fails, and the factor on its volume.
  struct Lane {
    double failing = 0.02;
    double volume = 1;
    bool reports = true;
  };
  using Story = std::function<Lane(const std::string& psp, int step)>;

  explicit SmallWorld(std::uint64_t seed) : random_(seed) {}

  // Records of `steps` steps from kMonday: counters with outcomes, a histogram and a gauge a lane.
  std::vector<ingest::JournalRecord> Records(int steps, const Story& story);

 private:
  struct Series {
    Labels labels;
    double value = 0;
  };
  void Step(size_t lane, const Lane& fare, double expected);

  Random random_;
  std::vector<Series> series_;
};

ingest::JournalRecord SamplesRecord(std::uint64_t sequence, TimeMs received,
                                    const ingest::SampleBatch& batch);
ingest::JournalRecord TickRecord(std::uint64_t sequence, TimeMs received);

// Volumes of PSPs that alert when they are missing.
PipelineOptions VolumesMustReport();
std::unique_ptr<Pipeline> MakePipeline(const PipelineOptions& options = {});

// Effects as one text, for comparing byte for byte.
std::string Text(const std::vector<store::Effect>& effects);

// The notifications among effects: "trigger 2026-08-24T10:00:00.000Z KEY", in order.
struct Sent {
  std::string action;
  TimeMs at = 0;
  std::string key;
  std::string body;
};
std::vector<Sent> Notifications(const std::vector<store::Effect>& effects);
size_t CountAction(const std::vector<Sent>& sent, const std::string& action);

}  // namespace quell::pipeline
