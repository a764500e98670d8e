#include "detectors/calendar_pool.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "detectors/season_clock.h"

namespace quell::detectors {
namespace {

constexpr double kUnit = 64;            // of the diary
constexpr double kLaneVariance = 0.05;  // of a point: what caps a lane's weight
constexpr float kBlocksMin = 1.5F;      // three lanes, half of the time
constexpr int kAround = 5;              // days to either side that say what is ordinary
constexpr int kAroundMin = 5;
constexpr double kOrdinaryMin = 0.02 * 0.02;
constexpr double kOddVariances = 9;
constexpr double kPriorDays = 2;
constexpr std::int64_t kRampMs = kHourMs;
constexpr int kOccurrences = 7;  // of one class in kDays
constexpr std::int64_t kFarDay = 1'000'000;

using Blocks = std::array<float, CalendarPool::kBlocks>;

// Parts of a day: what each block differs from the day by, then the day.
constexpr size_t kParts = CalendarPool::kBlocks + 1;
constexpr size_t kWholeDay = CalendarPool::kBlocks;
constexpr int kBlocksOfDay = 4;  // that make a day known

// A diary laid out by age, less what is ordinary around each day.
struct Residuals {
  std::array<std::array<float, kParts>, CalendarPool::kDays> value{};  // [0]: the oldest day
  std::array<std::array<bool, kParts>, CalendarPool::kDays> known{};
  std::array<double, kParts> ordinary{};  // variance
};

template <size_t N>
float MedianOf(std::array<float, N>& values, int count) {
  const auto middle = values.begin() + count / 2;
  std::nth_element(values.begin(), middle, values.begin() + count);
  return *middle;
}

// The middle of ascending values; of an even number the one nearer zero, 0 between two signs.
template <size_t N>
double MiddleOf(const std::array<float, N>& ascending, int count) {
  const double high = ascending[static_cast<size_t>(count / 2)];
  const double low = ascending[static_cast<size_t>((count - 1) / 2)];
  if (low * high <= 0) return 0;
  return std::fabs(low) < std::fabs(high) ? low : high;
}

template <size_t N>
void Insert(std::array<float, N>& ascending, int& count, float value) {
  const auto end = ascending.begin() + count++;
  const auto place = std::upper_bound(ascending.begin(), end, value);
  std::copy_backward(place, end, end + 1);
  *place = value;
}

// What a weekday differs by in the weeks around is no matter of the date.
void LeaveOutWeekdays(Residuals& residuals, size_t b) {
  constexpr int kDays = CalendarPool::kDays;
  std::array<float, kDays> corrected{};
  for (int i = 0; i < kDays; ++i) {
    std::array<float, 4> weeks{};
    int count = 0;
    for (const int j : {i - 14, i - 7, i + 7, i + 14}) {
      if (j < 0 || j >= kDays || !residuals.known[static_cast<size_t>(j)][b]) continue;
      Insert(weeks, count, residuals.value[static_cast<size_t>(j)][b]);
    }
    const auto at = static_cast<size_t>(i);
    corrected[at] = residuals.value[at][b];
    if (count > 1) corrected[at] -= static_cast<float>(MiddleOf(weeks, count));
  }
  for (size_t i = 0; i < kDays; ++i) residuals.value[i][b] = corrected[i];
}

void BlockResiduals(const CalendarPool& pool, std::int64_t oldest, size_t b, Residuals& out) {
  constexpr int kDays = CalendarPool::kDays;
  std::array<std::int8_t, kDays> entries{};
  for (int i = 0; i < kDays; ++i) {
    entries[static_cast<size_t>(i)] =
        pool.diary[static_cast<size_t>(FloorMod(oldest + i, kDays))][b];
  }
  for (int i = 0; i < kDays; ++i) {
    const auto at = static_cast<size_t>(i);
    if (entries[at] == CalendarPool::kUnknown) continue;
    std::array<float, 2 * kAround> near{};
    int count = 0;
    for (int j = std::max(0, i - kAround); j <= std::min(kDays - 1, i + kAround); ++j) {
      const std::int8_t entry = entries[static_cast<size_t>(j)];
      if (j == i || entry == CalendarPool::kUnknown) continue;
      near[static_cast<size_t>(count++)] = entry;
    }
    if (count < kAroundMin) continue;
    out.value[at][b] = (static_cast<float>(entries[at]) - MedianOf(near, count)) / kUnit;
    out.known[at][b] = true;
  }
  LeaveOutWeekdays(out, b);
}

void SplitDay(std::array<float, kParts>& value, std::array<bool, kParts>& known) {
  float sum = 0;
  int count = 0;
  for (size_t b = 0; b < kWholeDay; ++b) {
    if (!known[b]) continue;
    sum += value[b];
    ++count;
  }
  known[kWholeDay] = count >= kBlocksOfDay;
  if (!known[kWholeDay]) known.fill(false);
  value[kWholeDay] = count > 0 ? sum / static_cast<float>(count) : 0;
  for (size_t b = 0; b < kWholeDay; ++b) value[b] -= value[kWholeDay];
}

void MeasureOrdinary(Residuals& residuals, size_t part) {
  std::array<float, CalendarPool::kDays> sizes{};
  int known = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!residuals.known[i][part]) continue;
    sizes[static_cast<size_t>(known++)] = std::fabs(residuals.value[i][part]);
  }
  const double deviation = known == 0 ? 0 : 1.4826 * MedianOf(sizes, known);
  residuals.ordinary[part] = std::max(kOrdinaryMin, deviation * deviation);
}

