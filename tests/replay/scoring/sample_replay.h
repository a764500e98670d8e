// A made-up replay with a bit of everything, the same for one seed: caught, missed and doubled
// incidents, a false page, plots, and each detector's firings.
#pragma once

#include <vector>

#include "replay/scoring/scoring.h"

namespace quell::replay {

struct SampleReplay {
  ReplayResult result;
  std::vector<LabelledIncident> incidents;
};

SampleReplay MakeSampleReplay(std::uint64_t seed);

// A fresh folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  // Writes `text` and returns the file's path.
  [[nodiscard]] std::string File(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace quell::replay
