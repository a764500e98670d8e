// SuppressionBook: what keeps the mutes that nobody asked for within bounds.
//
// Silences and announced windows are somebody's word and end when they say. What Quell mutes of its
// own accord (flapping, known noise) has a budget for each identity (fingerprint): of time since it
// was first muted, and of incidents that ended without a page. Beyond it the alert pages, and the
// budget begins anew. A critical alert of an identity that no page of the last six hours listed as
// critical is new: it is muted for `critical_bound_ms` after it began at most; so is any critical
// alert that is known noise. Bounded memory; thread-compatible.
#pragma once

#include <cstdint>
#include <map>

#include "core/bytes.h"
#include "engine/incidents/alert.h"
#include "engine/incidents/suppression_options.h"

namespace quell::incidents {

class SuppressionBook {
 public:
  explicit SuppressionBook(const SuppressionOptions& options) : options_(options) {}

  // A page lists the alert.
  void Told(const Alert& alert, TimeMs now);
  // It is muted; `ended`: it will not page any more.
  void Muted(const Alert& alert, TimeMs now, bool ended);
  // Whether it may be muted at `now`. `next_ms`: until it can be decided upon again.
  [[nodiscard]] bool MayMute(const Alert& alert, PageReason reason, TimeMs now,
                             DurationMs next_ms) const;
  void Forget(TimeMs now);

  void Save(ByteWriter& out) const;
  void Load(ByteReader& in);

 private:
  struct Entry {
    TimeMs told_at = 0;  // the latest page; 0 = none
    Severity told = Severity::kInfo;
    TimeMs muted_since = 0;  // 0 = not since the latest page
    TimeMs muted_at = 0;     // the latest time
    std::uint64_t count = 0;
  };
  Entry& At(std::uint64_t fingerprint);

  SuppressionOptions options_;
  std::map<std::uint64_t, Entry> entries_;
};

}  // namespace quell::incidents
