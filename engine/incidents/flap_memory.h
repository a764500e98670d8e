// FlapMemory: alerts that open page after page, and for how long they then stay quiet.
//
// An identity (fingerprint) that has opened four episodes in six hours is flapping. Its mute is
// bounded: from its last page on an hour where critical, two hours else; and an episode that
// keeps firing for 15 minutes is no flap and pages. Bounded memory; thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/bytes.h"
#include "engine/incidents/alert.h"

namespace quell::incidents {

class FlapMemory {
 public:
  // The alert opened an incident that paged (`paged`) or would have, but for the mute.
  void Opened(const Alert& alert, TimeMs now, bool paged);
  [[nodiscard]] bool Muted(const Alert& alert, TimeMs now) const;
  void Forget(TimeMs now);

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  struct Record {
    std::vector<TimeMs> opened;  // the latest few, ascending
    TimeMs muted_until = 0;
  };
  std::map<std::uint64_t, Record> records_;
};

}  // namespace quell::incidents