// The days of each class, as places among the residuals.
struct ClassDays {
  std::array<std::array<std::int16_t, kOccurrences>, kDayClasses> days{};
  std::array<int, kDayClasses> count{};
};

ClassDays DaysOfClasses(std::int64_t oldest) {
  ClassDays out;
  for (int i = 0; i < CalendarPool::kDays; ++i) {
    const ClassesOfDay classes = ClassesOf(oldest + i);
    for (int c = 0; c < classes.count; ++c) {
      const auto number = static_cast<size_t>(classes.numbers[static_cast<size_t>(c)]);
      int& count = out.count[number];
      if (count == kOccurrences) continue;
      out.days[number][static_cast<size_t>(count++)] = static_cast<std::int16_t>(i);
    }
  }
  return out;
}

struct Candidate {
  size_t number = 0;
  std::array<double, kParts> size{};
  std::array<double, kParts> share{};  // of it that is expected
  int days = 0;
  double gain = 0;  // squares explained, as far as it is expected
};

void FitPart(const Residuals& residuals, const ClassDays& classes, size_t part, Candidate& out) {
  std::array<float, kOccurrences> seen{};
  int n = 0;
  for (int k = 0; k < classes.count[out.number]; ++k) {
    const auto day = static_cast<size_t>(classes.days[out.number][static_cast<size_t>(k)]);
    if (residuals.known[day][part]) Insert(seen, n, residuals.value[day][part]);
  }
  if (n == 0) return;
  const double middle = MiddleOf(seen, n);
  const double square = middle * middle;
  const double beyond = square - kOddVariances * residuals.ordinary[part] / n;
  if (beyond <= 0) return;
  double scatter = 0;
  double explained = 0;
  for (int k = 0; k < n; ++k) {
    const double y = seen[static_cast<size_t>(k)];
    scatter += (y - middle) * (y - middle);
    explained += y * y - (y - middle) * (y - middle);
  }
  const double known = n * n * beyond;
  out.size[part] = middle;
  out.share[part] = known / (known + kPriorDays * square + scatter);
  out.days = std::max(out.days, n);
  out.gain += out.share[part] * explained * (part == kWholeDay ? CalendarPool::kBlocks : 1);
}

CalendarPool::Effect EffectOf(const Candidate& candidate) {
  CalendarPool::Effect out;
  out.day_class = static_cast<std::int16_t>(candidate.number);
  out.earlier = static_cast<std::int16_t>(candidate.days);
  for (size_t b = 0; b < kWholeDay; ++b) {
    double size = 0;
    double expected = 0;
    double variance = 0;
    for (const size_t part : {b, kWholeDay}) {
      const double share = candidate.share[part];
      size += candidate.size[part];
      expected += share * candidate.size[part];
      variance += share * (1 - share) * candidate.size[part] * candidate.size[part];
    }
    out.size[b] = static_cast<float>(size);
    out.expected[b] = static_cast<float>(expected);
    out.variance[b] = static_cast<float>(variance);
  }
  return out;
}

}  // namespace

