// Strict scores: an incident counts as caught only by a page that opened while it lasted.
//
// Pages are about incidents as scoring.h has it. One that opens later, up to 15 minutes after the
// incident's end, is about it still (never false), counts for "pages an incident", but does not
// catch it. Precision is incidents caught of those and the false pages.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "replay/scoring/result.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {

struct StrictOutcome {
  LabelledIncident incident;
  bool caught = false;
  double seconds = 0;     // from its start to the first page that opened during it
  int pages = 0;          // about it
  bool one_page = false;  // caught, by one page, and that is about no other incident
};

struct StrictScores {
  std::vector<StrictOutcome> incidents;  // by start, then id
  int false_pages = 0;
  double weeks = 0;

  [[nodiscard]] int Caught() const;
  [[nodiscard]] double Recall() const;
  [[nodiscard]] double Precision() const;
  [[nodiscard]] double F1() const;
  [[nodiscard]] double FalsePerWeek() const;
  [[nodiscard]] double OnePageShare() const;      // of all incidents
  [[nodiscard]] double PagesPerIncident() const;  // of the caught
};

StrictScores ScoreStrictly(const ReplayResult& result,
                           const std::vector<LabelledIncident>& incidents);

// Adds sets up, as if they were one history.
void Join(const StrictScores& more, StrictScores& into);

}  // namespace quell::replay
