#include "replay/bounds/clairvoyant.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "replay/bounds/likelihood.h"
#include "replay/scoring/scoring.h"

namespace quell::replay {
namespace {

using detectors::SignalKind;

constexpr DurationMs kAftermath = 30 * kMinuteMs;  // not calm yet
constexpr double kSurely = 4;                      // deviations of a calm stretch
constexpr double kTrimmed = 0.01;                  // of the calm points, the oddest
constexpr double kLeastShareMoved = 0.005, kLeastLogMoved = 0.05;
constexpr size_t kRisesMax = 60;       // that are followed at once
constexpr double kOffsetShare = 0.05;  // of a gauge's median

struct Noise {
  double dispersion = 1;
  double offset = 0;
};

// A signal that takes part in one incident.
struct Part {
  const Trace* trace = nullptr;
  Noise noise;
  double size = 0;
};

class Search {
 public:
  Search(const Traces& traces, std::span<const KnownChange> changes, const CalmStretch& stretch)
      : traces_(traces),
        changes_(changes),
        calm_from_(traces.StepAt(stretch.from)),
        calm_to_(std::min(traces.steps, traces.StepAt(stretch.to))) {
    calm_.resize(traces.signals.size());
    noise_.resize(traces.signals.size());
    for (size_t i = 0; i < traces.signals.size(); ++i) {
      calm_[i] = Calm({&traces.signals[i]});
      noise_[i] = Measure(traces.signals[i], calm_[i]);
    }
  }

  Sighting See(const KnownChange& change, double false_per_week) const {
    Sighting sighting;
    const std::vector<Part> parts = Parts(change);
    sighting.signals = parts.size();
    if (parts.empty()) return sighting;
    const auto first_of = [&](const std::vector<Part>& some) {
      const TimeMs at = FirstSeen(change, some, false_per_week);
      if (at == 0 || (sighting.seen && sighting.at <= at)) return;
      sighting.seen = true;
      sighting.at = at;
    };
    first_of(parts);
    if (parts.size() == 1) return sighting;
    for (const Part& part : parts) first_of({part});
    return sighting;
  }

 private:
  // Steps whose points lie wholly or partly within the change.
  [[nodiscard]] size_t First(const KnownChange& change) const {
    return traces_.StepAt(change.incident.start + 1);
  }

  [[nodiscard]] size_t Steps(const KnownChange& change) const {
    return std::max<size_t>(1, traces_.StepAt(change.incident.end) - First(change));
  }

  [[nodiscard]] size_t RiseSteps(const KnownChange& change) const {
    const DurationMs lasts = change.incident.end - change.incident.start;
    return static_cast<size_t>(std::clamp<DurationMs>(change.rise_ms, 0, lasts) / traces_.step_ms);
  }

  // The sum of what the signals say, over the best of the possible beginnings.
  class Cusum {
   public:
    Cusum(const std::vector<Part>& parts, size_t rise)
        : parts_(parts), rise_(rise), every_(std::max<size_t>(1, rise / kRisesMax)) {}

    double Next(size_t step) {
      // Those that have risen go on alike: the best of them stands for all.
      while (!starts_.empty() && step - starts_.front().step >= rise_) {
        full_ = std::max(full_, starts_.front().sum);
        starts_.pop_front();
      }
      full_ = std::max(0.0, full_ + Said(step, 1));
      if (rise_ > 0 && age_++ % every_ == 0) starts_.push_back({step, 0});
      double best = full_;
      for (Start& start : starts_) {
        start.sum +=
            Said(step, (static_cast<double>(step - start.step) + 0.5) / static_cast<double>(rise_));
        best = std::max(best, start.sum);
      }
      return best;
    }
    void Forget() {
      full_ = 0;
      age_ = 0;
      starts_.clear();
    }

   private:
    struct Start {
      size_t step = 0;
      double sum = 0;
    };
    [[nodiscard]] double Said(size_t step, double grown) const {
      double sum = 0;
      for (const Part& part : parts_) {
        const TracePoint* point = PointAt(*part.trace, step);
        if (point == nullptr) continue;
        const double size = grown < 1 ? Times(part.trace->kind, part.size, grown) : part.size;
        sum += LogRatio(part.trace->kind, part.noise.offset, *point, size, part.noise.dispersion);
      }
      return sum;
    }
    const std::vector<Part>& parts_;
    size_t rise_, every_, age_ = 0;
    double full_ = 0;
    std::deque<Start> starts_;  // still rising
  };

  // Steps at which none of the signals is part of an incident or of its aftermath.
  [[nodiscard]] std::vector<bool> Calm(const std::vector<const Trace*>& signals) const {
    std::vector<bool> calm(traces_.steps, false);
    for (size_t step = calm_from_; step < calm_to_; ++step) calm[step] = true;
    for (const KnownChange& change : changes_) {
      const bool touches = std::any_of(signals.begin(), signals.end(), [&](const Trace* trace) {
        return MatchesIncident(trace->labels, change.incident);
      });
      if (!touches) continue;
      const size_t end = std::min(traces_.steps, traces_.StepAt(change.incident.end + kAftermath));
      for (size_t step = First(change); step < end; ++step) calm[step] = false;
    }
    return calm;
  }

