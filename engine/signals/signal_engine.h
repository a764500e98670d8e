// SignalEngine: samples in, one point per signal and step out.
//
// The step grid is aligned to the epoch. A step closes when the watermark has passed it; a signal
// whose series are scraped less often than the step closes every m-th step, m from the observed
// scrape interval. What happens to odd input is stated here and tested:
//
//   counter reset          the new value is the increase (as in PromQL); counted; what came between
//                          the last scrape and the restart is unknown, so the volume has no point
//   first sample           no increase; unless its target has reported the same metric for 2 min:
//                          then the counter was born between two scrapes and counts from 0
//   gap above the lookback (5 min or 3 intervals) no increase across it
//   same time, same value  ignored, counted as duplicate
//   same or older time     dropped, counted as duplicate_time resp. out_of_order
//   late (its step closed) counters up to late_max, gauges up to the lookback: applied to the
//                          oldest open step, counted
//   later than that        dropped, counted as too_old
//   staleness marker       counted; the last value stays, and the series ages out with the lookback
//   NaN, infinity          dropped, counted; a negative counter likewise
//   native histogram       as a counter: a smaller count or bucket is a reset; a gauge histogram is
//                          its own increase; layouts that differ are compared where both are known
//   part of the targets gone volume points are withheld for up to an hour (a drop in scrape
//                          coverage is not a drop in traffic), unless what is left has fallen by
//                          more than half; ratios go on with what is there
//   `up`                   says whether its target is seen; it feeds no signal by itself
//
// Deterministic: a function of definitions and calls in order. Thread-compatible, one owner.
// State: kind "signals", version 5 (docs/formats/signals.md).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/bytes.h"
#include "core/flat_map.h"
#include "core/hash.h"
#include "core/labels.h"
#include "core/result.h"
#include "core/text_arena.h"
#include "detectors/types.h"
#include "engine/signals/definition.h"
#include "engine/signals/discovery.h"
#include "engine/signals/histogram.h"
#include "engine/signals/likeness.h"
#include "engine/signals/native_increase.h"
#include "engine/signals/recent_troubles.h"
#include "engine/signals/scrape_targets.h"
#include "ingest/sample.h"

namespace quell::signals {

struct SignalOptions {
  DurationMs step_ms = 30 * kSecondMs;
  DurationMs lookback_ms = 5 * kMinuteMs;
  DurationMs late_max_ms = kHourMs;  // counters; older samples are dropped as too old
  // A series silent for so long is forgotten; a signal silent for so long is retired.
  DurationMs retire_after_ms = kDayMs;
  bool discover = true;        // by naming conventions, for series no definition takes
  size_t signals_max = 50000;  // above it new signals are refused and counted
  size_t series_max = 1000000;
};

using SeriesId = std::uint32_t;
inline constexpr SeriesId kIgnoredSeries = 0xFFFFFFFFU;

struct SeriesSample {
  TimeMs time = 0;
  double value = 0;
  SeriesId series = kIgnoredSeries;
  std::uint32_t padding = 0;  // saved as it lies
};

// What is known of a signal besides its numbers.
struct Signal {
  std::uint32_t definition = 0;
  Labels labels;             // group labels plus alertname
  std::uint32_t group = 0;   // signals with equal group labels share a group
  std::uint32_t series = 0;  // that ever fed it
};

// A signal's state in the field's words.
//   live     its samples come, and count something        zero     they come, and count nothing
//   late     nothing for two intervals                    dead     nothing for the lookback
//   retired  nothing for retire_after: switched off, no part of what may be missing
enum class SignalState : std::uint8_t { kLive, kZero, kLate, kDead, kRetired };
std::string_view SignalStateName(SignalState state);

struct SignalCounters {
  std::uint64_t samples = 0, duplicates = 0, duplicate_times = 0, out_of_order = 0, late = 0,
                stale_markers = 0, resets = 0, not_finite = 0, gaps = 0, ignored_series = 0,
                refused_series = 0, refused_signals = 0,
                histograms = 0,  // of the samples, native histograms
      too_old = 0, retired_series = 0;
};

class SignalEngine {
 public:
  SignalEngine(std::vector<SignalDef> definitions, const SignalOptions& options);

