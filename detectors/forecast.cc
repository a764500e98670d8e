#include "detectors/forecast.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "core/check.h"

namespace quell::detectors {
namespace {

constexpr double kValueMax = 1e30;
constexpr size_t kCellsMin = 12;    // for a line, and for anything at all
constexpr size_t kShortCells = 12;  // of the short line
constexpr int kGradesMin = 6;
constexpr std::int32_t kCountMax = 1000000;
constexpr double kCellsADay = static_cast<double>(kDayMs) / static_cast<double>(kForecastCellMs);
constexpr double kMiss = 0.1;  // on either side of the interval
constexpr double kFactorMin = 0.3, kFactorMax = 10;
// Errors are of the size of the square root of what is forecast: between noise that does not know
// the level and noise that is a share of it. Far below the usual level they do not fall further.
constexpr double kSmallShare = 0.05;

enum Model : size_t { kLevel, kSeason, kSeasonAndDifference, kSeasonTimesRatio, kShort, kLong };

double Median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

struct Place {
  double at = 0, value = 0;  // cells since the latest (<= 0)
};

struct Line {
  double height = 0, slope = 0;  // at the latest cell; a cell
};

Line TheilSen(std::span<const Place> places) {
  std::vector<double> slopes;
  slopes.reserve(places.size() * (places.size() - 1) / 2);
  for (size_t i = 0; i < places.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      slopes.push_back((places[i].value - places[j].value) / (places[i].at - places[j].at));
    }
  }
  Line line;
  line.slope = Median(slopes);
  std::vector<double> heights;
  heights.reserve(places.size());
  for (const Place& place : places) heights.push_back(place.value - line.slope * place.at);
  line.height = Median(heights);
  return line;
}

TimeMs Middle(std::int64_t cell) { return cell * kForecastCellMs + kForecastCellMs / 2; }

double Finite(double value, double otherwise) {
  return std::isfinite(value) ? std::clamp(value, -kValueMax, kValueMax) : otherwise;
}

// A running mean that forgets beyond `memory` values.
void Average(float& mean, double value, int count, double memory) {
  const double share = std::max(1 / memory, 1.0 / (count + 1));
  mean = static_cast<float>(mean + share * (value - mean));
}

}  // namespace

struct Forecaster::Lines {
  double level = 0;  // the median of the latest three cells
  double usual = 0;  // the season's, of the same
  Line brief, far;
};

bool Forecaster::Observe(TimeMs at, double value, const SeasonCall& season) {
  if (!std::isfinite(value) || at <= 0) return false;
  // A step that ends where a cell does belongs to it.
  const auto cell = static_cast<std::int32_t>((at - 1) / kForecastCellMs);
  if (cell < state_.open || cell <= state_.latest) return false;
  const bool closes = state_.points > 0 && cell != state_.open;
  if (closes) Close(season);
  state_.open = cell;
  state_.sum += std::clamp(value, -kValueMax, kValueMax);
  ++state_.points;
  return closes;
}

void Forecaster::Close(const SeasonCall& season) {
  const double mean = state_.sum / state_.points;
  const std::int32_t cell = state_.open;
  state_.sum = 0;
  state_.points = 0;
  state_.latest = cell;
  state_.cells[static_cast<size_t>(cell) % kWindow] = {cell, static_cast<float>(mean)};
  Average(state_.size, std::abs(mean), state_.sizes, kCellsADay);
  state_.sizes = std::min(state_.sizes + 1, static_cast<std::int32_t>(kCellsADay));
  GradeIssues(cell, mean);
  IssueForecasts(season);
}

double Forecaster::Latest() const {
  QUELL_CHECK(state_.latest >= 0);
  return state_.cells[static_cast<size_t>(state_.latest) % kWindow].mean;
}

Forecaster::Issue& Forecaster::IssueAt(size_t horizon, std::int32_t target) {
  size_t begin = 0;
  for (size_t i = 0; i < horizon; ++i) begin += static_cast<size_t>(kHorizons[i]);
  return state_.issues[begin + static_cast<size_t>(target % kHorizons[horizon])];
}

namespace {

void GradeSpread(Forecaster::Spread& spread, double error, double ahead) {
  if (spread.count >= kGradesMin) {
    // Errors at long horizons repeat themselves: the factors follow them more slowly.
    const double pace = 0.5 / (ahead + 20);
    const auto follow = [&](float& factor, bool missed) {
      const double next = factor + pace * ((missed ? 1 : 0) - kMiss);
      factor = static_cast<float>(std::clamp(next, kFactorMin, kFactorMax));
    };
    follow(spread.above, error > spread.above * spread.error);
    follow(spread.below, -error > spread.below * spread.error);
  }
  Average(spread.error, std::min(std::abs(error), kValueMax), spread.count,
          0.5 * kCellsADay + 2 * ahead);
  if (spread.count < kCountMax) ++spread.count;
}

}  // namespace

