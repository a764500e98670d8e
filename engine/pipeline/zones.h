// Which time zone a signal lives in: by a label that names a place. A season is one of local civil
// time, daylight saving included.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/civil_time.h"
#include "core/labels.h"

namespace quell::pipeline {

struct ZoneOptions {
  TimeZone fallback;             // where the label is absent or its value unknown
  std::string label = "region";  // whose value names the place
  std::map<std::string, TimeZone> by_value;
};

class Zones {
 public:
  explicit Zones(const ZoneOptions& options);

  // The number of a signal's zone; numbers are below size().
  [[nodiscard]] std::uint16_t Of(const Labels& labels) const;
  [[nodiscard]] size_t size() const { return zones_.size(); }
  DurationMs OffsetAt(std::uint16_t zone, TimeMs time) { return zones_[zone].OffsetAt(time); }
  // What a snapshot's offsets depend on; "" for UTC alone.
  [[nodiscard]] std::string Digest() const;

 private:
  std::string label_;
  std::map<std::string, std::uint16_t, std::less<>> numbers_;  // by value of the label
  std::vector<TimeZone> zones_;                                // 0: the fallback
};

}  // namespace quell::pipeline