  // The handle for a series; kIgnoredSeries where no signal uses it (or a bound is reached).
  SeriesId Intern(const Labels& labels, ingest::SeriesType type = ingest::SeriesType::kFloat);
  // The same for a series that Intern has seen, by WideHash of its definition's body
  // (ingest/series_records.h) without a seed; nullopt if it has not.
  [[nodiscard]] std::optional<SeriesId> Find(const Hash128& definition) const;
  // Intern for a series that Find does not find, by that body: at a third of the cost where a
  // series is known that is like it (likeness.h); nullopt where none is.
  std::optional<SeriesId> InternLike(const Hash128& definition, std::string_view body);
  void Observe(SeriesId series, TimeMs time, double value);
  void Observe(std::span<const SeriesSample> samples);  // in order; the faster way for many
  // `series` was interned as a histogram. Memory a series: 16 bytes a bucket, 2.6 kB at most.
  void ObserveHistogram(SeriesId series, const ingest::HistogramSample& sample);

  // Forgets the series that have been silent for retire_after, but for those in `keep`, once they
  // are worth it. Calls `retired` for each with the body of its definition. Returns the new id of
  // every series by its old one (kIgnoredSeries: forgotten); empty where all stay as they are.
  using RetiredCall = std::function<void(SeriesId, std::string_view body)>;
  std::vector<SeriesId> RetireSeries(std::span<const SeriesId> keep, const RetiredCall& retired);

  // One signal's window of the step that closes.
  struct StepPoint {
    detectors::Point point;
    double shown = 0;  // what a person reads: the quantile in seconds; else the point's value
  };
  // Closes the step that ends at `step_end` (a multiple of step_ms, ascending) and returns its
  // points by ascending slot. Valid until the next call.
  std::span<const StepPoint> CloseStep(TimeMs step_end);

  // Targets that are out as of the last closed step, by number. Valid until the next one closes.
  [[nodiscard]] std::span<const OutTarget> Out() const { return out_; }
  // Silence of fewer signals says nothing about a target.
  static constexpr size_t kBlindMin = 3;

  [[nodiscard]] const std::vector<Signal>& signals() const { return signals_; }
  [[nodiscard]] const std::vector<SignalDef>& definitions() const { return definitions_; }
  [[nodiscard]] const SignalDef& Definition(std::uint32_t slot) const {
    return definitions_[signals_[slot].definition];
  }
  [[nodiscard]] DurationMs Interval(std::uint32_t slot) const { return windows_[slot].interval_ms; }
  [[nodiscard]] SignalState State(std::uint32_t slot, TimeMs now) const;
  [[nodiscard]] TimeMs LastSeen(std::uint32_t slot) const { return windows_[slot].last_seen; }
  // Troubles with its samples up to the last closed step.
  [[nodiscard]] const RecentTroubles& Troubles(std::uint32_t slot) const {
    return windows_[slot].troubles;
  }
  [[nodiscard]] double Bound(std::uint32_t slot) const { return windows_[slot].bound; }
  // A latency signal is judged by the share of requests above its bound; people read a quantile.
  // This is the usual one, and what it would be if so much less or more of all requests than is
  // expected were above the bound. Seconds; zeros for other signals and before anything was seen.
  struct UsualLatency {
    double expected = 0, low = 0, high = 0;
  };
  // The highest finite edge of a latency signal's buckets; 0 where there is none.
  [[nodiscard]] double LastEdge(std::uint32_t slot) const;
  [[nodiscard]] UsualLatency Usual(std::uint32_t slot, double less, double more) const;
  [[nodiscard]] size_t series_count() const { return series_.size(); }
  [[nodiscard]] const SignalCounters& counters() const { return counters_; }

