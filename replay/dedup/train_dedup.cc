#include "replay/dedup/train_dedup.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "replay/dedup/logistic.h"

namespace quell::dedup {
namespace {

using incidents::DedupModel;
using incidents::kJoinFeatures;
using streams::AlertStream;
using streams::GroupingScore;
using streams::JoinExample;

constexpr size_t kFolds = 4;
constexpr size_t kIncidentsMin = 20;  // of two alerts or more, to learn from
constexpr size_t kHeldOutMin = 8;     // and to judge by
constexpr double kBetterBy = 0.002;
constexpr std::array<double, 4> kPenalties = {0.3, 3, 30, 300};

// Incidents of at least two alerts that began within [from, to).
size_t IncidentsWithin(const AlertStream& history, TimeMs from, TimeMs to) {
  std::map<std::string, size_t> sizes;
  for (const auto& alert : history.alerts) {
    if (alert.incident.empty() || alert.starts_at < from || alert.starts_at >= to) continue;
    ++sizes[alert.incident];
  }
  return static_cast<size_t>(
      std::count_if(sizes.begin(), sizes.end(), [](const auto& size) { return size.second >= 2; }));
}

DedupModel Fit(const std::vector<JoinExample>& examples, double l2) {
  const auto n = static_cast<Eigen::Index>(examples.size());
  Eigen::MatrixXd x(n, static_cast<Eigen::Index>(kJoinFeatures));
  Eigen::VectorXd y(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const JoinExample& example = examples[static_cast<size_t>(i)];
    for (size_t k = 0; k < kJoinFeatures; ++k) {
      x(i, static_cast<Eigen::Index>(k)) = example.features[k];
    }
    y(i) = example.same ? 1 : 0;
  }
  DedupModel out;
  for (size_t k = 0; k < kJoinFeatures; ++k) {
    auto column = x.col(static_cast<Eigen::Index>(k));
    out.mean[k] = column.mean();
    column.array() -= out.mean[k];
    const double sd = std::sqrt(column.squaredNorm() / static_cast<double>(n));
    out.sd[k] = sd > 1e-9 ? sd : 1;  // a feature that never moves has no say
    column /= out.sd[k];
  }
  const LogisticFit fit = FitLogistic(x, y, l2);
  out.intercept = fit.intercept;
  for (size_t k = 0; k < kJoinFeatures; ++k) {
    out.coefficient[k] = fit.weights(static_cast<Eigen::Index>(k));
  }
  return out;
}

std::vector<JoinExample> Between(const std::vector<JoinExample>& examples, TimeMs from, TimeMs to) {
  std::vector<JoinExample> out;
  std::copy_if(examples.begin(), examples.end(), std::back_inserter(out),
               [&](const JoinExample& example) { return example.at >= from && example.at < to; });
  return out;
}

bool BothKinds(const std::vector<JoinExample>& examples) {
  const auto same = std::count_if(examples.begin(), examples.end(),
                                  [](const JoinExample& example) { return example.same; });
  return same > 0 && same < static_cast<std::ptrdiff_t>(examples.size());
}

// Trained on everything before each fold, tested on it.
std::vector<FoldScore> CrossValidate(const std::vector<JoinExample>& examples, double l2) {
  std::vector<FoldScore> out;
  for (size_t fold = 1; fold <= kFolds; ++fold) {
    const auto edge = [&](size_t k) {
      return k > kFolds ? examples.back().at + 1 : examples[k * examples.size() / (kFolds + 1)].at;
    };
    FoldScore score;
    score.from = edge(fold);
    score.to = edge(fold + 1);
    const auto before = Between(examples, examples.front().at, score.from);
    const auto tested = Between(examples, score.from, score.to);
    if (!BothKinds(before) || tested.empty()) continue;
    const DedupModel model = Fit(before, l2);
    for (const JoinExample& example : tested) {
      score.log_loss += LogLoss(model.LogOdds(example.features), example.same);
      score.built_in_log_loss += LogLoss(example.built_in, example.same);
    }
    score.examples = tested.size();
    score.log_loss /= static_cast<double>(tested.size());
    score.built_in_log_loss /= static_cast<double>(tested.size());
    out.push_back(score);
  }
  return out;
}

double MeanLoss(const std::vector<FoldScore>& folds) {
  double sum = 0, examples = 0;
  for (const FoldScore& fold : folds) {
    sum += fold.log_loss * static_cast<double>(fold.examples);
    examples += static_cast<double>(fold.examples);
  }
  return examples > 0 ? sum / examples : 0;
}

std::string WhyNot(const Trained& trained) {
  const GroupingScore& model = trained.by_model;
  const GroupingScore& built_in = trained.by_built_in;
  char text[200];
  if (model.missed > built_in.missed) {
    std::snprintf(text, sizeof text,
                  "%d incidents of the held-out part are missed, %d by the "
                  "built-in weights",
                  model.missed, built_in.missed);
    return text;
  }
  if (model.F1() < built_in.F1() + kBetterBy) {
    std::snprintf(text, sizeof text,
                  "pairwise F1 on the held-out part is %.3f, that of the built-in weights %.3f",
                  model.F1(), built_in.F1());
    return text;
  }
  if (model.BcubedF1() < built_in.BcubedF1() - kBetterBy) {
    std::snprintf(text, sizeof text,
                  "B-cubed F1 on the held-out part is %.3f, that of the built-in weights %.3f",
                  model.BcubedF1(), built_in.BcubedF1());
    return text;
  }
  return "";
}

// The labels that a careful person would have grouped by, in hindsight over the held-out part.
void BestLabels(const AlertStream& history, Trained& out) {
  std::set<std::string> names;
  for (const auto& alert : history.alerts) {
    for (const Label& label : alert.labels) names.insert(label.name);
  }
  bool any = false;
  const auto consider = [&](const std::vector<std::string>& labels) {
    const GroupingScore score = ScoreGrouping(history, streams::GroupByLabels(history, labels));
    if (any && score.F1() <= out.by_labels.F1()) return;
    any = true;
    out.by_labels = score;
    out.labels.clear();
    for (const std::string& label : labels) out.labels += (out.labels.empty() ? "" : ", ") + label;
  };
  size_t considered = 0;
  for (const std::string& name : names) {
    if (++considered > 30) break;
    consider({name});
    if (name != "alertname") consider({"alertname", name});
  }
}

}  // namespace

Result<Trained> TrainDedup(AlertStream history, const TrainOptions& options) {
  Trained out;
  out.alerts = history.alerts.size();
  if (!history.alerts.empty()) {
    const auto at = static_cast<size_t>((1 - options.held_out) * static_cast<double>(out.alerts));
    out.from = history.alerts.front().starts_at;
    out.split = history.alerts[std::min(at, out.alerts - 1)].starts_at;
    out.to = history.alerts.back().starts_at;
  }
  out.incidents = IncidentsWithin(history, out.from, out.split);
  const size_t held_out = IncidentsWithin(history, out.split, out.to + 1);
  if (out.incidents < kIncidentsMin || held_out < kHeldOutMin) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "too little history: " + std::to_string(out.incidents) +
                         " incidents of two alerts or more to learn from (needed: " +
                         std::to_string(kIncidentsMin) + ") and " + std::to_string(held_out) +
                         " to judge by (needed: " + std::to_string(kHeldOutMin) + ")");
  }
  const std::vector<JoinExample> examples =
      Between(streams::ExamplesOf(history), out.from, out.split);
  if (!BothKinds(examples)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "nothing to learn: no two groups of alerts that were near each other " +
                         std::string(examples.empty() ? "at all" : "differ in what is right"));
  }
  out.examples = examples.size();
  out.same = static_cast<size_t>(std::count_if(
      examples.begin(), examples.end(), [](const JoinExample& example) { return example.same; }));
  for (const double l2 : kPenalties) {
    const std::vector<FoldScore> folds = CrossValidate(examples, l2);
    if (!out.folds.empty() && MeanLoss(folds) >= MeanLoss(out.folds)) continue;
    out.folds = folds;
    out.l2 = l2;
  }
  if (out.l2 == 0) out.l2 = kPenalties[1];
  out.model = Fit(examples, out.l2);

  history.scored_from = out.split;
  out.by_built_in = ScoreGrouping(history, streams::GroupByEngine(history));
  out.by_model = ScoreGrouping(
      history, streams::GroupByEngine(history, std::make_shared<const DedupModel>(out.model)));
  out.by_gap = ScoreGrouping(history, streams::GroupByGap(history));
  BestLabels(history, out);
  out.refused = WhyNot(out);
  return out;
}

