// OpenMetricsFiles: a run into a folder: metrics.om[.gz|.zst], incidents.json, changes.json and
// manifest.json.
//
// OpenMetrics wants a family's samples together, so a run is kept in memory (about 5 bytes a
// sample) and written series by series at the end. Staleness markers cannot be told in text and
// are left out: the series just ends there.
#pragma once

#include <string>
#include <vector>

#include "replay/simulator/compressed_file.h"
#include "replay/simulator/manifest.h"
#include "replay/simulator/series_log.h"
#include "replay/simulator/simulator.h"

namespace quell::simulator {

class OpenMetricsFiles final : public Sink {
 public:
  explicit OpenMetricsFiles(std::uint64_t samples_max = 2'000'000'000)
      : samples_max_(samples_max) {}

  // kResourceExhausted above `samples_max`.
  Status Accept(const ScrapeView& scrape, const SeriesTable& table) override;

  // kIo naming the path. The folder is made; files of the same names are replaced, and a
  // metrics file of another compression is removed.
  Result<RunCounts> Write(const Simulator& simulator, const std::string& folder,
                          Compression compression) const;
  [[nodiscard]] std::uint64_t samples() const { return samples_; }

 private:
  Status WriteMetrics(const SeriesTable& table, CompressedFile& file) const;

  std::vector<SeriesLog> logs_;
  std::uint64_t samples_ = 0;
  std::uint64_t samples_max_;
};

}  // namespace quell::simulator
