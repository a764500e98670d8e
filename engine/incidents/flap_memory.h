// FlapMemory: alerts that open page after page, and for how long they then stay quiet.
//
// How much an identity (fingerprint) flaps is its weighted share of state changes, as Nagios has
// it: of 20 changes that six hours have room for, each weighs from 0.8 (six hours ago) to 1.2
// (now); an episode is two, the one that runs is one. From 34 % on it is flapping (four episodes in
// six hours), until that is below 20 % and its mute is over. The mute is bounded: from its last
// page on an hour where critical, two hours else; and an episode that keeps firing for 15 minutes
// is no flap and pages. Bounded memory; thread-compatible.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/bytes.h"
#include "engine/incidents/alert.h"

namespace quell::incidents {

// That an identity began to flap, or does so no more.
struct FlapNews {
  TimeMs at = 0;
  bool began = false;
  Labels labels;
  double share = 0;        // weighted, of state changes
  TimeMs muted_until = 0;  // where it began
};

class FlapMemory {
 public:
  // The alert opened an incident that paged (`paged`) or would have, but for the mute.
  void Opened(const Alert& alert, TimeMs now, bool paged);
  [[nodiscard]] bool Muted(const Alert& alert, TimeMs now) const;
  void Forget(TimeMs now);
  std::vector<FlapNews> TakeNews();  // since the last call, in order

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  struct Record {
    std::vector<TimeMs> opened;  // the latest few, ascending
    TimeMs muted_until = 0;
    bool flapping = false;
    Labels labels;  // while it is
  };
  static double Share(const Record& record, TimeMs now);

  std::map<std::uint64_t, Record> records_;
  std::vector<FlapNews> news_;  // not saved: taken after every step
};

}  // namespace quell::incidents
