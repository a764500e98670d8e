#include "replay/simulator/season.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "replay/simulator/sampler.h"

namespace quell::simulator {
namespace {

constexpr int kBinsPerDay = 288;
constexpr int kBins = 7 * kBinsPerDay;
constexpr DurationMs kBinMs = 5 * kMinuteMs;
constexpr DurationMs kMondayMs = 4 * kDayMs;  // 1970-01-05 was a Monday

struct Bump {
  double hour, width, height;
};

double Around(double hour, const Bump& bump) {
  double distance = std::abs(hour - bump.hour);
  distance = std::min(distance, 24.0 - distance);
  return bump.height * std::exp(-0.5 * distance * distance / (bump.width * bump.width));
}

std::vector<float> DrawWeek(Sampler& sampler) {
  const double floor = sampler.Uniform(0.03, 0.10);
  const std::array<Bump, 4> work = {{{sampler.Uniform(9, 10.5), 2.0, sampler.Uniform(.3, .5)},
                                     {sampler.Uniform(12, 13.5), 1.1, sampler.Uniform(.15, .4)},
                                     {sampler.Uniform(15.5, 17), 2.5, sampler.Uniform(.2, .4)},
                                     {sampler.Uniform(18.8, 21), 1.9, sampler.Uniform(.5, .8)}}};
  const double saturday = sampler.Uniform(0.75, 1.15);
  const double sunday = sampler.Uniform(0.55, 0.9);
  const double friday = sampler.Uniform(1.0, 1.2);
  const double lie_in = sampler.Uniform(0.8, 2.0);  // hours later at weekends
  std::vector<float> bins(kBins);
  float peak = 0;
  for (int bin = 0; bin < kBins; ++bin) {
    const int day = bin / kBinsPerDay;
    const double hour = 24.0 * (bin % kBinsPerDay) / kBinsPerDay;
    double load = floor;
    for (size_t i = 0; i < work.size(); ++i) {
      Bump bump = work[i];
      if (day >= 5 && i == 0) bump.hour += lie_in;
      if (day >= 5 && i == 2) bump.height *= 1.3;
      if (day == 4 && i == 3) bump.height *= friday;
      load += Around(hour, bump);
    }
    if (day == 5) load *= saturday;
    if (day == 6) load *= sunday;
    bins[static_cast<size_t>(bin)] = static_cast<float>(load);
    peak = std::max(peak, bins[static_cast<size_t>(bin)]);
  }
  // Days flow into each other over the hour around midnight.
  std::vector<float> smooth(bins.size());
  for (int bin = 0; bin < kBins; ++bin) {
    float sum = 0;
    for (int k = -6; k <= 6; ++k) sum += bins[static_cast<size_t>((bin + k + kBins) % kBins)];
    smooth[static_cast<size_t>(bin)] = sum / 13.0F / peak;
  }
  return smooth;
}

int DayOfMonth(TimeMs time) {
  const std::chrono::sys_days days{std::chrono::days(time / kDayMs)};
  return static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day(days).day()));
}

}  // namespace

Season::Season(const Topology& topology, const SimulatorOptions& options)
    : start_(options.start), swing_(options.swing) {
  Sampler sampler(options.seed * 0xD1B54A32D192ED03ULL + 23);
  growth_per_day_ = sampler.Uniform(-0.0005, 0.004);
  payday_lift_ = sampler.Uniform(0.05, 0.18);
  if (options.calendar) payday_lift_ = 0;  // it has its own
  for (const Region& region : topology.regions) {
    weeks_.push_back({DrawWeek(sampler), region.utc_offset_minutes, sampler.Uniform(1.2, 3.2)});
  }
}

double Season::Load(int region, TimeMs time, bool holiday) const {
  const Week& week = weeks_[static_cast<size_t>(region)];
  const TimeMs local = time + week.utc_offset_minutes * kMinuteMs;
  TimeMs in_week = ((local - kMondayMs) % kWeekMs + kWeekMs) % kWeekMs;
  if (holiday) in_week = 6 * kDayMs + in_week % kDayMs;
  const auto bin = static_cast<size_t>(in_week / kBinMs);
  const double part = static_cast<double>(in_week % kBinMs) / static_cast<double>(kBinMs);
  double load = week.bins[bin] * (1.0 - part) + week.bins[(bin + 1) % week.bins.size()] * part;
  if (swing_ != 1) load = std::pow(load, swing_);
  const int day = DayOfMonth(local);
  const double payday = day >= 25 && day <= 28 ? 1.0 + payday_lift_ : 1.0;
  const double days = static_cast<double>(time - start_) / static_cast<double>(kDayMs);
  return load * payday * std::exp(growth_per_day_ * std::clamp(days, -365.0, 365.0));
}

double Season::LocalHour(int region, TimeMs time) const {
  const TimeMs local = time + weeks_[static_cast<size_t>(region)].utc_offset_minutes * kMinuteMs;
  return static_cast<double>((local % kDayMs + kDayMs) % kDayMs) / static_cast<double>(kHourMs);
}

double Season::Batch(int region, TimeMs time) const {
  return Around(LocalHour(region, time),
                {weeks_[static_cast<size_t>(region)].batch_hour, 0.6, 1.0});
}

}  // namespace quell::simulator
