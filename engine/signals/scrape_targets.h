// ScrapeTargets: which targets (job and instance) nobody sees any more.
//
// A target is out while it is
//   failing  its `up` said 0 at least twice in a row, and nothing else of it has come since, or
//   silent   none of its series has come for two intervals, and its `up` does not say 1
// and until it has been out for so long that it was switched off. What is scraped by two servers is
// out where neither sees it: their samples of `up` take turns.
//
// Bounded by the series that are kept: a target goes with its last one. Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/flat_map.h"
#include "core/labels.h"
#include "core/time.h"

namespace quell::signals {

// Whether a series is a scrape's own word on its target: `up`, of a job or an instance.
bool IsUp(const Labels& labels);

// A job's targets that are out, as of the end of a step.
struct OutTarget {
  std::uint32_t target = 0;
  std::string job;
  std::string instance;
  TimeMs since = 0;                  // of the first sample that should have been there
  bool failing = false;              // by `up`; else silent
  std::vector<std::uint32_t> blind;  // slots that it fed last, and that nothing feeds; ascending
  std::vector<std::uint32_t> seen;   // slots that it fed, and that others feed; ascending
  std::uint32_t others_seen = 0;     // targets of its job that are seen
};

class ScrapeTargets {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;

  // kNone where neither is given.
  std::uint32_t Add(std::string_view job, std::string_view instance);
  void Up(std::uint32_t target, TimeMs time, double value);
  // A sample of one of its series, of which every step tells the latest.
  void Seen(std::uint32_t target, TimeMs time) {
    if (target != kNone && targets_[target].seen < time) targets_[target].seen = time;
  }

  enum class State : std::uint8_t { kUnknown, kSeen, kFailing, kSilent, kGone };
  // `patience`: two intervals of its series; `gone_after`: out for so long, it was switched off.
  [[nodiscard]] State StateAt(std::uint32_t target, TimeMs now, DurationMs patience,
                              DurationMs gone_after) const;
  [[nodiscard]] TimeMs OutSince(std::uint32_t target) const;  // REQUIRES: failing or silent
  [[nodiscard]] TimeMs LastSeen(std::uint32_t target) const { return targets_[target].seen; }
  [[nodiscard]] const std::string& Job(std::uint32_t target) const { return targets_[target].job; }
  [[nodiscard]] const std::string& Instance(std::uint32_t target) const {
    return targets_[target].instance;
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(targets_.size()); }

  // Keeps those that `keep` says; returns the new number of each (kNone: forgotten).
  std::vector<std::uint32_t> Keep(const std::vector<bool>& keep);

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  struct Target {
    std::string job;
    std::string instance;
    TimeMs seen = 0;  // the latest sample of its series, `up` aside; 0 = none
    TimeMs up_at = 0;
    TimeMs down_since = 0;    // the first of the zeros in a row; 0 = the latest is none
    std::uint32_t zeros = 0;  // in a row
  };
  static std::uint64_t Key(std::string_view job, std::string_view instance);

  std::vector<Target> targets_;
  FlatMap<std::uint64_t, std::uint32_t> by_key_;
};

}  // namespace quell::signals