  void Save(ByteWriter& out) const;
  Status Load(ByteReader& in);  // into a fresh engine with the same definitions

 private:
  struct Binding {
    std::uint32_t slot = 0;
    std::uint32_t use = 0;  // index into uses_
    std::uint16_t bucket = 0;
    std::uint8_t role = 0;
    std::uint8_t unused = 0;
  };
  static_assert(sizeof(Binding) == 12, "saved as it lies: no padding");
  struct Use {        // of a target by a signal
    TimeMs at = -1;   // the last closed step when the target last fed the signal
    float now = 0;    // what it added to the volume since the signal's last point
    float usual = 0;  // the same, smoothed over points that all targets stand behind
  };
  static_assert(sizeof(Use) == 16, "saved as it lies: no padding");
  struct Series {
    TimeMs last_time = 0;
    double last_value = 0;
    std::uint32_t target = 0;  // index into target_born_
    std::uint32_t bindings_begin = 0;
    std::uint8_t bindings = 0;
    bool seen = false;
    bool live = false;  // has reported twice, and lately
    bool counter = false;
    std::int32_t native = -1;        // index into natives_; -1 = floats
    TimeMs contributed_closed = -1;  // the last closed step when it last added covered time
  };
  struct Window {  // a signal's accumulator since its last point
    double k = 0, n = 0, covered_ms = 0;
    double gauge_sum = 0, gauge_max = 0;
    std::uint32_t gauge_samples = 0;
    std::uint32_t contributions = 0;    // series that added covered time, each once a window
    std::uint32_t live = 0;             // series that are live
    DurationMs interval_ms = 0;         // learned spacing of its samples; 0 = not yet
    std::uint32_t longer_spacings = 0;  // in a row
    TimeMs last_seen = 0;
    TimeMs last_close = 0;
    std::uint32_t targets = 0;       // that added covered time since the last point
    std::uint32_t targets_full = 0;  // that usually do
    double usual = 0;                // what those that did since the last point usually add
    double usual_full = 0;           // the same, of all
    double rate_full = 0;            // the volume, smoothed, while all did
    TimeMs full_at = 0;              // when so many last did
    TimeMs more_since = 0;           // since when more do; 0 = they do not
    std::uint32_t restarted = 0;     // series whose counter was reset since the last point
    double bound = 0;
    double last_n = 0;
    std::int32_t histogram = -1;         // index into histograms_
    std::int32_t native_histogram = -1;  // the same, of native buckets
    RecentTroubles troubles;
    bool native = false;        // native samples came since the last point
    bool native_bound = false;  // the bound was learned on native buckets
  };

  struct TargetOfMetric {
    TimeMs born = 0;
    std::uint32_t place = ScrapeTargets::kNone;
  };
  void KeepPlaces(const std::vector<TargetOfMetric>& of_metrics);

  std::uint32_t DefinitionOf(const SignalDef& def);
  std::uint32_t SlotFor(std::uint32_t definition, const Labels& group);
  void BindConfigured(const Labels& labels, std::vector<Binding>& out);
  void BindNative(const Labels& labels, std::vector<Binding>& out);
  void BindDiscovered(const Labels& labels, ingest::SeriesType type, std::vector<Binding>& out);
  void AddBinding(std::uint32_t definition, std::uint8_t role, const Labels& group,
                  const Labels& labels, ingest::SeriesType type, std::vector<Binding>& out);
  // signal_targets.cc
  std::uint32_t TargetOf(std::uint64_t hash, std::string_view job, std::string_view instance);
  std::uint32_t TargetOf(const Labels& labels);
  std::uint32_t UseOf(std::uint32_t slot, std::uint32_t target);
  SeriesId InternUp(const Hash128& definition, std::string_view body, const Labels& labels);
  void ObserveUp(Series& series, TimeMs time, double value);
  void FindOut();
  void FeedsOf(std::map<std::uint32_t, OutTarget>& out) const;
  [[nodiscard]] DurationMs PatienceWith(const OutTarget& target) const;

