// DetectorBank: all detectors, their calibration and their fusion, for a set of signals.
//
// Model    seasonal baseline -> residual; EWMA charts at two time scales on the residual;
//          isolation forest on the residual vector of a group; each calibrated to a tail
//          probability by signal class; fused into one verdict (detectors/README.md).
// Input    batches of points of one step, slots ascending and unique; step ends strictly
//          increasing; finite values only. A slot without a point in a step is "no observation".
// Output   one verdict per point, same order; probabilities in (0, 1].
// Cost     O(1) a point plus the forest's; no allocation per step once signals are added.
// Threads  thread-compatible: one owner. BackgroundFit may run on another thread (see below).
// State    kind "detector_bank", version 9 (docs/formats/detector_bank.md).
// Source   named in each detector's header.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/crew.h"
#include "core/result.h"
#include "detectors/grounds.h"
#include "detectors/types.h"

namespace quell::detectors {

struct BankOptions {
  std::uint64_t seed = 1;  // of the forest's sampling
  // Time scales of the EWMA charts; each at least two, resp. twelve, intervals of the signal.
  DurationMs fast_half_life_ms = 150 * kSecondMs;
  DurationMs slow_half_life_ms = 12 * kMinuteMs;
  // A lasting shift is adopted as the new normal after this long.
  DurationMs adopt_after_ms = 3 * kHourMs;
  DurationMs forest_refit_ms = 1 * kHourMs;
  // A forest fitted from data up to step T is installed at the first step >= T + delay, so that
  // results do not depend on how fast the background thread was.
  DurationMs forest_install_delay_ms = 5 * kMinuteMs;
  int forest_trees = 100;
  int forest_sample = 256;
};

class DetectorBank {
 public:
  // kOutOfRange, naming the field, if an option is out of range.
  static Result<DetectorBank> Create(const BankOptions& options);
  ~DetectorBank();
  DetectorBank(DetectorBank&&) noexcept;
  DetectorBank& operator=(DetectorBank&&) noexcept;

  // Adds a signal; returns its slot (0, 1, 2, ...).
  Slot AddSignal(const SignalSpec& spec);
  // Learned later than AddSignal: the native interval of the signal's points.
  void SetInterval(Slot slot, DurationMs interval_ms);
  // Local civil time less UTC from the next step on: daylight saving began or ended.
  void SetUtcOffset(Slot slot, DurationMs offset_ms);
  // A parent is known once it has enough children: 0, the nearer one, or 1; see SignalSpec.
  void SetParent(Slot slot, size_t level, std::uint32_t parent);
  // What was announced of the slot from the next step on.
  void SetAnnounced(Slot slot, Announced what);
  void SetPolicy(Slot slot, const Policy& policy, double static_limit);
  [[nodiscard]] size_t size() const;

  // Scores the points of the step that ends at `step_end` against the past, then learns from
  // them (less from improbable ones, not at all from slots that are frozen).
  // REQUIRES: step_end later than every earlier one; points sorted by slot; out.size() ==
  // points.size().
  // With a crew, slots are judged side by side; the result is the same, to the bit.
  void Observe(TimeMs step_end, std::span<const Point> points, std::span<Verdict> out,
               Crew* crew = nullptr);

  // While frozen a slot is scored but does not teach the baseline (an alert is open on it).
  // A level that has lasted for adopt_after_ms is adopted, frozen or not: Observe then lists it in
  // Adopted() for that step, and the slot is no longer frozen. A noise that has changed for 24
  // times as long is listed there as well (scale_shift.h); it was learned before.
  void SetFrozen(Slot slot, bool frozen);
  // The present deviation recurs at this time of day: it is routine and teaches the baseline at
  // full weight, as something not yet known of this time, until SetFrozen() is called.
  void SetRoutine(Slot slot);
  [[nodiscard]] std::span<const AdoptedShift> Adopted() const;
  // Adopts the present level of a slot now, because somebody says that it is normal: of the short
  // window, or of the long one where that holds too little. `since` 0: nothing was observed.
  AdoptedShift AdoptLevel(Slot slot);
  // Takes an adopted level back (its `shift` and `variance`): the earlier one is expected again,
  // and no level of the slot is adopted for eight times adopt_after_ms.
  void UndoLevel(Slot slot, double shift, double variance);
  // The noises are as they were (an adopted scale's `noises`), and stay so for 24 times
  // adopt_after_ms.
  void UndoScale(Slot slot, const std::array<float, kCharts>& noises);