void CalendarPool::Note(std::int64_t local, double seen, double usual, DurationMs interval_ms,
                        const CalendarPool* wider) {
  const std::int64_t day = FloorDiv(local, kDayMs);
  if (std::abs(day) > kFarDay) return;
  if (newest == INT64_MIN || day > newest) EnterDay(day, wider);
  if (day <= newest - kOpenDays) return;
  const auto block = static_cast<size_t>((local - day * kDayMs) / kBlockMs);
  Sums& sums = open[static_cast<size_t>(FloorMod(day, kOpenDays))][block];
  const double weight = 1 / (1 + usual * kLaneVariance);
  // One lane that stops or goes wild says no more than any other.
  const double bounded = std::clamp(seen, std::max(0.0, usual / 4 - 2), 4 * usual + 4);
  sums.seen += static_cast<float>(weight * bounded);
  sums.usual += static_cast<float>(weight * usual);
  sums.blocks += static_cast<float>(static_cast<double>(interval_ms) / kBlockMs);
}

void CalendarPool::EnterDay(std::int64_t day, const CalendarPool* wider) {
  if (newest == INT64_MIN) newest = day - 1;
  // Over a hole of half a year nothing is left.
  newest = std::max(newest, day - kDays - kOpenDays);
  while (newest < day) {
    ++newest;
    Close(newest - kOpenDays);
  }
  Fit(wider);
  LookAhead();
}

void CalendarPool::Close(std::int64_t day) {
  auto& sums = open[static_cast<size_t>(FloorMod(day, kOpenDays))];
  auto& written = diary[static_cast<size_t>(FloorMod(day, kDays))];
  for (size_t b = 0; b < written.size(); ++b) {
    written[b] = kUnknown;
    if (sums[b].blocks >= kBlocksMin && sums[b].usual > 1) {
      const double ratio = std::log((sums[b].seen + 0.5) / (sums[b].usual + 0.5));
      written[b] = static_cast<std::int8_t>(std::lround(std::clamp(ratio * kUnit, -127.0, 127.0)));
    }
    sums[b] = Sums{};
  }
}

void CalendarPool::Fit(const CalendarPool* wider) {
  effect_count = 0;
  effects.fill(Effect{});
  const std::int64_t oldest = newest - kOpenDays - kDays + 1;
  Residuals residuals;
  for (size_t b = 0; b < kBlocks; ++b) BlockResiduals(*this, oldest, b, residuals);
  for (int i = 0; i < kDays; ++i) {
    auto& day = residuals.value[static_cast<size_t>(i)];
    if (wider != nullptr && wider->effect_count > 0) {
      for (int b = 0; b < kBlocks; ++b) day[static_cast<size_t>(b)] -= wider->Size(oldest + i, b);
    }
    SplitDay(day, residuals.known[static_cast<size_t>(i)]);
  }
  for (size_t part = 0; part < kParts; ++part) MeasureOrdinary(residuals, part);
  const ClassDays classes = DaysOfClasses(oldest);
  while (effect_count < kEffects) {
    Candidate best;
    for (size_t number = 0; number < kDayClasses; ++number) {
      Candidate candidate;
      candidate.number = number;
      for (size_t part = 0; part < kParts; ++part) FitPart(residuals, classes, part, candidate);
      if (candidate.gain > best.gain) best = candidate;
    }
    if (best.gain <= 0) break;
    for (int k = 0; k < classes.count[best.number]; ++k) {
      auto& day =
          residuals.value[static_cast<size_t>(classes.days[best.number][static_cast<size_t>(k)])];
      for (size_t part = 0; part < kParts; ++part) day[part] -= static_cast<float>(best.size[part]);
    }
    effects[static_cast<size_t>(effect_count++)] = EffectOf(best);
  }
}

