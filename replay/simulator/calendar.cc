#include "replay/simulator/calendar.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "replay/simulator/catalog.h"

namespace quell::simulator {
namespace {

namespace chrono = std::chrono;
using incidents::ChangeKind;

struct Date {
  unsigned month, day;
};
// By region, in the topology's order; further regions begin again.
constexpr std::array<std::array<Date, 11>, 3> kHolidays = {{{{{1, 1},
                                                              {2, 16},
                                                              {4, 6},
                                                              {5, 1},
                                                              {6, 4},
                                                              {7, 14},
                                                              {8, 20},
                                                              {9, 10},
                                                              {10, 30},
                                                              {12, 25},
                                                              {12, 26}}},
                                                            {{{1, 1},
                                                              {1, 19},
                                                              {3, 13},
                                                              {5, 25},
                                                              {6, 19},
                                                              {7, 3},
                                                              {8, 12},
                                                              {9, 7},
                                                              {10, 12},
                                                              {11, 26},
                                                              {12, 25}}},
                                                            {{{1, 1},
                                                              {2, 11},
                                                              {3, 20},
                                                              {5, 4},
                                                              {6, 11},
                                                              {7, 20},
                                                              {8, 11},
                                                              {9, 21},
                                                              {11, 3},
                                                              {11, 23},
                                                              {12, 31}}}}};

bool OnWeekend(chrono::sys_days day) {
  const unsigned weekday = chrono::weekday(day).iso_encoding();
  return weekday >= 6;
}

chrono::sys_days WorkingDayUntil(chrono::sys_days day) {
  while (OnWeekend(day)) day -= chrono::days(1);
  return day;
}

class Maker {
 public:
  Maker(const Topology& topology, const SimulatorOptions& options)
      : topology_(topology),
        from_(options.start),
        until_(options.start + options.duration_ms),
        sampler_(options.seed * 0xD6E8FEB86659FD93ULL + 71) {}

  std::vector<Event> Make() {
    for (size_t r = 0; r < topology_.regions.size(); ++r) MakeRegion(static_cast<int>(r));
    return std::move(events_);
  }

 private:
  void MakeRegion(int region) {
    const double payday = sampler_.Uniform(1.25, 1.5);
    const double month_end = sampler_.Uniform(1.15, 1.4);
    const double evening = sampler_.Uniform(1.6, 2.2);
    const chrono::sys_days first{chrono::days(from_ / kDayMs - 1)};
    const chrono::sys_days last{chrono::days(until_ / kDayMs + 1)};
    for (chrono::sys_days day = first; day <= last; day += chrono::days(1)) {
      const chrono::year_month_day date{day};
      const auto month = date.year() / date.month();
      if (day == WorkingDayUntil(month / 25)) Payday(region, day, payday);
      if (day == WorkingDayUntil(month / chrono::last)) Payday(region, day, month_end);
      const auto& holidays = kHolidays[static_cast<size_t>(region) % kHolidays.size()];
      const bool holiday = std::any_of(holidays.begin(), holidays.end(), [&](const Date& one) {
        return chrono::month(one.month) == date.month() && chrono::day(one.day) == date.day();
      });
      if (holiday) NationalHoliday(region, day);
      if (day == month / chrono::Thursday[1]) MembersEvening(region, day, evening);
    }
  }

  // A day's event, or nullptr where it lies outside the simulated time.
  Event* Begin(const char* kind, int region, chrono::sys_days day, DurationMs at,
               DurationMs length) {
    const DurationMs offset =
        topology_.regions[static_cast<size_t>(region)].utc_offset_minutes * kMinuteMs;
    const TimeMs start = day.time_since_epoch().count() * kDayMs - offset + at;
    if (start < from_ || start >= until_) return nullptr;
    Event event;
    event.kind = kind;
    event.scope.region = region;
    event.start = event.busy_until = start;  // incidents happen on such days, too
    event.end = start + length;
    events_.push_back(std::move(event));
    return &events_.back();
  }

  void Payday(int region, chrono::sys_days day, double factor) {
    Event* event = Begin("payday", region, day, 0, kDayMs);
    if (event == nullptr) return;
    Effect& effect = AddEffect(*event, event->scope);
    effect.volume = factor;
    effect.rise_ms = 3 * kHourMs;
    effect.fall_ms = 2 * kHourMs;
  }

  void NationalHoliday(int region, chrono::sys_days day) {
    Event* event = Begin("national_holiday", region, day, 0, kDayMs);
    if (event == nullptr) return;
    event->holidays.push_back({region, event->start, event->end});
    AddChange(*event, topology_, ChangeKind::kHoliday, event->scope, event->start, event->end,
              "national holiday");
  }

  void MembersEvening(int region, chrono::sys_days day, double factor) {
    Event* event = Begin("members_evening", region, day, 17 * kHourMs, 5 * kHourMs);
    if (event == nullptr) return;
    Effect& effect = AddEffect(*event, event->scope);
    effect.volume = factor;
    effect.rise_ms = 20 * kMinuteMs;
    effect.fall_ms = 40 * kMinuteMs;
    AddChange(*event, topology_, ChangeKind::kPromotion, event->scope, event->start, event->end,
              "members' evening");
  }

  const Topology& topology_;
  TimeMs from_;
  TimeMs until_;
  Sampler sampler_;
  std::vector<Event> events_;
};

}  // namespace

std::vector<Event> CalendarEvents(const Topology& topology, const SimulatorOptions& options) {
  return Maker(topology, options).Make();
}

}  // namespace quell::simulator
