// ChangeBook: what was announced, which alerts that explains, and what to name on a page.
//
// Maintenance  mutes every alert that its scope covers and that began inside the window.
// Promotion, holiday, launch, decommission, cut-over
//              mute volume alerts in the direction that fits; never failures or latencies.
// Deploy, rollback
//              mute nothing; those that began up to 30 minutes before are named.
// A scope covers an alert when each of its labels is on the alert with an equal value. A label
// that the alert does not have is judged by the incident's scope: it must be there and equal.
// Effects outlast an announced end by a grace time, as detectors need ten points to calm down; what
// a volume did under a change is explained for six hours more.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "engine/incidents/change.h"
#include "engine/incidents/incident_engine.h"

namespace quell::incidents {

class ChangeBook {
 public:
  // A change with a known id replaces the earlier version. Bounded: 10,000, the oldest go first.
  void Add(const Change& change);
  // Drops what ended more than two days before `now`.
  void Forget(TimeMs now);

  struct Mute {
    PageReason reason = PageReason::kMaintenance;
    const Change* change = nullptr;  // valid until the next Add or Forget
  };
  // Why the alert need not page at `now`; nothing where it must.
  [[nodiscard]] std::optional<Mute> Explains(const Alert& alert, const Labels& incident_scope,
                                             TimeMs now) const;

  // Changes to name on the incident: deploys and rollbacks from 30 minutes before its onset, and
  // all others whose effect reaches into it, that share a label with a member and contradict none
  // of that member's; those for everything too. By start, at most 20, the latest.
  [[nodiscard]] std::vector<Change> Touching(const Incident& incident, TimeMs now) const;

  [[nodiscard]] std::vector<Change> All() const;  // by start, then id

  // What moves volumes at `now` (all kinds but deploys, rollbacks and others), its aftermath
  // included.
  [[nodiscard]] std::vector<MovingChange> MovingVolumes(TimeMs now) const;

  // What is known, the latest beginning first, at most `limit`.
  [[nodiscard]] std::vector<Change> Latest(size_t limit) const;

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  using Key = std::pair<TimeMs, std::string>;  // start, id
  std::map<Key, Change> changes_;
  std::map<std::string, Key> by_id_;
};

// Whether a change of that scope may concern what has these labels: none contradicts, and one is
// equal unless the scope is everything.
bool Touches(const Labels& scope, const Labels& labels);

}  // namespace quell::incidents
