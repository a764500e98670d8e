#include "detectors/bank.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "detectors/bank_state.h"

namespace quell::detectors {
namespace {

Status CheckPositive(const char* name, DurationMs value) {
  if (value > 0 && value <= 52 * kWeekMs) return Ok{};
  return MakeError(ErrorCode::kOutOfRange, std::string(name) + ": " + std::to_string(value) +
                                               " ms is not in (0, 52 weeks]");
}

Status CheckCount(const char* name, int value, int low, int high) {
  if (value >= low && value <= high) return Ok{};
  return MakeError(ErrorCode::kOutOfRange, std::string(name) + ": " + std::to_string(value) +
                                               " is not in [" + std::to_string(low) + ", " +
                                               std::to_string(high) + "]");
}

ForestWatch::Options ForestOptionsOf(const BankOptions& options) {
  return {.forest = {.trees = options.forest_trees, .sample = options.forest_sample},
          .refit_ms = options.forest_refit_ms,
          .install_delay_ms = options.forest_install_delay_ms,
          .seed = options.seed};
}

}  // namespace

class DetectorBank::FitJob {
 public:
  explicit FitJob(std::shared_ptr<ForestJob> forest) : forest_(std::move(forest)) {}
  void Run() { forest_->Run(); }

 private:
  std::shared_ptr<ForestJob> forest_;  // shared with the bank, which may finish it first
};

Tempo TempoOf(const SignalSpec& spec, const BankOptions& options) {
  const auto interval = static_cast<double>(spec.interval_ms);
  const double fast = std::max(static_cast<double>(options.fast_half_life_ms), 2 * interval);
  const double slow = std::max(static_cast<double>(options.slow_half_life_ms), 12 * interval);
  const auto level = static_cast<double>(PriorsOf(spec.kind).level_half_life_ms);
  Tempo tempo;
  tempo.fast_decay = std::exp2(-interval / fast);
  tempo.slow_decay = std::exp2(-interval / slow);
  tempo.level_decay = std::exp2(-interval / std::max(level, 8 * interval));
  tempo.shift_decay = std::exp2(
      -4 * interval / static_cast<double>(std::max(options.adopt_after_ms, spec.interval_ms)));
  tempo.correlated = std::max(1.0, kNoiseMemoryMs / interval);
  tempo.fast_settle = std::max(8.0, 6 * fast / interval);
  tempo.slow_settle = std::max(8.0, 6 * slow / interval);
  tempo.point_gain_min = std::min(0.02, interval / (8.0 * kHourMs));
  tempo.range_gain = std::min(0.02, interval / (2.0 * kDayMs));
  tempo.scale_gain =
      std::min(0.02, interval / kHourMs * std::log(2.0) / ScaleShift::kHalfLifeHours);
  tempo.gain_min = std::min(0.02, interval / kDayMs);
  return tempo;
}

DetectorBank::State::State(const BankOptions& bank_options)
    : options(bank_options), forest(ForestOptionsOf(bank_options)) {
  const size_t pools = kSignalKinds * kSupports;
  for (size_t i = 0; i < kCharts * pools * 2; ++i) detector_tails.emplace_back(1, options.seed + i);
  for (size_t i = 0; i < pools; ++i) fused_tails.emplace_back(2, options.seed + i);
}

void DetectorBank::State::MakeRoom(SignalKind kind, std::uint32_t parent) {
  const size_t parents = parent + size_t{1};
  if (kind == SignalKind::kRate) {
    if (calendars.size() < parents) calendars.resize(parents);
    if (announced.size() < parents) announced.resize(parents);
  } else if (families.size() < parents) {
    families.resize(parents);
  }
}

void DetectorBank::State::AddSpec(const SignalSpec& spec) {
  const auto [place, added] = group_numbers.try_emplace(spec.group, 0U);
  if (added) {
    place->second = forest.AddGroup();
    lessons.AddGroup();
  }
  group_of.push_back(place->second);
  specs.push_back(spec);
  MakeRoom(spec.kind, std::max(spec.parents[0], spec.parents[1]));
  tempos.push_back(TempoOf(spec, options));
}

void DetectorBank::State::AddSlot(const SignalSpec& spec) {
  AddSpec(spec);
  SlotState& s = slots.emplace_back();
  s.tokens.fill(kTokensMax);
  s.extreme_tokens.fill(1);
  cells.resize(cells.size() + kSeasonCells);
  recent_z.resize(recent_z.size() + kRecentZ);
  adopted.reserve(slots.capacity());
  retaught_now.reserve(slots.capacity());
  if (scratch.size() < slots.size()) scratch.resize(slots.capacity());
}

Result<DetectorBank> DetectorBank::Create(const BankOptions& options) {
  QUELL_TRY(CheckPositive("fast_half_life_ms", options.fast_half_life_ms));
  QUELL_TRY(CheckPositive("slow_half_life_ms", options.slow_half_life_ms));
  QUELL_TRY(CheckPositive("adopt_after_ms", options.adopt_after_ms));
  QUELL_TRY(CheckPositive("forest_refit_ms", options.forest_refit_ms));
  QUELL_TRY(CheckPositive("forest_install_delay_ms", options.forest_install_delay_ms));
  QUELL_TRY(CheckCount("forest_trees", options.forest_trees, 1, 1000));
  QUELL_TRY(CheckCount("forest_sample", options.forest_sample, 2, 4096));
  return DetectorBank(std::make_unique<State>(options));
}

DetectorBank::DetectorBank(std::unique_ptr<State> state) : state_(std::move(state)) {}
DetectorBank::~DetectorBank() = default;
DetectorBank::DetectorBank(DetectorBank&&) noexcept = default;
DetectorBank& DetectorBank::operator=(DetectorBank&&) noexcept = default;

Slot DetectorBank::AddSignal(const SignalSpec& spec) {
  QUELL_CHECK(spec.interval_ms > 0);
  state_->AddSlot(spec);
  return static_cast<Slot>(state_->slots.size() - 1);
}

void DetectorBank::SetInterval(Slot slot, DurationMs interval_ms) {
  QUELL_CHECK(slot < size() && interval_ms > 0);
  state_->specs[slot].interval_ms = interval_ms;
  state_->tempos[slot] = TempoOf(state_->specs[slot], state_->options);
}

void DetectorBank::SetUtcOffset(Slot slot, DurationMs offset_ms) {
  QUELL_CHECK(slot < size());
  state_->specs[slot].utc_offset_ms = offset_ms;
}

void DetectorBank::SetParent(Slot slot, size_t level, std::uint32_t parent) {
  QUELL_CHECK(slot < size() && level < 2 && parent <= 2 * size());
  state_->specs[slot].parents[level] = parent;
  state_->MakeRoom(state_->specs[slot].kind, parent);
}

void DetectorBank::SetAnnounced(Slot slot, Announced what) {
  QUELL_CHECK(slot < size());
  state_->slots[slot].announced = what;
}

void DetectorBank::SetPolicy(Slot slot, const Policy& policy, double static_limit) {
  QUELL_CHECK(slot < size());
  state_->specs[slot].policy = policy;
  state_->specs[slot].static_limit = static_limit;
}

size_t DetectorBank::size() const { return state_->slots.size(); }

void DetectorBank::SetRoutine(Slot slot) {
  QUELL_CHECK(slot < state_->slots.size());
  state_->slots[slot].frozen = kRoutine;
}

void DetectorBank::SetFrozen(Slot slot, bool frozen) {
  QUELL_CHECK(slot < size());
  SlotState& s = state_->slots[slot];
  s.frozen = frozen ? kFrozen : 0;
  if (!frozen) return;
  s.memory.Alerted();
  state_->lessons.Alerted(state_->group_of[slot], state_->last_step);
}

std::span<const AdoptedShift> DetectorBank::Adopted() const { return state_->adopted; }

std::span<const RetaughtQuarter> DetectorBank::Retaught() const { return state_->retaught_now; }

TimeMs DetectorBank::EstimatedOnset(Slot slot) const {
  QUELL_CHECK(slot < size());
  return state_->OnsetOf(slot);
}

// By the recent scores: the start that splits them best at half the present height. If that is
// older than the scores kept, by the cumulative sum.
TimeMs DetectorBank::State::OnsetOf(Slot slot) const {
  const SlotState& s = slots[slot];
  const size_t count = s.started != 0 ? std::min<size_t>(s.recent, kRecentZ) : 0;
  const TimeMs coarse = s.onset.Estimate(last_step);
  if (count == 0 || coarse == last_step) return coarse;
  const double side = s.onset.up >= s.onset.down ? 1 : -1;
  constexpr double kHeightMax = 8;
  const auto height = [&](size_t back) {
    const double z = recent_z[slot * kRecentZ + (s.recent - 1 - back) % kRecentZ];
    return std::clamp(side * z, -kHeightMax, kHeightMax);
  };
  double level = 0;
  const size_t latest = std::min<size_t>(count, 4);
  for (size_t back = 0; back < latest; ++back) level += height(back) / static_cast<double>(latest);
  const double slack = std::max(0.8, 0.5 * level);
  double sum = 0;
  double best = 0;
  size_t begin = 0;
  for (size_t back = 0; back < count; ++back) {
    sum += height(back) - slack;
    if (sum > best) {
      best = sum;
      begin = back;
    }
  }
  if (begin + 1 == count) return coarse;
  return std::max(coarse, s.last - static_cast<DurationMs>(begin) * specs[slot].interval_ms);
}

std::vector<float> DetectorBank::RecentZ(Slot slot) const {
  QUELL_CHECK(slot < size());
  const SlotState& s = state_->slots[slot];
  if (s.started == 0) return {};
  const size_t count = std::min<size_t>(s.recent, kRecentZ);
  std::vector<float> out(count);
  for (size_t i = 0; i < count; ++i) {
    out[i] = state_->recent_z[slot * kRecentZ + (s.recent - count + i) % kRecentZ];
  }
  return out;
}

std::uint64_t DetectorBank::Observed(Slot slot) const {
  QUELL_CHECK(slot < size());
  return state_->slots[slot].observed;
}

std::shared_ptr<DetectorBank::FitJob> DetectorBank::PendingFit() {
  const std::shared_ptr<ForestJob> job = state_->forest.pending();
  if (!job || job->done()) return nullptr;
  return std::make_shared<FitJob>(job);
}

void DetectorBank::Run(FitJob& job) { job.Run(); }

}  // namespace quell::detectors
