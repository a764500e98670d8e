// Training of the duplicate classifier (engine/incidents/dedup_model.h), and whether it is any use.
//
// The engine is led along the history, grouping rightly; what it saw at every decision is an
// example. The strength of the penalty is chosen by expanding windows: train on what was before,
// test on the next part. The model is fitted on all but the latest part of the history and then
// groups that part by itself, beside the built-in weights: it is better where pairwise F1 is and
// neither B-cubed F1 nor the incidents that nobody is told of are worse.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "engine/incidents/dedup_model.h"
#include "replay/streams/grouping_score.h"

namespace quell::dedup {

struct TrainOptions {
  double held_out = 0.3;  // share of the alerts, the latest; 0.1..0.5
};

struct FoldScore {
  TimeMs from = 0, to = 0;  // of the tested part
  size_t examples = 0;
  double log_loss = 0, built_in_log_loss = 0;  // an example
};

struct Trained {
  incidents::DedupModel model;
  double l2 = 0;
  TimeMs from = 0, split = 0, to = 0;  // trained on [from, split), judged on [split, to]
  size_t alerts = 0, incidents = 0, examples = 0, same = 0;
  std::vector<FoldScore> folds;
  streams::GroupingScore by_model, by_built_in, by_gap, by_labels;  // of the held-out part
  std::string labels;                                               // that by_labels grouped by
  std::string refused;  // why it is not to be used; "" = it is better
};

// kInvalidArgument where the history is too small to learn from and to judge by.
Result<Trained> TrainDedup(streams::AlertStream history, const TrainOptions& options);

std::string FormatTrained(const Trained& trained);

}  // namespace quell::dedup
