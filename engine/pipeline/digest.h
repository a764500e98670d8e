// Digest: what paged nobody, told once a day instead.
//
// Collects alerts that ended without a page because they were not urgent (below the budget, too
// short, flapping, known noise, outside hours, monitoring down) and findings that were over before
// they could alert. At the configured local time they become one notification, by owner. Part of
// the pipeline: event time, saved with it, hence once a day through restarts. Bounded; what is left
// out is counted. Thread-compatible.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "core/bytes.h"
#include "core/civil_time.h"
#include "engine/incidents/incident_engine.h"
#include "engine/paging/notification.h"

namespace quell::pipeline {

struct DigestOptions {
  bool enabled = false;
  DurationMs time_of_day_ms = 9 * kHourMs;  // in `zone`
  TimeZone zone;
  std::string owner_label = "team";
};

class Digest {
 public:
  explicit Digest(const DigestOptions& options) : options_(options) {}

  void Take(const incidents::IncidentEvent& event);
  // A signal showed something that was over before it could alert.
  void Subsided(const Labels& labels, const std::string& what, TimeMs at);
  // The notification that is due at `now`, if one is. Calls come in time order.
  std::optional<paging::Notification> Due(TimeMs now);

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);  // false where the bytes are not sound

 private:
  struct Key {
    std::string owner, reason, what, labels;
    auto operator<=>(const Key&) const = default;
  };
  struct Finding {
    std::uint64_t count = 0;
    TimeMs first = 0, last = 0;
    incidents::Severity severity = incidents::Severity::kInfo;
  };
  void Add(std::string_view reason, const Labels& labels, const std::string& what,
           incidents::Severity severity, TimeMs from, TimeMs to);
  [[nodiscard]] paging::Notification Make(TimeMs now, const std::string& day) const;

  DigestOptions options_;
  std::int64_t day_ = 0;  // of the latest time that was passed; 0 = none yet
  std::map<Key, Finding> findings_;
  std::uint64_t left_out_ = 0;
  std::array<std::uint64_t, incidents::kPageReasons> asked_for_{};  // mutes that somebody asked for
};

}  // namespace quell::pipeline
