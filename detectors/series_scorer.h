// SeriesScorer judges a single series of which nothing is known: no period, no scale, no unit.
//
// Model    three questions. How new is what it does, among all it ever did: a value it never had,
//          or never so long without the other half of its range; times how long nothing as new
//          was seen (novelty.h). How rare is it, among its own latest values: distance from the
//          level, step, trend, restlessness (series_surprise.h). And is that news: the surprise as
//          far as it exceeds the highest of late, which fades by half in 40 points. Novelty alone
//          would never see a second event like the first; rarity alone calls a season rare, or what
//          is out by nothing that matters.
// Input    one value at a time; one that is not finite scores 0 and is not learned.
// Output   a causal score in [0, 1]: 1 - e^(-x / 4) of x nats, four of ln(1 + novelty) and an
//          eighth of surprise and news. From about 0.75 on worth a look. Exactly 0 for the first 50
//          values.
// Cost     a surprise and a search a value; 150 KB of state.
// Threads  thread-compatible.
// State    not saved.
// Source   own design (novelty.h, series_surprise.h).
#pragma once

#include "detectors/novelty.h"
#include "detectors/series_surprise.h"

namespace quell::detectors {

class SeriesScorer {
 public:
  static constexpr double kScoreNats = 4;

  double Observe(double value);

 private:
  double Novelty(double value);

  SeriesSurprise surprise_;
  double highest_ = 0;  // of late
  NewValue values_;
  Stay stay_;
  RareSize value_, length_;
};

}  // namespace quell::detectors
