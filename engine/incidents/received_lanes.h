// ReceivedLanes: which lanes others' alerts have been on, and how often each of them fires.
//
// Of Quell's own signals it is known which exist; of alerts that others send only what has been
// seen. Without that every scope of theirs would be full and every label telling, as only what
// alerts now would be known. And an alert that fires day and night begins beside everything.
//
// Counts halve every day and an alert counts at most once in ten minutes. Bounded: what was seen
// the longest time ago is forgotten first. Thread-compatible.
#pragma once

#include <cstdint>
#include <map>

#include "core/bytes.h"
#include "core/labels.h"
#include "engine/incidents/alert.h"

namespace quell::incidents {

class ReceivedLanes {
 public:
  void Saw(const Alert& alert, TimeMs now);

  // By what LaneLabels() (scope_index.h) leaves of an alert's labels, and when each was seen last.
  [[nodiscard]] const std::map<Labels, TimeMs>& lanes() const { return lanes_; }
  [[nodiscard]] bool Knows(const Labels& labels) const;
  // Changes whenever lanes do.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  // How often the alert has fired lately, besides this time.
  [[nodiscard]] double Firings(const Alert& alert, TimeMs now) const;

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where the bytes are not sound

 private:
  struct Count {
    double value = 0;  // as of `at`
    TimeMs at = 0;
  };
  std::map<Labels, TimeMs> lanes_;
  std::map<std::uint64_t, Count> counts_;  // by fingerprint
  std::uint64_t version_ = 0;
};

}  // namespace quell::incidents
