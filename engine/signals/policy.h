// SignalPolicy: everything that says which deviations of one signal are worth an alert. A kind has
// defaults, a definition its own, and rules that match labels change single fields of them.
//
// Plain data and pure functions.
#pragma once

#include <optional>
#include <span>

#include "core/labels.h"
#include "core/matcher.h"
#include "detectors/types.h"
#include "engine/signals/definition.h"

namespace quell::signals {

struct SignalPolicy {
  detectors::Policy deviation;
  double static_limit = 0;
  Missing missing = Missing::kIgnore;
  AlertRules rules;

  // The side on which `value` is beyond a limit that always counts: +1, -1, or 0 for none.
  [[nodiscard]] int BeyondLimit(double value) const;
  // Whether `value` lies where nobody cares, whatever the odds.
  [[nodiscard]] bool NobodyCares(double value) const;
};

// Fields to change; those without a value stay as they are.
struct PolicyChange {
  std::optional<detectors::Direction> direction;
  std::optional<double> min_abs_deviation, min_rel_deviation, static_limit, floor, ceiling,
      few_requests_per_minute, latency_rise;
  std::optional<DurationMs> few_requests_lasting_ms, partial_lasting_ms, abrupt_within_ms,
      flatline_ms;
  std::optional<Missing> missing;
  std::optional<BusinessHours> hours;

  void ApplyTo(SignalPolicy& policy) const;
  void ApplyTo(SignalDef& def) const;
};

// An entry of `policies`: for signals of these labels, and of this kind where one is named.
struct PolicyRule {
  Selector match;
  std::optional<detectors::SignalKind> kind;
  PolicyChange change;

  // A signal's labels are those of its group and `alertname`; its name is a metric name, too.
  [[nodiscard]] bool Matches(const SignalDef& def, const Labels& labels) const;
};

SignalPolicy PolicyOf(const SignalDef& def);

}  // namespace quell::signals
