// ReplayResult: what a replay of history decided, ready to be scored, written and drawn.
//
// Plain data. Times are event time in epoch milliseconds; 0 means "not (yet)".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/labels.h"
#include "core/time.h"
#include "detectors/types.h"

namespace quell::replay {

// An alert as written to pages.json and alerts.json.
struct ReplayAlert {
  std::uint64_t id = 0;
  Labels labels;  // alertname + group labels
  std::string signal;
  std::string kind;  // "ratio", "quantile", "rate", "gauge"
  std::string severity;
  TimeMs onset = 0;  // estimated beginning on the series
  TimeMs start = 0;  // when it fired; never back-dated
  TimeMs end = 0;
  TimeMs notified = 0;  // when the page first listed it
  double value = 0, expected = 0, band_low = 0, band_high = 0, k = 0, n = 0, tail_probability = 1;
  std::vector<std::string> detectors;  // that agreed
  std::string reason;                  // PageReasonName
  std::string incident_key;            // "" where it never joined one
  std::string why_joined;
};

// A further page of an incident that grew worse (engine/paging/page_book.h).
struct LinkedPage {
  TimeMs at = 0;
  std::string because;
};

// Where the trouble may have begun (engine/incidents/origin.h).
struct PageOrigin {
  Labels where;
  std::string change;  // its id; "" = a place
  double confidence = 0;
};

struct ReplayPage {
  std::string id;    // incident key
  TimeMs start = 0;  // when it would have been sent
  TimeMs end = 0;    // when its resolve would have been sent
  std::string severity, summary, scope;
  TimeMs onset = 0;
  std::vector<std::string> evidence;
  std::vector<std::string> changes;
  std::vector<PageOrigin> origins;  // the likeliest first
  std::vector<ReplayAlert> members;
  std::vector<LinkedPage> linked;
};

// One detector alone: when it, uncorroborated, would have fired (for the ablation table).
struct DetectorFiring {
  detectors::DetectorId detector = detectors::DetectorId::kSeasonal;
  Labels labels;
  TimeMs start = 0, end = 0;
};

// A stretch of one signal for plotting.
struct PlotSeries {
  std::string title;  // "failure ratio {psp=acme,region=eu}"
  std::string unit;
  std::string page_id;      // the page it illustrates; "" = an incident that was missed
  std::string incident_id;  // the labelled incident it illustrates; "" = none
  struct Point {
    TimeMs time = 0;
    double value = 0, expected = 0, low = 0, high = 0;
  };
  std::vector<Point> points;
};

// Labels of incident records that stand on no signal.
struct LabelCheck {
  struct Stranger {
    std::string name, value;
    int incidents = 0;  // that name it
  };
  std::vector<Stranger> strangers;       // by name, then value
  std::vector<std::string> unmatchable;  // incidents that no signal's labels match, as recorded
};

// What the same history would have paged at another page budget.
struct BudgetPages {
  double budget = 0;  // false pages a week
  std::uint64_t raw_firings = 0;
  std::vector<ReplayPage> pages;
  std::vector<ReplayAlert> alerts;
};

struct ReplayResult {
  TimeMs first = 0, last = 0;  // of the data
  TimeMs evaluate_from = 0;    // pages before this are not scored
  std::uint64_t series = 0, samples = 0, signals = 0, steps = 0;
  double wall_seconds = 0;             // how long the replay took (not part of any digest)
  std::uint64_t raw_firings = 0;       // alerts that fired at or after evaluate_from
  std::vector<ReplayPage> pages;       // by start, then id
  std::vector<ReplayAlert> alerts;     // by id, all of them
  std::vector<std::string> decisions;  // JSON objects, one line each, in order
  std::vector<DetectorFiring> detector_firings;
  std::vector<PlotSeries> plots;
  LabelCheck labels;
  double budget = 0;                 // false pages a week that it ran with; 0 = not known
  std::vector<BudgetPages> budgets;  // by budget; empty = the replay ran with its own alone
};

}  // namespace quell::replay
