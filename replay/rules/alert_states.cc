#include "replay/rules/alert_states.h"

#include <algorithm>
#include <tuple>

namespace quell::replay {

Labels AlertStates::LabelsOf(const Labels& series) const {
  Labels out = series;
  out.Set(kMetricName, "");
  for (const Label& label : rule_.labels) out.Set(label.name, label.value);
  out.Set("alertname", rule_.name);
  return out;
}

Status AlertStates::Feed(const ingest::SampleBatch& batch, TimeMs first, TimeMs last) {
  std::map<Labels, std::uint32_t> known;
  std::vector<const Labels*> alerts;
  std::vector<Point> points;
  for (const auto& series : batch.series) {
    const auto [at, added] =
        known.emplace(LabelsOf(series.labels), static_cast<std::uint32_t>(known.size()));
    if (added) alerts.push_back(&at->first);
    for (std::uint32_t i = series.begin; i < series.end; ++i) {
      points.push_back({batch.samples[i].time, at->second, batch.samples[i].value});
    }
  }
  std::sort(points.begin(), points.end(), [&](const Point& a, const Point& b) {
    return std::tie(a.time, *alerts[a.alert]) < std::tie(b.time, *alerts[b.alert]);
  });
  const Point* point = points.data();
  const Point* const stop = point + points.size();
  for (TimeMs at = first; at <= last; at += rule_.interval) {
    while (point != stop && point->time < at) ++point;
    const Point* const begin = point;
    while (point != stop && point->time == at) ++point;
    if (begin == point && active_.empty()) continue;
    QUELL_TRY(Evaluate(at, alerts, begin, point));
  }
  return Ok{};
}

Status AlertStates::Evaluate(TimeMs at, const std::vector<const Labels*>& alerts,
                             const Point* begin, const Point* end) {
  const bool twice = std::adjacent_find(begin, end, [](const Point& a, const Point& b) {
                       return a.alert == b.alert;
                     }) != end;
  if (twice) {
    ++failed_;
    return Ok{};
  }
  for (const Point* point = begin; point != end; ++point) {
    Active& active = active_.try_emplace(*alerts[point->alert], Active{at}).first->second;
    active.seen = at;
    active.kept_since = -1;
    if (active.fired != kPending || at - active.since < rule_.hold) continue;
    if (fired_.size() >= kFiredMax) {
      return MakeError(ErrorCode::kResourceExhausted,
                       "it fires more than " + std::to_string(kFiredMax) + " alerts");
    }
    active.fired = fired_.size();
    fired_.push_back({index_, *alerts[point->alert], at, 0, point->value});
  }
  for (auto it = active_.begin(); it != active_.end();) {
    Active& active = it->second;
    bool ends = active.seen != at;
    if (ends && active.fired != kPending) {
      if (active.kept_since < 0) active.kept_since = at;
      ends = at - active.kept_since >= rule_.keep;
      if (ends) fired_[active.fired].end = at;
    }
    it = ends ? active_.erase(it) : std::next(it);
  }
  return Ok{};
}

}  // namespace quell::replay