  [[nodiscard]] Noise Measure(const Trace& trace, const std::vector<bool>& calm) const {
    Noise noise;
    std::vector<double> values;
    if (trace.kind == SignalKind::kGauge) {
      for (const TracePoint& point : trace.points) {
        if (!std::isnan(point.value)) values.push_back(std::abs(double{point.value}));
      }
      if (values.empty()) return noise;
      std::sort(values.begin(), values.end());
      noise.offset = std::max(1e-9, kOffsetShare * values[values.size() / 2]);
      values.clear();
    }
    for (size_t step = 0; step < calm.size(); ++step) {
      const TracePoint* point = calm[step] ? PointAt(trace, step) : nullptr;
      if (point != nullptr) values.push_back(Dispersion(trace.kind, noise.offset, *point));
    }
    std::sort(values.begin(), values.end());
    const auto kept = static_cast<size_t>(static_cast<double>(values.size()) * (1 - kTrimmed));
    double sum = 0;
    for (size_t i = 0; i < kept; ++i) sum += values[i];
    // Counts do not vary less than by chance.
    const double least = trace.kind == SignalKind::kGauge ? 1e-6 : 1;
    noise.dispersion = std::max(least, kept == 0 ? least : sum / static_cast<double>(kept));
    return noise;
  }

  [[nodiscard]] double SizeOver(const Trace& trace, const Noise& noise, size_t from,
                                size_t to) const {
    ChangeSize size(trace.kind, noise.offset);
    for (size_t step = from; step < to; ++step) {
      if (const TracePoint* point = PointAt(trace, step)) size.Add(*point);
    }
    return size.Size();
  }

  // The usual size of what looks like a change in a calm stretch of `length` steps.
  [[nodiscard]] double UsualSize(size_t signal, size_t length) const {
    const std::vector<bool>& calm = calm_[signal];
    std::vector<double> sizes;
    for (size_t from = calm_from_; from + length <= calm_to_; from += length) {
      if (!calm[from] || !calm[from + length - 1]) continue;
      sizes.push_back(
          std::abs(SizeOver(traces_.signals[signal], noise_[signal], from, from + length)));
    }
    if (sizes.empty()) return 0;
    std::sort(sizes.begin(), sizes.end());
    return 1.4826 * sizes[sizes.size() / 2];
  }

  [[nodiscard]] std::vector<Part> Parts(const KnownChange& change) const {
    std::vector<Part> parts;
    const size_t from = First(change);
    const size_t length = Steps(change);
    const double risen = static_cast<double>(RiseSteps(change)) / static_cast<double>(length);
    const double strength = change.on_share * (1 - std::min(1.0, risen) / 2);  // on average
    for (size_t i = 0; i < traces_.signals.size(); ++i) {
      const Trace& trace = traces_.signals[i];
      if (!MatchesIncident(trace.labels, change.incident)) continue;
      const double mean = SizeOver(trace, noise_[i], from, from + length);
      const bool share = trace.kind == SignalKind::kRatio || trace.kind == SignalKind::kQuantile;
      if (std::abs(mean) < (share ? kLeastShareMoved : kLeastLogMoved)) continue;
      if (std::abs(mean) < kSurely * UsualSize(i, length)) continue;
      const double full = Times(trace.kind, mean, 1 / strength);
      parts.push_back({&trace, noise_[i], full});
    }
    return parts;
  }

  // When the sum over `parts` exceeds its threshold; 0 = not before the change is over.
  [[nodiscard]] TimeMs FirstSeen(const KnownChange& change, const std::vector<Part>& parts,
                                 double false_per_week) const {
    std::vector<const Trace*> moved;
    for (const Part& part : parts) moved.push_back(part.trace);
    const double threshold = Threshold(change, parts, Calm(moved), false_per_week);
    Cusum cusum(parts, RiseSteps(change));
    const size_t end = std::min(traces_.steps, traces_.StepAt(change.incident.end + 1));
    for (size_t step = First(change); step < end; ++step) {
      if (cusum.Next(step) > threshold) return traces_.End(step);
    }
    return 0;
  }

  [[nodiscard]] double Threshold(const KnownChange& change, const std::vector<Part>& parts,
                                 const std::vector<bool>& calm, double false_per_week) const {
    const auto hour = static_cast<size_t>(kHourMs / traces_.step_ms);
    std::vector<double> highest;  // of each hour
    Cusum cusum(parts, RiseSteps(change));
    size_t steps = 0;
    for (size_t step = calm_from_; step < calm_to_; ++step) {
      if (!calm[step]) {
        cusum.Forget();
        continue;
      }
      if (steps++ % hour == 0) highest.push_back(0);
      highest.back() = std::max(highest.back(), cusum.Next(step));
    }
    const double week = static_cast<double>(kWeekMs) / static_cast<double>(traces_.step_ms);
    const double least = std::log(week / false_per_week);
    const auto allowed = static_cast<size_t>(static_cast<double>(steps) / week * false_per_week);
    std::sort(highest.rbegin(), highest.rend());
    return allowed < highest.size() ? std::max(least, highest[allowed]) : least;
  }

  const Traces& traces_;
  std::span<const KnownChange> changes_;
  size_t calm_from_, calm_to_;
  std::vector<std::vector<bool>> calm_;  // by signal
  std::vector<Noise> noise_;             // by signal
};

}  // namespace

std::vector<Sighting> ClairvoyantSightings(const Traces& traces,
                                           std::span<const KnownChange> changes,
                                           const CalmStretch& stretch, double false_per_week) {
  std::vector<Sighting> out;
  if (traces.steps == 0 || traces.step_ms <= 0 || !(false_per_week > 0)) {
    out.resize(changes.size());
    return out;
  }
  const Search search(traces, changes, stretch);
  for (const KnownChange& change : changes) out.push_back(search.See(change, false_per_week));
  return out;
}

}  // namespace quell::replay
