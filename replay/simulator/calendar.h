// Calendar: what comes back by the date: paydays, national holidays, a members' evening.
//
// Paydays   the 25th (the working day before where it falls on a weekend) and the month's last
//           working day: each region has a factor of its own for either, from midnight, over three
//           hours. Nobody announces them.
// Holidays  a fixed list of dates a region: a day like a Sunday, announced as `national holiday`.
// Members'  the evening of every first Thursday: a campaign in all regions, announced as `members'
// evening   evening`.
#pragma once

#include <vector>

#include "replay/simulator/effect.h"
#include "replay/simulator/options.h"
#include "replay/simulator/sampler.h"

namespace quell::simulator {

// All of the days that begin within the simulated time, none of them incidents.
std::vector<Event> CalendarEvents(const Topology& topology, const SimulatorOptions& options);

}  // namespace quell::simulator