void Forecaster::GradeIssues(std::int32_t cell, double mean) {
  for (size_t h = 0; h < kHorizons.size(); ++h) {
    Issue& issue = IssueAt(h, cell);
    if (issue.target != cell) continue;
    issue.target = -1;
    Grade& grade = state_.grades[h];
    const double ahead = kHorizons[h];
    GradeSpread(grade.spread[issue.high], (mean - issue.median) / issue.scale, ahead);
    for (size_t m = 0; m < kModels; ++m) {
      Average(grade.errors[m], std::abs(mean - issue.models[m]), grade.count, 24 + 2 * ahead);
    }
    if (grade.count < kCountMax) ++grade.count;
  }
}

std::optional<Forecaster::Lines> Forecaster::Fit(const SeasonCall& season) const {
  std::vector<Place> places;
  places.reserve(kWindow);
  for (std::int32_t back = kWindow - 1; back >= 0; --back) {
    const std::int32_t number = state_.latest - back;
    if (number < 0) continue;
    const Cell& cell = state_.cells[static_cast<size_t>(number) % kWindow];
    if (cell.number == number) places.push_back({static_cast<double>(-back), cell.mean});
  }
  if (places.size() < kCellsMin) return std::nullopt;
  Lines lines;
  std::vector<double> values;
  std::vector<double> usual;
  for (const Place& place : std::span(places).last(3)) {
    values.push_back(place.value);
    const TimeMs at = Middle(state_.latest + static_cast<std::int64_t>(place.at));
    usual.push_back(Finite(season(at), place.value));
  }
  lines.level = Median(values);
  lines.usual = Median(usual);
  lines.far = TheilSen(places);
  lines.brief = TheilSen(std::span(places).last(kShortCells));
  return lines;
}

Forecaster::Models Forecaster::Ask(const Lines& lines, int ahead, const SeasonCall& season) const {
  const double usual = Finite(season(Middle(std::int64_t{state_.latest} + ahead)), lines.level);
  const double carried = usual + lines.level - lines.usual;
  const bool positive = usual > 0 && lines.usual > 0 && lines.level >= 0;
  std::array<double, kModels> out{};
  out[kLevel] = lines.level;
  out[kSeason] = usual;
  out[kSeasonAndDifference] = carried;
  out[kSeasonTimesRatio] = positive ? usual * (lines.level / lines.usual) : carried;
  out[kShort] = lines.brief.height + lines.brief.slope * ahead;
  out[kLong] = lines.far.height + lines.far.slope * ahead;
  Models models{};
  for (size_t m = 0; m < kModels; ++m) models[m] = static_cast<float>(Finite(out[m], lines.level));
  return models;
}

// By the fourth power of the errors, so that the best one has nearly all the say where it is clear.
Forecaster::Models Forecaster::Weights(size_t horizon) const {
  while (horizon > 0 && state_.grades[horizon].count < kGradesMin) --horizon;
  const Grade& grade = state_.grades[horizon];
  Models weights{};
  if (grade.count == 0) {
    weights[kLevel] = 1;
    return weights;
  }
  const double least = *std::min_element(grade.errors.begin(), grade.errors.end());
  const double small = std::max(1e-9 * state_.size, 1e-30);
  double sum = 0;
  std::array<double, kModels> out{};
  for (size_t m = 0; m < kModels; ++m) {
    out[m] = std::pow((least + small) / (grade.errors[m] + small), 4);
    sum += out[m];
  }
  for (size_t m = 0; m < kModels; ++m) weights[m] = static_cast<float>(out[m] / sum);
  return weights;
}

double Forecaster::Scale(double forecast) const {
  const double size = state_.size;
  if (size < 1e-30) return 1;
  return std::sqrt(std::max(std::abs(forecast), kSmallShare * size) * size);
}

namespace {

double Mix(const Forecaster::Models& models, const Forecaster::Models& weights) {
  double sum = 0;
  for (size_t m = 0; m < models.size(); ++m) sum += static_cast<double>(models[m]) * weights[m];
  return sum;
}

}  // namespace

void Forecaster::IssueForecasts(const SeasonCall& season) {
  const auto lines = Fit(season);
  if (!lines) return;
  for (size_t h = 0; h < kHorizons.size(); ++h) {
    Issue issue;
    issue.target = state_.latest + kHorizons[h];
    issue.models = Ask(*lines, kHorizons[h], season);
    const double median = Mix(issue.models, Weights(h));
    issue.median = static_cast<float>(median);
    issue.scale = static_cast<float>(Scale(median));
    issue.high = IsHigh(median) ? 1 : 0;
    IssueAt(h, issue.target) = issue;
  }
}