std::string FormatTrained(const Trained& trained) {
  std::string out;
  char line[300];
  std::snprintf(line, sizeof line,
                "learned from %zu decisions (%zu of them one cause) over %zu incidents, %s to %s\n",
                trained.examples, trained.same, trained.incidents,
                FormatRfc3339(trained.from).c_str(), FormatRfc3339(trained.split).c_str());
  out += line;
  out += "fold begins            decisions  log loss  built-in\n";
  for (const FoldScore& fold : trained.folds) {
    std::snprintf(line, sizeof line, "%-22s %9zu %9.4f %9.4f\n", FormatRfc3339(fold.from).c_str(),
                  fold.examples, fold.log_loss, fold.built_in_log_loss);
    out += line;
  }
  out +=
      "\nheld-out part             precision  recall      F1     ARI  B-cubed  missed  mixed  "
      "split\n";
  const auto row = [&](const std::string& name, const GroupingScore& score) {
    std::snprintf(line, sizeof line, "%-25s %9.3f %7.3f %7.3f %7.3f %8.3f %7d %6d %6d\n",
                  name.c_str(), score.Precision(), score.Recall(), score.F1(), score.AdjustedRand(),
                  score.BcubedF1(), score.missed, score.mixed, score.Split());
    out += line;
  };
  row("model", trained.by_model);
  row("built-in weights", trained.by_built_in);
  row("gap of 300 s", trained.by_gap);
  row("labels: " + trained.labels, trained.by_labels);
  return out;
}

}  // namespace quell::dedup
