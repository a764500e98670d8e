// LiveAlerts: the alerts that others sent, as they stand, and what has happened to them.
//
// Identity is the fingerprint. A post whose interval overlaps the former one's is merged as
// Alertmanager does: the earliest start stays, a later end that somebody stated stays, the newest
// annotations win. An alert fires while its end lies ahead; nobody need say that it is over.
// What is over is kept for a while, for posts that still speak of it.
//
// An episode is one time of firing. Each gets its number when it is taken, the gravest first; one
// that is over before it was taken is taken all the same.
// Time is that of receipt, given by the caller, in order. Bounded. Thread-compatible.
// State: kind "live_alerts", version 1 (docs/formats/snapshot.md).
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/bytes.h"
#include "core/flat_map.h"
#include "engine/incidents/alert.h"
#include "ingest/alerts/alert_codec.h"

namespace quell::alerts {

struct LiveOptions {
  size_t live_max = 200000;  // alerts kept at once; further ones are refused and counted
};

struct LiveAlert {
  std::uint64_t fingerprint = 0;
  TimeMs starts_at = 0;   // as posted or merged
  TimeMs ends_at = 0;     // expected while it fires, then when it ended
  TimeMs updated_at = 0;  // of the latest post
  bool timeout = false;   // ends_at is nobody's statement
  bool firing = false;
  incidents::Severity severity = incidents::Severity::kError;
  incidents::AlertId id = 0;                // of the latest episode; 0 = not taken yet
  TimeMs taken_at = 0;                      // when that was taken
  std::shared_ptr<const std::string> text;  // ingest::DecodeAlertText; never null
};

struct LiveCounters {
  std::uint64_t received = 0;  // alerts of records
  std::uint64_t refused = 0;   // beyond live_max
  std::uint64_t episodes = 0;
  std::uint64_t expired = 0;  // episodes that ended because nobody spoke of them any more
};

class LiveAlerts {
 public:
  explicit LiveAlerts(const LiveOptions& options) : options_(options) {}

  void Apply(std::span<const ingest::AlertRow> rows, TimeMs now);
  void Expire(TimeMs now);  // ends what is due

  struct Taken {
    std::vector<LiveAlert> fired;    // with their numbers; some may be over
    std::vector<LiveAlert> changed;  // taken before, fires still, says something else
    std::vector<LiveAlert> cleared;  // taken before or just now, and over
  };
  // At most `fired_max` episodes; the others wait. `next` is the first free number.
  Taken Take(size_t fired_max, TimeMs now, incidents::AlertId& next);
  [[nodiscard]] bool HasNews() const {
    return !waiting_.empty() || !changed_.empty() || !cleared_.empty();
  }

  [[nodiscard]] bool Knows(std::uint64_t fingerprint) const {
    return index_.find(fingerprint) != index_.end();
  }
  [[nodiscard]] bool full() const { return entries_.size() >= options_.live_max; }
  [[nodiscard]] size_t firing() const { return firing_; }
  [[nodiscard]] size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] size_t kept() const { return entries_.size(); }
  // No later than the moment when something ends by itself; 0 = nothing will.
  [[nodiscard]] TimeMs NextEnd() const { return due_.empty() ? 0 : due_.top().first; }
  [[nodiscard]] std::vector<LiveAlert> Firing() const;  // in no order that means anything
  [[nodiscard]] const LiveCounters& counters() const { return counters_; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where it does not decode

 private:
  struct Entry {
    LiveAlert alert;
    std::uint64_t episode = 0;  // number of the waiting episode; 0 = none waits
    bool changed = false;
    TimeMs due = 0;  // of its place in due_ that counts; 0 = none
  };
  using Waiting = std::tuple<int, std::uint64_t, std::uint64_t>;  // -severity, episode, fingerprint
  using Due = std::pair<TimeMs, std::uint64_t>;

  void ApplyOne(const ingest::AlertRow& row, TimeMs now);
  Entry* Find(std::uint64_t fingerprint);
  Entry& Add(std::uint64_t fingerprint);
  void Begin(Entry& entry);
  void End(Entry& entry);
  void Schedule(Entry& entry);
  void Remove(std::uint64_t fingerprint);
  static LiveAlert Merged(const LiveAlert& old, const ingest::AlertRow& row, TimeMs now);

  LiveOptions options_;
  std::vector<Entry> entries_;
  FlatMap<std::uint64_t, std::uint32_t> index_;  // by fingerprint
  std::set<Waiting> waiting_;
  std::vector<std::uint64_t> changed_;  // fingerprints
  std::vector<LiveAlert> cleared_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t next_episode_ = 1;
  size_t firing_ = 0;
  LiveCounters counters_;
};

}  // namespace quell::alerts
