// SignalSeries: what a signal showed at its last step and what was expected of it, as series.
//
//   quell_signal_value, _expected, _expected_low, _expected_high, _score
//
// each with the labels of the signal's group and `signal`, its name. The band is the central 99 %
// of what is expected; the score is -log10 of the fused tail probability: 3 means once in a
// thousand points. Pure functions.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/time.h"
#include "ingest/sample.h"

namespace quell::exports {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// What is not finite is not known, and left out.
struct SignalSeries {
  Labels labels;  // as SeriesLabels() makes them
  double value = kUnknown;
  double expected = kUnknown;
  double low = kUnknown;
  double high = kUnknown;
  double score = kUnknown;
};

struct SignalSeriesSet {
  TimeMs at = 0;  // the end of the step that they are of; 0 = none yet
  std::vector<SignalSeries> signals;
  size_t left_out = 0;  // signals beyond the bound
};

// The labels of a signal's series. A label "signal" of its own becomes "exported_signal", and
// letters that Prometheus' text format has not in names become "_".
Labels SeriesLabels(const Labels& group, std::string_view name);

// 0 for a probability of 1, 300 at most.
double ScoreOf(double tail_probability);

// Prometheus' text format 0.0.4.
std::string RenderSignalSeries(const SignalSeriesSet& set);

// The same for remote write, at most `samples_max` (> 0) samples a batch.
std::vector<ingest::SampleBatch> BatchesOf(const SignalSeriesSet& set, size_t samples_max);

}  // namespace quell::exports