float CalendarPool::Size(std::int64_t day, int block) const {
  const ClassesOfDay classes = ClassesOf(day);
  float sum = 0;
  for (int i = 0; i < effect_count; ++i) {
    const Effect& effect = effects[static_cast<size_t>(i)];
    for (int c = 0; c < classes.count; ++c) {
      if (classes.numbers[static_cast<size_t>(c)] != effect.day_class) continue;
      sum += effect.size[static_cast<size_t>(block)];
    }
  }
  return sum;
}

void CalendarPool::LookAhead() {
  for (int i = 0; i < kAheadDays; ++i) {
    auto& means = mean[static_cast<size_t>(i)];
    auto& variances = variance[static_cast<size_t>(i)];
    means.fill(0);
    variances.fill(0);
    const ClassesOfDay classes = ClassesOf(newest - kOpenDays + 1 + i);
    for (int e = 0; e < effect_count; ++e) {
      const Effect& effect = effects[static_cast<size_t>(e)];
      const auto* end = classes.numbers.begin() + classes.count;
      if (std::find(classes.numbers.begin(), end, effect.day_class) == end) continue;
      for (size_t b = 0; b < kBlocks; ++b) {
        means[b] += effect.expected[b];
        variances[b] += effect.variance[b];
      }
    }
  }
}

DayFactor CalendarPool::At(std::int64_t local) const {
  if (effect_count == 0) return {};
  const std::int64_t block = FloorDiv(local, kBlockMs);
  const std::int64_t within = local - block * kBlockMs;
  const std::int64_t first = (newest - kOpenDays + 1) * kBlocks;
  const auto of = [&](std::int64_t number) -> DayFactor {
    const std::int64_t place = number - first;
    if (place < 0 || place >= kAheadDays * kBlocks) return {};
    const auto day = static_cast<size_t>(place / kBlocks);
    const auto b = static_cast<size_t>(place % kBlocks);
    return {mean[day][b], variance[day][b]};
  };
  const DayFactor own = of(block);
  std::int64_t other = block;
  std::int64_t inside = kRampMs;  // how far from the nearer end
  if (within < kRampMs) {
    other = block - 1;
    inside = within;
  } else if (kBlockMs - within < kRampMs) {
    other = block + 1;
    inside = kBlockMs - within;
  }
  if (other == block) return own;
  const double share = 0.5 + 0.5 * static_cast<double>(inside) / kRampMs;
  const DayFactor next = of(other);
  return {share * own.log + (1 - share) * next.log,
          share * own.variance + (1 - share) * next.variance};
}

const CalendarPool::Effect* CalendarPool::Leading(std::int64_t local) const {
  const ClassesOfDay classes = ClassesOf(FloorDiv(local, kDayMs));
  const auto b = static_cast<size_t>(FloorMod(local, kDayMs) / kBlockMs);
  const Effect* leading = nullptr;
  double most = 0;
  for (int i = 0; i < effect_count; ++i) {
    const Effect& effect = effects[static_cast<size_t>(i)];
    const auto* end = classes.numbers.begin() + classes.count;
    if (std::find(classes.numbers.begin(), end, effect.day_class) == end) continue;
    const double moves = std::fabs(effect.expected[b]);
    if (moves > most) leading = &effect;
    most = std::max(most, moves);
  }
  return leading;
}

bool CalendarPool::Sane() const {
  if (effect_count < 0 || effect_count > kEffects) return false;
  if (newest != INT64_MIN && std::abs(newest) > kFarDay) return false;
  const auto finite = [](const auto& table) {
    return std::all_of(table.begin(), table.end(), [](const Blocks& row) {
      return std::all_of(row.begin(), row.end(), [](float x) { return std::fabs(x) < 100; });
    });
  };
  if (!finite(mean) || !finite(variance)) return false;
  for (const auto& day : open) {
    for (const Sums& sums : day) {
      if (!(sums.seen >= 0 && sums.usual >= 0 && sums.blocks >= 0)) return false;
      if (!std::isfinite(sums.seen + sums.usual + sums.blocks)) return false;
    }
  }
  return std::all_of(effects.begin(), effects.end(), [&](const Effect& effect) {
    return effect.day_class >= 0 && effect.day_class < kDayClasses &&
           finite(std::array<Blocks, 3>{effect.size, effect.expected, effect.variance});
  });
}

}  // namespace quell::detectors
