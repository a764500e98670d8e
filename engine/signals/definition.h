// SignalDef: what is judged. One definition yields one signal per distinct set of group labels.
//
// Plain data, made by the configuration or by discovery.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/matcher.h"
#include "detectors/types.h"
#include "engine/signals/alert_rules.h"

namespace quell::signals {

// What a gauge of several series in one group is worth.
enum class Aggregate : std::uint8_t { kAverage, kSum, kMax };

// What it means when a signal that used to report does not.
enum class Missing : std::uint8_t {
  kIgnore,  // nothing by itself; the state is visible
  kAlert,  // a condition of its own: an alert after the grace time, unless monitoring itself is out
};

struct SignalDef {
  std::string name;
  detectors::SignalKind kind = detectors::SignalKind::kGauge;
  // kRatio: bad and total. kQuantile: selector of `_bucket` series. kRate, kGauge: selector.
  // Native histograms: native_role.h.
  std::optional<Selector> bad;
  std::optional<Selector> total;
  std::optional<Selector> selector;
  std::vector<std::string> by;  // group labels; a label that a series lacks is left out
  bool by_all = false;          // group by every label of the series (gauges found by discovery)
  detectors::Policy policy;
  Missing missing = Missing::kIgnore;
  AlertRules rules;
  Aggregate aggregate = Aggregate::kAverage;
  double static_limit = 0;      // cold-start fallback; 0 = none
  std::optional<double> limit;  // of a capacity, kRate and kGauge: time to it is forecast
  bool limit_below = false;     // it is met from above
  double quantile = 0.95;       // for people; (0, 1)
  double bound = 0;             // kQuantile: slow means above this many seconds; 0 = learned
  std::string unit;             // "ratio", "seconds", "per_second", "bytes", ...
  std::string what;  // for people: "failure ratio", "p95 latency", "volume", "queue depth"
};

// The policy and words that a kind has unless told otherwise.
void ApplyKindDefaults(SignalDef& def);

}  // namespace quell::signals
