// The bank's inside: flat state by slot, shared by the files that implement DetectorBank.
//
// Model    see bank.h. Input, output, cost: see bank.h.
// Threads  thread-compatible.
// State    every slot structure is plain data without padding and is saved as it lies.
// Source   own design.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <vector>

#include "detectors/announced_pool.h"
#include "detectors/bank.h"
#include "detectors/calendar_pool.h"
#include "detectors/calibration.h"
#include "detectors/change_onset.h"
#include "detectors/ewma_chart.h"
#include "detectors/exposure.h"
#include "detectors/forest_watch.h"
#include "detectors/fusion.h"
#include "detectors/late_lessons.h"
#include "detectors/level_shift.h"
#include "detectors/noise_memory.h"
#include "detectors/recurring_quarters.h"
#include "detectors/scale_shift.h"
#include "detectors/season_clock.h"
#include "detectors/seasonal_baseline.h"
#include "detectors/sibling_pool.h"

namespace quell::detectors {

inline constexpr size_t kRecentZ = 64;
inline constexpr float kTokensMax = 160;         // excesses a slot may teach in a row
inline constexpr float kTokensPerPoint = 0.08F;  // four times the tail's share
inline constexpr double kExtremeSurprise = 9;    // nats: may teach once per kExtremeMs and slot,
inline constexpr DurationMs kExtremeRunMs = 4 * kMinuteMs;  // and for so long in a row;
inline constexpr double kSmallPool = 20'000;  // points: below, one signal could spoil a tail
inline constexpr float kTokensSmall = 60;     // and may teach so much in a row
inline constexpr DurationMs kExtremeMs = 3 * kHourMs;
inline constexpr DurationMs kEvidenceMs = 2 * kHourMs;
inline constexpr std::uint64_t kEvidencePoints = 24;
inline constexpr double kEvidenceOdds = 9.2;  // nats: 1e-4
inline constexpr double kShareMax = 0.999;

// Tails are pooled by detector, kind, side and how many events a window expects: fewer than 2,
// fewer than 20, more; and then by whether process noise is the greater part of the variance.
inline constexpr size_t kSupports = 4;
inline size_t SupportOf(double events, double noise_share) {
  if (events < 20) return events < 2 ? 0 : 1;
  return noise_share < 0.5 ? 2 : 3;
}

inline constexpr double kDegreesMax = 200;  // of freedom of a noise, as good as all

inline constexpr std::uint8_t kFrozen = 1;   // teaches nothing
inline constexpr std::uint8_t kRoutine = 2;  // teaches as if this time of day were new

struct SlotState {
  BaselineState baseline;
  ChartState fast;
  ChartState slow;
  ChangeOnset onset;
  LevelShift shift;
  ScaleShift scale;
  NoiseMemory memory;
  RecurringQuarters recurring;
  NoiseScale noise;               // of a single point
  double centre = 0;              // gauges: decayed mean of the link values; volumes: of the base
  double spread = 0;              // and their variance around it, seasons and all
  double offset = 0;              // gauges with a logarithmic link: log(value + offset)
  std::array<float, 4> tokens{};  // left to teach the detectors' and the joint tail with
  std::array<float, 4> extreme_tokens{};  // the same, for extreme surprises
  TimeMs last = INT64_MIN;
  std::uint64_t observed = 0;
  std::array<float, 2> noise_known{};  // points behind the noise of a point, of the long window
  std::uint32_t recent = 0;            // points put into the ring of z
  std::uint8_t started = 0;
  std::uint8_t logarithmic = 0;  // gauges: the link is the logarithm
  std::uint8_t frozen = 0;       // 0, kFrozen or kRoutine
  Announced announced = Announced::kNothing;
  SeasonCell before;  // the present time of day's, if it is being learned as new
  std::uint32_t unused2 = 0;
};
static_assert(sizeof(SlotState) ==
                  72 + 2 * 56 + 32 + 40 + 32 + 40 + 104 + 8 + 24 + 32 + 8 + 8 + 8 + 8 + 8,
              "no padding");

inline constexpr double kGaugeFloorShare = 0.005;  // least noise of a gauge, as a share of its size

inline double GaugeLink(const SlotState& s, double value) {
  if (s.logarithmic == 0) return value;
  return std::log(std::max(value + s.offset, 1e-4 * std::exp(s.baseline.base)));
}

// Local time of the middle of a point's interval.
inline std::int64_t LocalMiddle(const SignalSpec& spec, TimeMs step_end) {
  return step_end + spec.utc_offset_ms - spec.interval_ms / 2;
}

// Constants that follow from a signal's interval.
struct Tempo {
  double fast_decay = 0.5;  // over one interval
  double slow_decay = 0.5;
  double level_decay = 0.5;
  double shift_decay = 0.5;
  double correlated = 1;   // points that share one draw of process noise
  double fast_settle = 8;  // points
  double slow_settle = 8;
  double gain_min = 0.01;
  double point_gain_min = 0.01;
  double range_gain = 0.01;  // of a gauge's spread
  double scale_gain = 0.01;  // of the usual noise
};
Tempo TempoOf(const SignalSpec& spec, const BankOptions& options);

// What a chart's window has seen against what was expected of it, for a slot of link value `link`.
Opinion OpinionOf(const SlotState& s, SignalKind kind, const ChartState& chart, double z,
                  double link);

// What is known of a point before fusion.
struct Judged {
  std::array<Opinion, kCharts> opinions;
  std::array<double, kCharts> raw{};      // surprises before calibration
  std::array<size_t, kCharts> support{};  // class of the expected count, < kSupports
  double expected = 0;
  double band_low = 0;
  double band_high = 0;
  bool evidence = false;
  bool teaches = false;
  float level = 0;           // of a share, as known by itself
  float level_doubt = 0;     // and its variance; 0: unknown
  double season = 0;         // of a volume: its usual link, without level and calendar
  AdoptedShift adopted;      // since 0: none
  RetaughtQuarter retaught;  // side 0: none
};

struct DetectorBank::State {
  explicit State(const BankOptions& bank_options);