  // Quarter-hours of the day that were learned as new (routine, or odd on the two days before,
  // too), told when the next one has begun; those of the first week, or hardly different, are not.
  [[nodiscard]] std::span<const RetaughtQuarter> Retaught() const;
  // These quarter-hours are expected as they were, and nothing odd in them is learned or routine on
  // the next seven days.
  void UndoTime(Slot slot, std::span<const QuarterBefore> quarters);
  // Whether a quarter-hour within half an hour of the slot's latest point is held so.
  [[nodiscard]] bool HoldsTime(Slot slot) const;

  // Where the present deviation of a slot seems to have begun (CUSUM change-point estimate);
  // the step's own end if there is none. <= last step_end.
  [[nodiscard]] TimeMs EstimatedOnset(Slot slot) const;
  // Up to 64 latest z of a slot, oldest first (for residual correlation between signals).
  [[nodiscard]] std::vector<float> RecentZ(Slot slot) const;
  // Expected value and band for a slot at a time, as the baseline stands (for plots).
  struct Band {
    double expected = 0, low = 0, high = 0;
  };
  [[nodiscard]] Band Expect(Slot slot, TimeMs at) const;
  // What AdoptLevel() would do now; nothing changes.
  struct NewNormal {
    AdoptedShift adopted;
    Band before, after;  // as Expect() at that time
  };
  [[nodiscard]] NewNormal PreviewLevel(Slot slot, TimeMs at);
  // The tail probability of a volume's latest verdict (`point`, of the step that ended at `at`),
  // had `factors` times as much been usual: over the short window (and the point), over the long
  // one.
  [[nodiscard]] double TailUnder(const Point& point, TimeMs at,
                                 const std::array<double, 2>& factors) const;
  // What the verdict on a slot rests on, as of its point of a step that ended at `at`.
  [[nodiscard]] Grounds GroundsOf(Slot slot, TimeMs at) const;
  // Whether a slot is judged against its own past, and how far it is from that: points observed,
  // and for shares events in the long window, discounted for their age.
  struct Standing {
    bool judged = false;
    std::uint64_t points = 0, points_needed = 0;
    double events = 0, events_needed = 0;
  };
  [[nodiscard]] Standing StandingOf(Slot slot) const;
  // A value (or a stretch's: counts and exposures summed, levels averaged) on the scale that the
  // slot is modelled on, without the shape of day and week: of the input, not of what is expected
  // of it. `least` is a difference that means nothing. nullopt: not started, or nothing was
  // counted.
  struct Deseasoned {
    double value = 0, least = 0;
  };
  [[nodiscard]] std::optional<Deseasoned> WithoutSeason(const Point& point, TimeMs at) const;
  // Steps observed by a slot, and bytes of state per signal by part (docs and metrics).
  [[nodiscard]] std::uint64_t Observed(Slot slot) const;

  // Background refit. Observe() marks a fit as due (same step in every run); PendingFit() returns
  // a self-contained job that may run on any thread; Observe() installs its result at the stated
  // step and runs the job itself if nobody has.
  class FitJob;
  std::shared_ptr<FitJob> PendingFit();
  static void Run(FitJob& job);  // thread-safe, idempotent

  void Save(ByteWriter& out) const;
  // kCorrupt or kUnsupported (naming both versions). Continues exactly as the saved one would.
  static Result<DetectorBank> Load(ByteReader& in);

 private:
  struct State;
  explicit DetectorBank(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace quell::detectors
