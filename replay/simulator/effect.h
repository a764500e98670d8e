// Effect and Event: what happens to the platform, with its truth.
//
// An Effect bends the numbers of all lanes in a scope for a while. An Event is an incident or a
// look-alike: its effects, scrape gaps, restarts and lane lifetimes, plus the label that a person
// would write down, and the changes that were announced.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "core/time.h"
#include "engine/incidents/change.h"
#include "replay/scoring/incident_history.h"
#include "replay/simulator/topology.h"

namespace quell::simulator {

inline constexpr TimeMs kForever = std::numeric_limits<TimeMs>::max() / 4;

enum class Shape { kStep, kRamp, kFlap };

struct Effect {
  Scope scope;
  TimeMs start = 0, end = 0;
  Shape shape = Shape::kStep;
  DurationMs rise_ms = 0;       // kStep: to full strength; kRamp ignores it (rises till the end)
  DurationMs fall_ms = 0;       // after `end` back to nothing
  DurationMs flap_ms = 0;       // kFlap: period, on in its first half
  bool on_payments = true;      // hits payment lanes
  bool on_http = true;          // hits service requests
  double volume = 1;            // factor
  double fail = 0;              // share of requests that newly fail
  double decline = 0;           // share of payments that the issuer newly declines
  double client_error = 0;      // share of requests that newly are 4xx
  double latency = 1;           // factor on the median
  double spread = 1;            // factor on the logarithm's deviation
  double timeout_share = -1;    // of failures; -1 = as usual
  double pool = 0;              // added to the connection pool's use
  double queue_per_second = 0;  // growth of a queue
  double lag_seconds = 0;       // added to the settlement lag
};
// Mean strength over (from, to], 0 .. 1.
double Strength(const Effect& effect, TimeMs from, TimeMs to);

// All effects on one lane folded together.
struct Modifiers {
  double volume = 1, pass = 1, accept = 1, client_pass = 1, latency = 1, spread = 1;
  double timeout_share = -1, pool = 0, queue_per_second = 0, lag_seconds = 0;
};
void Fold(const Effect& effect, double strength, Modifiers& into);

// No samples of the targets in scope. With `markers` Prometheus saw the scrape fail (up = 0 and
// staleness markers), without it nobody was looking.
struct ScrapeGap {
  Scope scope;
  TimeMs start = 0, end = 0;
  bool markers = false;
};

struct Restart {
  Scope scope;
  TimeMs at = 0;
  bool renamed = false;  // comes back under a new instance label
};

// Payment lanes in scope exist only in [from, to).
struct Lifetime {
  Scope scope;
  TimeMs from = -kForever, to = kForever;
};

struct Holiday {
  int region = -1;
  TimeMs start = 0, end = 0;
};

struct Event {
  std::string kind;
  bool incident = false;
  Scope scope;  // as a person would name it
  TimeMs start = 0, end = 0;
  TimeMs busy_until = 0;  // no other event in the same scope until then; 0 = end
  std::string severity;   // incidents: critical, major, minor
  std::string note;
  std::vector<Scope> also;  // incidents: further places where it plainly shows
  std::vector<Effect> effects;
  std::vector<ScrapeGap> gaps;
  std::vector<Restart> restarts;
  std::vector<Lifetime> lifetimes;
  std::vector<Holiday> holidays;
  std::vector<incidents::Change> changes;  // ids are given by the scenario
};

}  // namespace quell::simulator