bool Forecaster::Known() const {
  const auto& spread = state_.grades[0].spread;
  if (state_.latest < 0 || std::max(spread[0].count, spread[1].count) < kGradesMin) return false;
  size_t cells = 0;
  for (const Cell& cell : state_.cells) {
    if (cell.number > state_.latest - kWindow) ++cells;
  }
  return cells >= kCellsMin;
}

// A horizon that nothing is known of yet is as uncertain as the longest known one, in proportion to
// its length; forecasts of a size that none was of, as those of the other.
Forecaster::Reach Forecaster::ReachOf(size_t horizon, bool high) const {
  for (size_t known = horizon + 1; known-- > 0;) {
    const double longer = static_cast<double>(kHorizons[horizon]) / kHorizons[known];
    for (const size_t side : {high ? 1U : 0U, high ? 0U : 1U}) {
      const Spread& spread = state_.grades[known].spread[side];
      if (spread.count < kGradesMin) continue;
      return {spread.below * spread.error * longer, spread.above * spread.error * longer};
    }
  }
  return {};
}

Outlook Forecaster::Look(const SeasonCall& season) const {
  Outlook outlook;
  const auto lines = Fit(season);
  QUELL_CHECK(lines.has_value());
  std::array<Models, kHorizons.size()> weights;
  for (size_t h = 0; h < kHorizons.size(); ++h) weights[h] = Weights(h);
  size_t next = 0;  // the first horizon at or beyond `ahead`
  for (int ahead = 1; ahead <= kForecastCells; ++ahead) {
    while (kHorizons[next] < ahead) ++next;
    const size_t before = next == 0 ? 0 : next - 1;
    const double width = std::max(1, kHorizons[next] - kHorizons[before]);
    const double share = next == 0 ? 1 : (ahead - kHorizons[before]) / width;
    const Models models = Ask(*lines, ahead, season);
    ForecastPoint& point = outlook[static_cast<size_t>(ahead - 1)];
    point.median = (1 - share) * Mix(models, weights[before]) + share * Mix(models, weights[next]);
    const double scale = Scale(point.median);
    const Reach near = ReachOf(before, IsHigh(point.median));
    const Reach far = ReachOf(next, IsHigh(point.median));
    point.low = point.median - scale * ((1 - share) * near.below + share * far.below);
    point.high = point.median + scale * ((1 - share) * near.above + share * far.above);
  }
  return outlook;
}

TimeToLimit Forecaster::Until(const Outlook& outlook, double limit, bool above) const {
  const double side = above ? 1 : -1;
  const double latest = side * Latest();
  const double goal = side * limit;
  if (latest >= goal) return {0, 0, 0};
  const auto first = [&](auto member) -> std::optional<DurationMs> {
    double before = latest;
    for (size_t i = 0; i < outlook.size(); ++i) {
      const double now = side * outlook[i].*member;
      if (now >= goal) {
        // Means stand in the middle of their cells, the latest one half a cell ago.
        const double cells = static_cast<double>(i) - 0.5 + (goal - before) / (now - before);
        return static_cast<DurationMs>(std::max(0.0, cells) * kForecastCellMs);
      }
      before = now;
    }
    return std::nullopt;
  };
  const auto early = above ? &ForecastPoint::high : &ForecastPoint::low;
  const auto late = above ? &ForecastPoint::low : &ForecastPoint::high;
  return {first(&ForecastPoint::median), first(early), first(late)};
}

bool Forecaster::Restore(const State& state) {
  const auto fine = [](float value) { return std::isfinite(value); };
  bool ok = std::isfinite(state.sum) && state.points >= 0 && fine(state.size) && state.size >= 0;
  for (const Cell& cell : state.cells) ok = ok && fine(cell.mean);
  for (const Issue& issue : state.issues) {
    ok = ok && fine(issue.median) && fine(issue.scale) && issue.scale > 0 && issue.high <= 1 &&
         std::all_of(issue.models.begin(), issue.models.end(), fine);
  }
  for (const Grade& grade : state.grades) {
    ok = ok && grade.count >= 0 && std::all_of(grade.errors.begin(), grade.errors.end(), fine);
    for (const Spread& spread : grade.spread) {
      ok =
          ok && spread.count >= 0 && fine(spread.error) && fine(spread.below) && fine(spread.above);
    }
  }
  ok = ok && state.open >= -1 && state.latest >= -1 && (state.points == 0 || state.open >= 0);
  if (ok) state_ = state;
  return ok;
}

}  // namespace quell::detectors