  // bank_observe.cc. JudgePoint touches nothing but its slot: slots may be judged side by side.
  void JudgePoint(TimeMs step_end, const Point& point, Judged& judged);
  // For JudgePoint of that slot soon.
  [[gnu::always_inline]] void Prefetch(TimeMs step_end, Slot slot) const {
    if (slot >= slots.size()) return;
    const SignalSpec& spec = specs[slot];
    PrefetchCells(&cells[static_cast<size_t>(slot) * kSeasonCells], LocalMiddle(spec, step_end));
    __builtin_prefetch(&recent_z[slot * kRecentZ + slots[slot].recent % kRecentZ], 1);
  }
  bool Start(const Point& point);
  [[nodiscard]] TimeMs OnsetOf(Slot slot) const;
  Band BandAt(Slot slot, TimeMs at);
  void Opine(Slot slot, size_t i, const ChartState& chart, const ChartReading& reading, double link,
             Judged& judged);
  [[nodiscard]] double TailUnder(const Point& point, TimeMs at,
                                 const std::array<double, 2>& factors);
  [[nodiscard]] Grounds GroundsAt(Slot slot, TimeMs at);
  void Teach(Slot slot, const Evidence& evidence, const Prediction& prediction,
             const std::array<ChartReading, kCharts>& readings, double level_decay, bool routine);
  bool EnterTime(Slot slot, TimeMs step_end, RetaughtQuarter& retaught);
  [[nodiscard]] bool WorthTelling(Slot slot, double change, double noise) const;
  [[nodiscard]] bool HeldNow(Slot slot) const;
  // bank_shifts.cc
  AdoptedShift Follow(Slot slot, TimeMs step_end, const Prediction& prediction, double slow_z,
                      DurationMs passed, bool routine);
  AdoptedShift FollowLevel(Slot slot, TimeMs step_end, const Prediction& prediction, double slow_z);
  // How far a window is from what was expected of it, in link units, and whether all has stopped.
  struct Deviation {
    double link = 0;
    bool stop = false;
  };
  [[nodiscard]] Deviation DeviationOf(Slot slot, const ChartState& window) const;
  AdoptedShift TakeLevel(Slot slot, ShiftKind why, TimeMs since, double deviation,
                         const Prediction& prediction);
  AdoptedShift FollowScale(Slot slot, TimeMs step_end, DurationMs passed, double link);
  [[nodiscard]] double SpreadOf(Slot slot, double link, double variance) const;
  [[nodiscard]] double ValueOf(Slot slot, double link) const;
  [[nodiscard]] bool HasEvidence(Slot slot) const;
  [[nodiscard]] bool IsYoung(Slot slot) const;
  [[nodiscard]] double QuarterNoise(Slot slot) const;
  [[nodiscard]] double NoiseFloor(Slot slot, double link) const;
  // bank_calendar.cc. What the groups of volumes know of dates: read while slots are judged, taught
  // afterwards.
  [[nodiscard]] DayFactor CalendarAt(Slot slot, TimeMs at) const;
  // The same for what was announced of it, and from how many earlier occasions that is known.
  [[nodiscard]] AnnouncedPool::Expected AnnouncedAt(Slot slot, TimeMs at) const;
  Prediction PredictAt(Slot slot, TimeMs at);  // the calendar included
  void NoteCalendar(TimeMs step_end, const Point& point, const Judged& judged);
  [[nodiscard]] Grounds::Calendar CalendarGrounds(Slot slot, TimeMs at) const;
  // bank_siblings.cc. What siblings say: read while slots are judged, taught afterwards.
  [[nodiscard]] std::optional<SiblingPrior> LevelPrior(Slot slot) const;
  Prediction ShrinkLevel(Slot slot, const Prediction& own, Judged& judged) const;
  std::array<NoiseScale, kCharts> BorrowNoise(Slot slot);  // returns its own
  void ReturnNoise(Slot slot, const std::array<NoiseScale, kCharts>& own,
                   std::array<ChartReading, kCharts>& readings);
  [[nodiscard]] double NoiseDoubt(Slot slot, size_t chart) const;
  void NoteSiblings(TimeMs step_end, const Point& point, const Judged& judged);
  // bank_verdict.cc
  [[nodiscard]] double Maturity(Slot slot) const;
  [[nodiscard]] double AboveStaticLimit(const Point& point) const;
  Verdict Decide(const Point& point, const Judged& judged);
  void Calibrate(TimeMs at, Slot slot, const Judged& judged, double forest_surprise);
  void Finish(TimeMs step_end);
  // Of all tails, the detectors' first.
  TailCalibrator& Tail(size_t number) {
    return number < detector_tails.size() ? detector_tails[number]
                                          : fused_tails[number - detector_tails.size()];
  }
  static size_t DetectorTail(size_t detector, SignalKind kind, size_t support, double z) {
    return ((detector * kSignalKinds + static_cast<size_t>(kind)) * kSupports + support) * 2 +
           (z < 0 ? 1 : 0);
  }
  [[nodiscard]] size_t FusedTail(SignalKind kind, size_t support) const {
    return detector_tails.size() + static_cast<size_t>(kind) * kSupports + support;
  }
  void MakeRoom(SignalKind kind, std::uint32_t parent);
  void AddSpec(const SignalSpec& spec);  // a slot's but for what it has learned
  void AddSlot(const SignalSpec& spec);
  BaselineView View(Slot slot);
  double GaugeFloor(const SlotState& s, double link) const;

  BankOptions options;
  std::vector<SignalSpec> specs;
  std::vector<Tempo> tempos;
  std::vector<std::uint32_t> group_of;                             // dense group number by slot
  std::unordered_map<std::uint32_t, std::uint32_t> group_numbers;  // looked up only
  std::vector<SlotState> slots;
  std::vector<SeasonCell> cells;
  std::vector<float> recent_z;
  std::vector<TailCalibrator> detector_tails;
  std::vector<TailCalibrator> fused_tails;
  std::vector<SiblingPool> families;     // by parent of shares; 0 is nobody's
  std::vector<CalendarPool> calendars;   // by parent of volumes; 0 is nobody's
  std::vector<AnnouncedPool> announced;  // the same
  LateLessons lessons;
  ForestWatch forest;
  TimeMs last_step = INT64_MIN;
  std::vector<AdoptedShift> adopted;
  std::vector<RetaughtQuarter> retaught_now;  // not state: of the latest step
  std::vector<Judged> scratch;                // not state
};

}  // namespace quell::detectors
