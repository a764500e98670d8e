// Groupings of an alert stream: what Quell makes of it, and what stands beside it.
//
// A grouping names a group for every alert of the stream, and the page that told of it.
// Deterministic.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/incidents/dedup_model.h"
#include "replay/streams/alert_stream.h"

namespace quell::streams {

struct Grouping {
  // By alert of the stream: its group in the end; the page that first spoke of it (a group's
  // number, maybe of one that was merged away since), and when; 0 = none did.
  std::vector<std::int64_t> group, page;
  std::vector<TimeMs> heard;
  std::vector<std::string> why;  // by alert, of Quell: the evidence that it joined by
};

// Alertmanager's: groups are equal labels; one lasts while any member fires, pages `wait` after it
// began and is another one after that.
Grouping GroupByLabels(const AlertStream& stream, const std::vector<std::string>& names,
                       DurationMs wait_ms = 30 * kSecondMs);

// A group ends where for longer than `gap` nothing began. Pages at once.
Grouping GroupByGap(const AlertStream& stream, DurationMs gap_ms = 300 * kSecondMs);

// Quell's incident engine, fed as the pipeline feeds it.
Grouping GroupByEngine(const AlertStream& stream,
                       std::shared_ptr<const incidents::DedupModel> model = nullptr);

// What a decision had to go by, and what would have been right.
struct JoinExample {
  TimeMs at = 0;
  incidents::JoinFeatures features{};
  double built_in = 0;  // log odds by the built-in weights
  bool same = false;
};
// The engine's decisions along a history that is grouped rightly: of each two groups at most
// kExamplesOfTwo.
inline constexpr size_t kExamplesOfTwo = 40;
std::vector<JoinExample> ExamplesOf(const AlertStream& stream);

}  // namespace quell::streams
