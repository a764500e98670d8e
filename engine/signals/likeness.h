// Likeness: what of a series decides which signals it feeds, as one hash.
//
// Series that differ in copies (pod, instance, ...) and details (version, reason, ...) alone are
// alike: they feed the same signals in the same way, each for its own target. A new generation of
// pods is bound by it without being decoded. The names that a definition selects or groups by
// always count. Exact but for collisions of a hash of 128 bits.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/hash.h"
#include "engine/signals/definition.h"
#include "ingest/series_records.h"

namespace quell::signals {

class Likeness {
 public:
  // Of the configured definitions. Where one groups by every label, no series are alike.
  explicit Likeness(std::span<const SignalDef> definitions);

  struct Traits {
    Hash128 key;               // equal for series that are alike
    std::uint64_t target = 0;  // TargetHash of it
    std::string_view job;      // borrowed from the body
    std::string_view instance;
  };
  // nullopt unless `body` is what ingest::DefinitionBody makes of a series' labels.
  [[nodiscard]] std::optional<Traits> Of(std::string_view body);

 private:
  [[nodiscard]] bool Counts(std::string_view name) const;

  bool any_ = true;
  std::vector<std::string> selected_;      // names that definitions use; sorted
  std::vector<ingest::LabelText> labels_;  // scratch
  std::string kept_;                       // scratch
};

// Where a series comes from: the scrape target, by metric.
std::uint64_t TargetHash(std::string_view metric, std::string_view job, std::string_view instance);

}  // namespace quell::signals
