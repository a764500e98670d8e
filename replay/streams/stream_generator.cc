#include "replay/streams/stream_generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "core/hash.h"
#include "replay/streams/stream_draw.h"

namespace quell::streams {
namespace {

constexpr size_t kResiduals = 64;
constexpr DurationMs kPointMs = 30 * kSecondMs;

// Residuals at firing: noise, and from the onset on the cause's course, which all its signals
// share.
std::vector<float> Residuals(const StreamAlert& alert, std::uint64_t course, Random& random) {
  std::vector<float> out;
  Random shape(course);
  std::array<double, 512> factor{};  // by points since the epoch, wrapped
  for (double& value : factor) value = 1 + 0.6 * shape.Normal();
  const double gain = alert.sign * (4 + 6 * random.Uniform());
  for (size_t i = 0; i < kResiduals; ++i) {
    const TimeMs at = alert.starts_at - static_cast<DurationMs>(kResiduals - 1 - i) * kPointMs;
    double z = random.Normal();
    if (at >= alert.onset) {
      z += gain * factor[static_cast<size_t>(at / kPointMs) % factor.size()];
    }
    out.push_back(static_cast<float>(z));
  }
  return out;
}

TimeMs UpTo(TimeMs time, DurationMs step) { return (time + step - 1) / step * step; }

}  // namespace

void StreamDraw::Add(Symptom symptom, const std::string& incident) {
  asked_.push_back({std::move(symptom), incident});
}

bool StreamDraw::TakePlace(int place, TimeMs onset, TimeMs over) {
  TimeMs& until = out_until_[place];
  if (until != 0 && onset < until + kHourMs) return false;
  until = over;
  return true;
}

DurationMs StreamDraw::Around(DurationMs mean) {
  return static_cast<DurationMs>(random_.Exponential() * static_cast<double>(mean));
}

StreamAlert StreamDraw::Fire(const Symptom& symptom, const std::string& incident) {
  StreamAlert alert;
  alert.labels = symptom.labels;
  alert.incident = incident;
  const DurationMs step = platform_.evaluation_ms;
  alert.starts_at = UpTo(symptom.onset, step) + symptom.rule->for_ms;
  alert.ends_at = UpTo(symptom.over, step) + step;
  if (!options_.with_series) return alert;
  // Quell needs no `for`, and finds the onset on the series to within a point or so.
  alert.starts_at = UpTo(symptom.onset + kMinuteMs + Around(kMinuteMs), kPointMs);
  alert.ends_at = std::max(UpTo(symptom.over, kPointMs) + 2 * kPointMs, alert.starts_at + kPointMs);
  alert.onset = std::min(symptom.onset + static_cast<DurationMs>(random_.Normal() * 20 * kSecondMs),
                         alert.starts_at);
  alert.kind = symptom.rule->kind;
  alert.sign = symptom.rule->sign;
  Hasher course;
  course.Add(incident.empty() ? alert.labels.ToString() : incident);
  course.Add(std::to_string(options_.seed));
  alert.residuals = Residuals(alert, course.Finish(), random_);
  return alert;
}

std::vector<StreamAlert> StreamDraw::Take() {
  std::stable_sort(asked_.begin(), asked_.end(), [](const Asked& a, const Asked& b) {
    return a.symptom.onset < b.symptom.onset;
  });
  std::map<Labels, TimeMs> busy;  // until when
  std::vector<StreamAlert> out;
  const TimeMs end = options_.start + options_.duration_ms;
  for (const Asked& asked : asked_) {
    StreamAlert alert = Fire(asked.symptom, asked.incident);
    // Over before it had waited long enough: nobody hears of it.
    if (alert.ends_at <= alert.starts_at || alert.starts_at >= end) continue;
    TimeMs& until = busy[alert.labels];
    if (alert.starts_at <= until) continue;
    until = alert.ends_at;
    out.push_back(std::move(alert));
  }
  std::sort(out.begin(), out.end(), [](const StreamAlert& a, const StreamAlert& b) {
    return std::tie(a.starts_at, a.labels) < std::tie(b.starts_at, b.labels);
  });
  return out;
}

AlertStream GenerateStream(const StreamOptions& options) {
  Random random(options.seed);
  const StreamPlatform platform = MakeStreamPlatform(random);
  StreamDraw draw(options, platform, random);
  DrawIncidents(draw);
  DrawBackground(draw);
  AlertStream out;
  out.name = std::to_string(options.seed) + ", " + platform.name;
  out.alerts = draw.Take();
  out.scored_from = options.start + options.unscored_ms;
  if (options.with_series) out.population = AllLabels(platform);
  for (const Component& called : platform.components) {
    for (const int caller : called.callers) {
      out.calls.emplace_back(platform.components[static_cast<size_t>(caller)].name, called.name);
    }
  }
  out.node_labels = {platform.labels.service, platform.labels.psp};
  out.service_label = platform.labels.service;
  out.place_label = platform.labels.place;
  return out;
}

}  // namespace quell::streams
