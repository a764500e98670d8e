#include "replay/dedup/model_json.h"

#include <nlohmann/json.hpp>

namespace quell::dedup {
namespace {

using nlohmann::ordered_json;

ordered_json ScoreJson(const streams::GroupingScore& score) {
  return {{"precision", score.Precision()},
          {"recall", score.Recall()},
          {"f1", score.F1()},
          {"adjusted_rand_index", score.AdjustedRand()},
          {"bcubed_f1", score.BcubedF1()},
          {"incidents", score.incidents},
          {"missed", score.missed},
          {"mixed_pages", score.mixed},
          {"split_pages", score.Split()}};
}

}  // namespace

std::string ModelJson(const Trained& trained, const std::string& digest) {
  const incidents::DedupModel& model = trained.model;
  ordered_json features = ordered_json::array();
  for (size_t i = 0; i < incidents::kJoinFeatures; ++i) {
    features.push_back({{"name", incidents::JoinFeatureNames()[i]},
                        {"coefficient", model.coefficient[i]},
                        {"mean", model.mean[i]},
                        {"sd", model.sd[i]}});
  }
  ordered_json folds = ordered_json::array();
  for (const FoldScore& fold : trained.folds) {
    folds.push_back({{"from", FormatRfc3339(fold.from)},
                     {"to", FormatRfc3339(fold.to)},
                     {"decisions", fold.examples},
                     {"log_loss", fold.log_loss},
                     {"built_in_log_loss", fold.built_in_log_loss}});
  }
  const ordered_json root = {{"kind", "quell-dedup-model"},
                             {"version", incidents::kDedupModelVersion},
                             {"intercept", model.intercept},
                             {"features", std::move(features)},
                             {"trained",
                              {{"from", FormatRfc3339(trained.from)},
                               {"to", FormatRfc3339(trained.split)},
                               {"incidents", trained.incidents},
                               {"decisions", trained.examples},
                               {"one_cause", trained.same},
                               {"l2", trained.l2},
                               {"data_sha256", digest}}},
                             {"cross_validation", std::move(folds)},
                             {"held_out",
                              {{"from", FormatRfc3339(trained.split)},
                               {"to", FormatRfc3339(trained.to)},
                               {"model", ScoreJson(trained.by_model)},
                               {"built_in", ScoreJson(trained.by_built_in)}}}};
  return root.dump(2) + '\n';
}

}  // namespace quell::dedup
