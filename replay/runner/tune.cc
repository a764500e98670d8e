#include "replay/runner/tune.h"

#include <algorithm>
#include <cstdio>

#include "replay/runner/budgets.h"
#include "replay/runner/history.h"
#include "replay/scoring/words.h"

namespace quell::replay {
namespace {

pipeline::PipelineOptions With(pipeline::PipelineOptions options, const TuneSettings& settings) {
  options.false_pages_per_week = settings.false_pages_per_week;
  options.incidents.join_window_ms = settings.join_window_ms;
  options.incidents.hold_ms = settings.hold_ms;
  return options;
}

std::vector<LabelledIncident> Beginning(std::span<const LabelledIncident> incidents, TimeMs from,
                                        TimeMs to) {
  std::vector<LabelledIncident> out;
  std::copy_if(incidents.begin(), incidents.end(), std::back_inserter(out),
               [&](const LabelledIncident& one) { return one.start >= from && one.start < to; });
  return out;
}

// One part of the scored span: incidents that begin in it, pages sent in it.
Scores ScorePart(const BudgetPages& run, std::span<const LabelledIncident> incidents, TimeMs from,
                 TimeMs to, const ScoringOptions& options) {
  ReplayResult part;
  part.first = part.evaluate_from = from;
  part.last = to;
  for (const ReplayPage& page : run.pages) {
    if (page.start >= from && page.start < to) part.pages.push_back(page);
  }
  for (const ReplayAlert& alert : run.alerts) {
    if (alert.start >= from && alert.start < to) part.alerts.push_back(alert);
  }
  part.raw_firings = part.alerts.size();
  return Score(part, Beginning(incidents, from, to), options).all;
}

// Where the parts meet: not while an incident lasts, whose pages would be false in the later part.
TimeMs Split(std::span<const LabelledIncident> incidents, TimeMs from, TimeMs to, double share,
             const ScoringOptions& options) {
  TimeMs split = from + static_cast<TimeMs>(static_cast<double>(to - from) * share);
  for (bool moved = true; moved;) {
    moved = false;
    for (const LabelledIncident& incident : incidents) {
      const TimeMs end = incident.end + options.end_slack_ms;
      if (incident.start - options.start_slack_ms >= split || end < split || end >= to) continue;
      split = end + 1;
      moved = true;
    }
  }
  return split;
}

class Search {
 public:
  Search(const TuneOptions& options, std::span<const LabelledIncident> incidents,
         const History& history, const ProgressCall& progress)
      : options_(options), incidents_(incidents), history_(history), progress_(progress) {}

  // Tries what was not tried yet and moves to the cheapest in training.
  Status Try(const std::vector<TuneSettings>& wanted, TuneOutcome& outcome) {
    std::vector<TuneSettings> fresh;
    std::vector<pipeline::PipelineOptions> settings;
    for (const TuneSettings& one : wanted) {
      const bool known =
          std::any_of(outcome.trials.begin(), outcome.trials.end(),
                      [&](const TuneTrial& trial) { return trial.settings == one; }) ||
          std::find(fresh.begin(), fresh.end(), one) != fresh.end();
      if (known) continue;
      fresh.push_back(one);
      settings.push_back(With(options_.replay.pipeline, one));
    }
    QUELL_ASSIGN(const std::vector<BudgetPages> runs,
                 RunSettings(history_, options_.replay, settings, "tuning", progress_));
    for (size_t i = 0; i < runs.size(); ++i) {
      outcome.trials.push_back(
          {fresh[i], ScorePart(runs[i], incidents_, outcome.from, outcome.split, options_.scoring),
           ScorePart(runs[i], incidents_, outcome.split, outcome.to, options_.scoring)});
      const double cost = outcome.trials.back().training.cost;
      if (cost < outcome.trials[outcome.chosen].training.cost) {
        outcome.chosen = outcome.trials.size() - 1;
      }
    }
    return Ok{};
  }

