// StreamDraw: a stream while it is drawn. An alert that fires already takes no second truth.
//
// Private to replay/streams.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/random.h"
#include "replay/streams/stream_generator.h"
#include "replay/streams/stream_platform.h"

namespace quell::streams {

// A symptom: a rule that will see its component in trouble.
struct Symptom {
  Labels labels;
  const Rule* rule = nullptr;
  TimeMs onset = 0;
  TimeMs over = 0;
};

class StreamDraw {
 public:
  StreamDraw(const StreamOptions& options, const StreamPlatform& platform, Random& random)
      : options_(options), platform_(platform), random_(random) {}

  [[nodiscard]] const StreamOptions& options() const { return options_; }
  [[nodiscard]] const StreamPlatform& platform() const { return platform_; }
  [[nodiscard]] Random& random() { return random_; }

  // Asked for in the order of nothing: what overlaps is settled by Take, the earlier onset first.
  void Add(Symptom symptom, const std::string& incident);
  [[nodiscard]] std::vector<StreamAlert> Take();

  // Whether the place is not out as a whole already, or was within the hour: takes it until `over`.
  bool TakePlace(int place, TimeMs onset, TimeMs over);
  [[nodiscard]] DurationMs Around(DurationMs mean);  // exponential
  [[nodiscard]] bool Chance(double probability) { return random_.Uniform() < probability; }

 private:
  [[nodiscard]] StreamAlert Fire(const Symptom& symptom, const std::string& incident);

  const StreamOptions& options_;
  const StreamPlatform& platform_;
  Random& random_;
  struct Asked {
    Symptom symptom;
    std::string incident;
  };
  std::vector<Asked> asked_;
  std::map<int, TimeMs> out_until_;
};

void DrawIncidents(StreamDraw& draw);   // stream_faults.cc
void DrawBackground(StreamDraw& draw);  // stream_noise.cc

}  // namespace quell::streams
