// AlarmTracker: from verdicts to alerts, with hysteresis. One state a signal.
//
// Opens   when the fused tail probability is below the signal's threshold and the evidence does
//         not rest on one point: without its largest point, some run of the latest points since
//         the last alert is still improbable (p < 1e-3), and one of them is a quarter as high as
//         the largest. A one-step blip never opens. Before there is a history, and beyond a limit
//         of the policy: two points in a row over the limit. Where the signal must change abruptly
//         (volume: demand comes and goes by the hour, outages within minutes) half of the deviation
//         must be new. What is over by the time that it is told does not open.
// Closes  when the latest points hold no evidence: six in a row near expected; twenty verdicts in a
//         row that call for no alert; or a jump of the first points and nothing like it after them.
// Every step returns its decision as an enum. Pure; thread-compatible.
// State: part of kind "pipeline", version 1.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"
#include "detectors/types.h"

namespace quell::pipeline {

enum class AlarmDecision : std::uint8_t {
  kQuiet,            // nothing is wrong
  kAboveThreshold,   // improbable, but within what the page budget lets pass
  kRestsOnOnePoint,  // below the threshold, by a single point
  kSubsided,         // below the threshold, but the latest points are calm: it is over
  kGradual,          // below the threshold, but it came on gradually
  kFewRequests,      // below the threshold, but some failures among few requests, not for long
  kOpened,
  kStillOpen,
  kClosed,
};
std::string_view AlarmDecisionName(AlarmDecision decision);

class AlarmTracker {
 public:
  // The latest scores of a slot, oldest first (DetectorBank::RecentZ), fetched only when needed.
  class RecentScores {
   public:
    virtual ~RecentScores() = default;
    [[nodiscard]] virtual std::vector<float> RecentZ(detectors::Slot slot) const = 0;
  };

  // What an alert must show besides being improbable (relevance.h); 0 = nothing.
  struct Demands {
    size_t abrupt_within = 0;     // points within which the deviation must have come (IsAbrupt)
    size_t lasting_points = 0;    // that it must cover (PointsSinceChange)
    bool hardly_changed = false;  // it is not abrupt, whatever the scores say
  };
  // `threshold`: tail probability below which an alert may open; (0, 1).
  AlarmDecision Observe(const detectors::Verdict& verdict, double threshold, const Demands& demands,
                        const RecentScores& recent);
  // A slot that has no points any more: its alert, if open, closes.
  AlarmDecision Abandon(detectors::Slot slot);

  [[nodiscard]] bool IsOpen(detectors::Slot slot) const;

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  struct State {
    std::uint8_t open = 0;
    std::uint8_t points = 0;      // seen since the last alert closed, at most 64
    std::int8_t sign = 0;         // of the open alert
    std::uint8_t calm = 0;        // verdicts in a row that call for no alert, of the open alert
    std::uint8_t age = 0;         // points since it opened, at most 255
    std::uint8_t over_limit = 0;  // points in a row that were over the static limit
  };
  State& At(detectors::Slot slot);
  std::vector<State> states_;
};

// Whether improbable points of one sign remain when the largest is left out: the highest
// Stouffer score sum / sqrt(count) over runs of the latest 2..20 points, each less its largest.
double ScoreWithoutLargest(std::span<const float> z, double sign);

// Whether at least half of the present deviation (mean of the latest two points) was not there yet
// before the latest `within` points (mean of what is known before them). True where fewer than four
// points are known before.
bool IsAbrupt(std::span<const float> z, double sign, size_t within);

// How many of the latest points the present deviation covers: the split with the greatest
// likelihood-ratio for a shift of unknown size, sum^2 / count (Hinkley 1970). 0 where the latest
// points do not lie on the side of `sign`; z.size() where it is older than the scores reach.
size_t PointsSinceChange(std::span<const float> z, double sign);

// Whether the present deviation is over, whatever longer windows still remember of it: the latest
// points are no longer improbable together, and lie nearer to the expected than to the mean of the
// run since the change (the likelihood ratio of two normal means, Neyman and Pearson 1933). As many
// points are asked as tell the two apart by two standard deviations, two at least and an eighth of
// the run, but never more than half of it.
bool HasSubsided(std::span<const float> z, double sign);

}  // namespace quell::pipeline
