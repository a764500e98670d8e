// Scoring of values that somebody asks about, without teaching anybody anything: against what a
// running version expects of their signal in the latest step, or by the stated rules where no
// version can say.
//
// Model    the signed normal score of the value against the expected band (its central 99 %); of a
//          share with its number of requests no more than their chance allows (binomial). It is one
//          of the detectors alone: neither the charts nor the forest look at a single value.
// Pure.
#pragma once

#include <string_view>

#include "engine/pipeline/pipeline_options.h"
#include "engine/signals/policy.h"

namespace quell::models {

// Why the rules said it.
enum class Fallback : std::uint8_t {
  kNone,           // a version did
  kMissing,        // the version is not one that runs
  kCold,           // it has too short a past of the signal, or no samples of it now
  kTooSlow,        // the budget was used up
  kUnknownSignal,  // nobody knows the signal: nothing is said
};
inline constexpr size_t kFallbacks = 5;
std::string_view FallbackName(Fallback fallback);  // "none", "missing", "cold", ...

struct Scored {
  Fallback fallback = Fallback::kNone;
  bool anomalous = false;
  detectors::VerdictReason reason = detectors::VerdictReason::kInsufficientEvidence;
  double tail_probability = 1;  // 1 by the rules
  pipeline::Reading reading;    // value, and by a version what it expects
};

// A point that is asked about, in its signal's unit.
struct Asked {
  double value = 0;
  double requests = 0;  // of a share, behind the value; 0 = not known
};

Scored ScoreAgainst(const Asked& asked, detectors::SignalKind kind, const pipeline::Reading& latest,
                    const signals::SignalPolicy& policy, double threshold);
// The policy's ceiling and floor, and above those the static limit.
Scored ScoreByRules(const Asked& asked, const signals::SignalPolicy& policy, Fallback why);

}  // namespace quell::models
