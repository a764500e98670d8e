// The words that payment metrics use, by Prometheus naming conventions: which labels hold an
// outcome, which of their values are failures, which labels mean something to group by.
//
// Pure functions of their arguments.
#pragma once

#include <string_view>

namespace quell::signals {

// What a value of an outcome label says about the request.
enum class Outcome {
  kGood,
  kDecline,  // a business answer (insufficient funds, 404): not a failure of the system
  kFailure,  // the system's fault: error, timeout, 5xx
  kUnknown,
};

// "outcome", "status", "code", "result" and their like.
bool IsOutcomeLabel(std::string_view name);
Outcome ClassifyOutcome(std::string_view value);

// Labels that tell copies of one thing apart ("instance", "pod") rather than things that matter.
bool IsInstanceLabel(std::string_view name);

// "service", "app" and their like; "job" is one where nothing else is.
bool IsServiceLabel(std::string_view name);

// "region", "zone", "datacenter" and their like: a place that a service is in.
bool IsPlaceLabel(std::string_view name);

// A reason or class beside the outcome ("reason", "error", "le", "quantile"): never grouped by.
bool IsDetailLabel(std::string_view name);

}  // namespace quell::signals
