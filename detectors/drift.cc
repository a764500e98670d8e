#include "detectors/drift.h"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

namespace quell::detectors {
namespace {

constexpr double kValueMax = 1e30;
constexpr int kWarmDays = 3;  // in which seasons are learned
constexpr int kReferenceDaysMin = 4;
constexpr double kGroups = 10;
constexpr double kEndShareMax = 0.25;  // more in the end bins: they do not fit any more
constexpr double kHalf = 0.5;          // a count added to every group, so that none is empty
constexpr double kLeastP = 1e-12;

using Day = DriftMeter::Day;

double Total(const Day& day) { return std::accumulate(day.begin(), day.end(), 0.0); }

// Ends of groups of neighbouring bins, each of at least a tenth of the reference.
std::vector<int> GroupEnds(const std::array<double, DriftMeter::kBins>& reference) {
  const double all = std::accumulate(reference.begin(), reference.end(), 0.0);
  std::vector<int> ends;
  double mass = 0;
  for (int bin = 0; bin < DriftMeter::kBins; ++bin) {
    mass += reference[static_cast<size_t>(bin)];
    if (mass < all / kGroups) continue;
    ends.push_back(bin + 1);
    mass = 0;
  }
  // What is left over belongs to the last group.
  if (!ends.empty()) ends.back() = DriftMeter::kBins;
  // Nearly all in one place: what lies beside it is a group of its own.
  if (ends.size() < 3) {
    const auto most = std::max_element(reference.begin(), reference.end()) - reference.begin();
    ends.clear();
    if (most > 0) ends.push_back(static_cast<int>(most));
    ends.push_back(static_cast<int>(most) + 1);
    if (most + 1 < DriftMeter::kBins) ends.push_back(DriftMeter::kBins);
  }
  return ends;
}

std::vector<double> Grouped(const Day& day, const std::vector<int>& ends) {
  std::vector<double> out;
  auto begin = day.begin();
  for (const int end : ends) {
    out.push_back(std::accumulate(begin, day.begin() + end, 0.0));
    begin = day.begin() + end;
  }
  return out;
}

// How far a day's groups are from what the shares say, in the square roots of what chance gives
// to independent values.
std::vector<double> Residuals(const std::vector<double>& counts,
                              const std::vector<double>& shares) {
  const double n = std::accumulate(counts.begin(), counts.end(), 0.0);
  std::vector<double> out;
  for (size_t g = 0; g < counts.size(); ++g) {
    out.push_back((counts[g] - n * shares[g]) / std::sqrt(n * shares[g]));
  }
  return out;
}

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Of the reference days among each other.
struct Dispersion {
  double effect = 1;      // times the variance of independent values
  double dimensions = 1;  // that it lives in: Satterthwaite's degrees of freedom
};

Dispersion DispersionOf(const std::vector<std::vector<double>>& days,
                        const std::vector<double>& shares) {
  std::vector<std::vector<double>> residuals;
  residuals.reserve(days.size());
  for (const auto& day : days) residuals.push_back(Residuals(day, shares));
  const double free = static_cast<double>(days.size()) - 1;
  double trace = 0;
  double square = 0;
  for (const auto& a : residuals) {
    trace += Dot(a, a) / free;
    for (const auto& b : residuals) square += std::pow(Dot(a, b) / free, 2);
  }
  Dispersion out;
  const auto groups = static_cast<double>(shares.size());
  // Days that agree better than by chance do so by chance.
  out.effect = std::max(trace / (groups - 1), 0.5);
  if (square > 0) out.dimensions = std::clamp(trace * trace / square, 1.0, groups - 1);
  return out;
}

}  // namespace

std::string_view DriftAdviceName(DriftAdvice advice) {
  switch (advice) {
    case DriftAdvice::kNone:
      return "none";
    case DriftAdvice::kWatch:
      return "watch";
    case DriftAdvice::kRetrain:
      return "retrain";
  }
  return "none";
}

DriftAdvice AdviceOf(const DriftVerdict& verdict) {
  if (verdict.psi >= 0.25 && verdict.p < 0.01) return DriftAdvice::kRetrain;
  if (verdict.psi >= 0.1 && verdict.p < 0.05) return DriftAdvice::kWatch;
  return DriftAdvice::kNone;
}

std::optional<DriftVerdict> CompareDays(const Day& latest,
                                        const std::array<Day, DriftMeter::kDays>& days,
                                        int days_used) {
  if (days_used < kReferenceDaysMin) return std::nullopt;
  std::array<double, DriftMeter::kBins> reference{};
  for (int d = 0; d < days_used; ++d) {
    for (size_t bin = 0; bin < reference.size(); ++bin) {
      reference[bin] += days[static_cast<size_t>(d)][bin];
    }
  }
  const std::vector<int> ends = GroupEnds(reference);
  const auto groups = static_cast<double>(ends.size());
  std::vector<std::vector<double>> by_day;
  std::vector<double> shares(ends.size(), kHalf);
  for (int d = 0; d < days_used; ++d) {
    by_day.push_back(Grouped(days[static_cast<size_t>(d)], ends));
    for (size_t g = 0; g < ends.size(); ++g) shares[g] += by_day.back()[g];
  }
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= all;

  const std::vector<double> seen = Grouped(latest, ends);
  const double n = std::accumulate(seen.begin(), seen.end(), 0.0);
  const Dispersion dispersion = DispersionOf(by_day, shares);
  const double sampling = 1 + n / all;  // the reference is a sample, too
  const std::vector<double> residuals = Residuals(seen, shares);
  const double ratio = Dot(residuals, residuals) / sampling / ((groups - 1) * dispersion.effect);
  const double free = dispersion.dimensions * (days_used - 1);
  const boost::math::fisher_f_distribution<double> nominal(dispersion.dimensions, free);

  DriftVerdict out;
  out.reference_days = days_used;
  out.p = std::clamp(boost::math::cdf(boost::math::complement(nominal, ratio)), kLeastP, 1.0);
  for (size_t g = 0; g < ends.size(); ++g) {
    const double share = (seen[g] + kHalf) / (n + kHalf * groups);
    out.psi += (share - shares[g]) * std::log(share / shares[g]);
  }
  const double by_chance = (groups - 1) * dispersion.effect * sampling / n;
  out.psi = std::max(0.0, out.psi - by_chance);
  return out;
}

bool DriftMeter::Observe(TimeMs at, double value, double least) {
  if (!std::isfinite(value) || at <= 0) return false;
  value = std::clamp(value, -kValueMax, kValueMax);
  const auto day = static_cast<std::int32_t>((at - 1) / kDayMs);
  if (day < state_.day) return false;
  bool judged = false;
  if (state_.day < 0) state_.since = day;
  if (state_.day >= 0 && day != state_.day) EndDay(day, least, judged);
  state_.day = day;
  Count(value);
  return judged;
}

void DriftMeter::Count(double value) {
  if (state_.width == 0) {
    const double share = 1.0 / ++state_.values;
    state_.mean += share * (value - state_.mean);
    state_.apart += static_cast<float>(share * (std::abs(value - state_.mean) - state_.apart));
    if (state_.values > 1) {
      state_.steps = std::min(state_.steps + 1, 288);
      const double apart = std::abs(value - state_.before);
      state_.step += static_cast<float>((apart - state_.step) / state_.steps);
    }
    state_.before = static_cast<float>(value);
    return;
  }
  const double bin = 1 + std::floor((value - state_.origin) / state_.width);
  const auto place = static_cast<size_t>(std::clamp(bin, 0.0, kBins - 1.0));
  std::uint16_t& count = state_.days[static_cast<size_t>(state_.day % kDays)][place];
  if (count < 0xFFFF) ++count;
}

// Bins of two fifths of the noise reach six times as far as it on both sides.
void DriftMeter::SetBins(double least) {
  const double noise = std::max({1.25 * state_.step, 1.25 * state_.apart, least});
  state_.width = static_cast<float>(noise / 2.5);
  state_.origin = state_.mean - (kBins / 2.0 - 1) * state_.width;
  if (!(state_.width > 0)) state_.width = 0;
  state_.days = {};
}

void DriftMeter::EndDay(std::int32_t next, double least, bool& judged) {
  if (state_.width == 0) {
    if (state_.values >= kCellsMin && state_.day - state_.since + 1 >= kWarmDays) SetBins(least);
    state_.values = 0;
    state_.mean = 0;
    state_.apart = 0;
    return;
  }
  judged = Judge();
  double ends = 0;
  double all = 0;
  for (const Day& day : state_.days) {
    ends += day.front() + day.back();
    all += Total(day);
  }
  if (ends > kEndShareMax * all) {
    // What it is like now needs other bins; a day to find them, then a reference.
    state_.width = 0;
    state_.since = next - kWarmDays + 1;
    state_.days = {};
    return;
  }
  const std::int32_t skipped = std::min(next - state_.day, std::int32_t{kDays});
  for (std::int32_t i = 1; i <= skipped; ++i) {
    state_.days[static_cast<size_t>((state_.day + i) % kDays)] = {};
  }
}

bool DriftMeter::Judge() {
  const Day& latest = state_.days[static_cast<size_t>(state_.day % kDays)];
  if (Total(latest) < kCellsMin) return false;
  std::array<Day, kDays> reference{};
  int used = 0;
  for (int back = 1; back < kDays; ++back) {
    if (state_.day < back) break;
    const Day& day = state_.days[static_cast<size_t>((state_.day - back) % kDays)];
    if (Total(day) >= kCellsMin) reference[static_cast<size_t>(used++)] = day;
  }
  const auto verdict = CompareDays(latest, reference, used);
  if (!verdict) return false;
  state_.judged = state_.day;
  state_.reference_days = used;
  state_.psi = static_cast<float>(verdict->psi);
  state_.p = static_cast<float>(verdict->p);
  return true;
}

std::optional<DriftVerdict> DriftMeter::Latest() const {
  // A verdict of the day before yesterday is none about now.
  if (state_.judged < 0 || state_.day - state_.judged > 1) return std::nullopt;
  return DriftVerdict{(state_.judged + TimeMs{1}) * kDayMs, state_.psi, state_.p,
                      state_.reference_days};
}

bool DriftMeter::Restore(const State& state) {
  const bool finite = std::isfinite(state.origin) && std::isfinite(state.mean) &&
                      std::isfinite(state.width) && std::isfinite(state.step) &&
                      std::isfinite(state.apart) && std::isfinite(state.before) &&
                      std::isfinite(state.psi) && std::isfinite(state.p);
  if (!finite || state.width < 0 || state.values < 0 || state.steps < 0 || state.day < -1 ||
      state.p <= 0 || state.p > 1 || state.psi < 0) {
    return false;
  }
  state_ = state;
  return true;
}

}  // namespace quell::detectors
