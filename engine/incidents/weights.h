// JoinWeights: what each kind of evidence is worth when two groups of alerts might be one cause.
//
// All terms are in nats of log-odds and are added up (join_score.h); a join needs a total of at
// least zero and one kind of evidence besides time. Changing them changes behaviour: re-run the
// clustering test, which prints pairwise F1 on overlapping incidents.
#pragma once

#include <cstddef>

#include "core/time.h"

namespace quell::incidents {

struct JoinWeights {
  double prior = -2.5;  // two alerts open at the same time, nothing else known
  // Somebody else's alert that fires often begins beside everything: habit * log(1 + firings lately
  // / habit_free), of the group whose rarest alert fires more often.
  double habit = 1.0;
  double habit_free = 3.0;
  // Both paged already: a merge resolves a page that somebody may be reading.
  double paged_pair = -1.0;

  // Time: log(1 / (scale * groups that begin per time)) - gap / scale, at least 0; `late` replaces
  // it beyond the join window.
  double groups_per_day = 3;  // besides what was counted lately
  DurationMs time_scale_ms = 3 * kMinuteMs;
  double time_late = -0.5;
  // Beyond the join window, inside the scope of something that still fires: the same kind of signal
  // that moved the same way. A lane's volume is part of its region's.
  double same_course = 1.0;

  // Labels: fill_slope * (fill - fill_even) + idf * min(idf of the scope, idf_max).
  double fill_slope = 6.0;
  double fill_even = 0.45;     // share of the scope's lanes that speaks neither for nor against
  double fill_even_all = 0.7;  // the same where the groups share no telling label
  double idf = 0.8;
  double idf_max = 3.0;
  double two_of_many = -0.7;  // just two lanes of a scope that has more than two
  double both_full = -1.0;    // each group fills a scope of its own; the joint one is not full
  double same_lane = 3.5;     // equal labels but for the signal's name
  // One lane's labels are all among the other's (the same, seen coarser), or the younger lies
  // inside the scope of an elder that still fires.
  double nested = 2.4;
  // Different parts (services) of one place, about which time may decide.
  double same_place = 0.5;
  double labels_min = -1.5;   // floor where labels contradict; without contradiction it is 0
  double supports_min = 0.5;  // from here labels count as evidence

  // Parts of an incident that score below this, with all that is known now, are no longer one.
  double split = -1.0;

  // Residuals: weight * |r|. `strong` from clipped residuals (shared movement over the whole
  // window), `jump` from raw ones (both jump at the same step; only near in time).
  double strong_correlation = 2.0;
  double jump_correlation = 1.2;
  double contradicted_share = 0.5;  // of the strong weight where labels contradict
  DurationMs jump_gap_max_ms = kMinuteMs;
  size_t jump_lanes_min = 3;  // and only beside something large

  // History: lift * log lift, at most history_max.
  double history_lift = 1.5;
  double history_max = 3.0;

  // Topology: one group's troubles lie wholly downstream of the other's; by hops between them, and
  // less where what depends on the other began clearly before it.
  double calls = 2.0;
  double calls_per_hop = -0.6;  // beyond the first
  double calls_client_first = -0.8;
  DurationMs client_first_ms = kMinuteMs;
  // Each has a root of its own, and what fails besides depends on both: it speaks for no common
  // cause.
  double roots_apart = -1.5;
};

inline constexpr double kConstantShare =
    0.9;                                   // a pair on more of the lanes than this tells nothing
inline constexpr size_t kAllLanesMin = 4;  // fewer lanes than this do not make a total outage

}  // namespace quell::incidents