 private:
  const TuneOptions& options_;
  std::span<const LabelledIncident> incidents_;
  const History& history_;
  const ProgressCall& progress_;
};

std::string Row(const TuneTrial& trial, const std::string& name, const Scores& scores) {
  char line[200];
  std::snprintf(line, sizeof line, "%-12s %-8s %-12s %-6s %4d of %-4d %6d %10d %9s %9s\n",
                name.c_str(), ShortNumber(trial.settings.false_pages_per_week).c_str(),
                FormatDuration(trial.settings.join_window_ms).c_str(),
                FormatDuration(trial.settings.hold_ms).c_str(), scores.caught, scores.incidents,
                scores.false_pages, scores.duplicate_pages,
                Fixed(scores.detect_median_seconds, 0).c_str(), Fixed(scores.cost, 1).c_str());
  return line;
}

}  // namespace

void JudgeTune(TuneOutcome& outcome) {
  const TuneTrial& now = outcome.trials.front();
  const TuneTrial& chosen = outcome.trials[outcome.chosen];
  outcome.holds = false;
  if (outcome.chosen == 0) {
    outcome.why = "nothing that was tried costs less in training than what is configured";
  } else if (chosen.validation.cost >= now.validation.cost) {
    outcome.why = "the gain does not hold up: validation costs " +
                  Fixed(chosen.validation.cost, 1) + ", as configured " +
                  Fixed(now.validation.cost, 1);
  } else if (chosen.validation.recall < now.validation.recall) {
    outcome.why =
        "the gain does not hold up: it costs less in validation, but misses incidents "
        "there that are caught as configured";
  } else {
    outcome.holds = true;
    outcome.why = "the gain holds up: validation costs " + Fixed(chosen.validation.cost, 1) +
                  " instead of " + Fixed(now.validation.cost, 1);
  }
}

Result<TuneOutcome> RunTune(const TuneOptions& options, std::span<const LabelledIncident> incidents,
                            const ProgressCall& progress) {
  if (!(options.training_share >= 0.1 && options.training_share <= 0.9)) {
    return MakeError(ErrorCode::kOutOfRange, "the training share must be 0.1 to 0.9");
  }
  QUELL_ASSIGN(const auto history, History::Read(options.replay, progress));
  const auto& configured = options.replay.pipeline;
  TuneSettings best{configured.false_pages_per_week, configured.incidents.join_window_ms,
                    configured.incidents.hold_ms};
  TuneOutcome outcome;
  QUELL_ASSIGN(const HistorySpan span, history->Span());
  outcome.from = std::max(span.first, options.replay.evaluate_from);
  outcome.to = span.last + 1;
  outcome.split =
      Split(incidents, outcome.from, outcome.to, options.training_share, options.scoring);
  const auto count = [&](TimeMs from, TimeMs to) {
    return static_cast<int>(Beginning(incidents, from, to).size());
  };
  const int early = count(outcome.from, outcome.split);
  const int late = count(outcome.split, outcome.to);
  if (early < options.incidents_min || late < options.incidents_min) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "too few incidents to tune on: " + std::to_string(early) + " before " +
                         FormatRfc3339(outcome.split) + " and " + std::to_string(late) +
                         " after, " + std::to_string(options.incidents_min) +
                         " are needed in each part");
  }
  Search search(options, incidents, *history, progress);
  std::vector<TuneSettings> wanted = {best};
  const auto next = [&](const auto& values, auto member) {
    for (const auto value : values) {
      wanted.push_back(best);
      wanted.back().*member = value;
    }
  };
  next(std::vector<double>{0.25, 0.5, 1, 2, 5, 10}, &TuneSettings::false_pages_per_week);
  QUELL_TRY(search.Try(wanted, outcome));
  best = outcome.trials[outcome.chosen].settings;
  wanted.clear();
  next(std::vector<DurationMs>{5 * kMinuteMs, 10 * kMinuteMs, 20 * kMinuteMs, 40 * kMinuteMs},
       &TuneSettings::join_window_ms);
  QUELL_TRY(search.Try(wanted, outcome));
  best = outcome.trials[outcome.chosen].settings;
  wanted.clear();
  next(std::vector<DurationMs>{0, 30 * kSecondMs, 2 * kMinuteMs}, &TuneSettings::hold_ms);
  QUELL_TRY(search.Try(wanted, outcome));
  JudgeTune(outcome);
  return outcome;
}

std::string FormatTune(const TuneOutcome& outcome, const std::string& prefix) {
  std::string out = prefix + "training " + UtcMinute(outcome.from) + " to " +
                    UtcMinute(outcome.split) + " UTC, validation to " + UtcMinute(outcome.to) +
                    " UTC\n";
  out += prefix +
         "part         budget   join_window  hold   caught        false  duplicate  detect s      "
         "cost\n";
  for (size_t i = 0; i < outcome.trials.size(); ++i) {
    const bool told = i == 0 || i == outcome.chosen;
    out += prefix + Row(outcome.trials[i], "training", outcome.trials[i].training);
    if (told) out += prefix + Row(outcome.trials[i], "validation", outcome.trials[i].validation);
  }
  const TuneSettings& chosen = outcome.trials[outcome.chosen].settings;
  out += prefix + "least cost in training: false_pages_per_week " +
         ShortNumber(chosen.false_pages_per_week) + ", join_window " +
         FormatDuration(chosen.join_window_ms) + ", hold " + FormatDuration(chosen.hold_ms) + '\n';
  return out + prefix + outcome.why + '\n';
}

}  // namespace quell::replay
