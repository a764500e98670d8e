// How well a grouping of alerts matches the incidents that they belong to.
//
// The unit is an alert (by its labels) of an incident in a group: that it fires again there is
// nothing new. Alerts that belong to no incident are right only alone. Pairs say little of small
// incidents beside storms, so the mean over units (B-cubed; Bagga and Baldwin, 1998) stands beside.
#pragma once

#include <vector>

#include "replay/streams/grouping.h"

namespace quell::streams {

struct GroupingScore {
  // Pairs of units: in one group and of one incident; in one group; of one incident.
  double right = 0, grouped = 0, belong = 0;
  double units = 0, chance = 0;  // chance: right pairs that a random grouping has (as in ARI)
  double bcubed_precision = 0, bcubed_recall = 0;  // sums over units of incidents
  double bcubed_units = 0;
  int incidents = 0;
  int missed = 0;              // no page spoke of any of its alerts
  int hidden = 0;              // spoken of, but only in pages that something else had opened
  int mixed = 0;               // pages that speak of two incidents or more
  int pages = 0;               // about incidents
  int others = 0;              // pages about nothing but what belongs to no incident
  int incident_pages = 0;      // over incidents, the pages that speak of them
  std::vector<double> delays;  // seconds from an incident's first alert to its page

  [[nodiscard]] double Precision() const { return grouped > 0 ? right / grouped : 1; }
  [[nodiscard]] double Recall() const { return belong > 0 ? right / belong : 1; }
  [[nodiscard]] double F1() const {
    return grouped + belong > 0 ? 2 * right / (grouped + belong) : 1;
  }
  [[nodiscard]] double AdjustedRand() const;
  [[nodiscard]] double BcubedF1() const;
  [[nodiscard]] int Split() const { return incident_pages - (incidents - missed); }
};

GroupingScore ScoreGrouping(const AlertStream& stream, const Grouping& grouping);
// Over several streams, each of which has its own pairs.
void Join(const GroupingScore& one, GroupingScore& all);

}  // namespace quell::streams