  SeriesId AddSeries(const Hash128& definition, std::string_view body, const Series& series);
  void RememberLike(SeriesId id, std::string_view body);
  bool IsTooOld(const Series& series, TimeMs time);
  void Note(const Series& series, Trouble trouble);
  void ObserveCounter(Series& series, TimeMs time, double value);
  void ObserveGauge(Series& series, TimeMs time, double value);
  void AddGrowth(Series& series, const NativeState& state, const ingest::HistogramSample& sample);
  void AddNative(Window& window, const Binding& binding, double increase);
  HistogramWindow& HistogramOf(Window& window, const SignalDef& def);
  // signal_snapshot.cc
  void SaveSignals(ByteWriter& out) const;
  bool LoadSignals(ByteReader& in);
  void SaveSeries(ByteWriter& out) const;
  bool LoadSeries(ByteReader& in);
  void SaveWindows(ByteWriter& out) const;
  bool LoadWindows(ByteReader& in);
  [[nodiscard]] bool IsConsistent() const;
  void SaveNatives(ByteWriter& out) const;
  bool LoadNatives(ByteReader& in);
  void Contribute(Series& series, double increase, DurationMs covered);
  void NoteUse(const Binding& binding, Window& window, double increase);
  void LearnInterval(const Series& series, DurationMs spacing);
  void SetLive(Series& series, bool live);
  void ExpireSeries(TimeMs step_end);
  [[nodiscard]] DurationMs Lookback(const Window& window) const;
  bool MakePoint(std::uint32_t slot, TimeMs step_end, StepPoint& out);
  [[nodiscard]] bool Covered(Window& window, TimeMs step_end) const;
  static bool MakePartialVolume(const Window& window, StepPoint& out);
  bool MakeQuantile(Window& window, const SignalDef& def, StepPoint& out);
  void ResetWindow(Window& window, TimeMs step_end);

  // A target older than this bears counters at 0.
  static constexpr DurationMs kBornAfterMs = 2 * kMinuteMs;

  SignalOptions options_;
  std::vector<SignalDef> definitions_;
  size_t configured_ = 0;  // the first so many definitions come from the configuration
  std::unordered_map<std::string, std::uint32_t> definition_by_name_;
  std::vector<Signal> signals_;
  std::vector<Window> windows_;
  std::vector<HistogramWindow> histograms_;
  FlatMap<std::uint64_t, std::uint32_t> slot_by_definition_and_group_;
  std::unordered_map<Labels, std::uint32_t, LabelsHash> group_by_labels_;
  FlatMap<Hash128, SeriesId> series_by_definition_;  // ignored ones, too
  std::vector<Series> series_;
  std::vector<NativeState> natives_;
  std::vector<ingest::HistogramBucket> growth_;  // of the native histogram at hand
  std::vector<Binding> bindings_;
  FlatMap<std::uint64_t, std::uint32_t> target_by_hash_;
  std::vector<TimeMs> target_born_;
  FlatMap<std::uint64_t, std::uint32_t> use_by_slot_and_target_;
  std::vector<Use> uses_;
  ScrapeTargets targets_;
  std::vector<std::uint32_t> target_place_;  // by target of one metric: which of targets_
  std::vector<OutTarget> out_;
  TextArena bodies_;
  std::vector<std::string_view> definition_bodies_;  // by series; a fifth of what Labels would take
  Likeness likeness_;
  FlatMap<Hash128, SeriesId> series_by_likeness_;  // one of those that are alike; not saved
  std::uint64_t missed_bindings_ = 0;  // that a series should have had: refused, or no edge of its
  std::vector<StepPoint> points_;
  SignalCounters counters_;
  TimeMs closed_ = 0;  // end of the last closed step
};

}  // namespace quell::signals
