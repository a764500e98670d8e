// What fires besides incidents: day and night, in spells of flapping, and once.
#include "replay/streams/stream_draw.h"

namespace quell::streams {
namespace {

struct Lane {
  Labels labels;
  const Rule* rule = nullptr;
};

// Some alert of some component.
Lane AnyLane(StreamDraw& draw) {
  const StreamPlatform& platform = draw.platform();
  Random& random = draw.random();
  const Component& c = platform.components[random.Below(platform.components.size())];
  const auto& rules = platform.rules[static_cast<size_t>(c.kind)];
  // Symptoms that come and go by themselves are seldom the gravest.
  const Rule& rule = rules[rules.size() == 1 ? 0 : 1 + random.Below(rules.size() - 1)];
  const int place = c.places[random.Below(c.places.size())];
  const int part = rule.per_instance ? static_cast<int>(random.Below(c.parts.size())) : -1;
  return {AlertLabels(platform, c, rule, place, part), &rule};
}

void Always(StreamDraw& draw, const Lane& lane, DurationMs on, DurationMs off, TimeMs from,
            TimeMs to) {
  for (TimeMs at = from; at < to;) {
    const DurationMs lasts = on / 2 + draw.Around(on / 2) + lane.rule->for_ms;
    draw.Add({lane.labels, lane.rule, at, at + lasts}, "");
    at += lasts + off / 2 + draw.Around(off / 2);
  }
}

}  // namespace

void DrawBackground(StreamDraw& draw) {
  const TimeMs start = draw.options().start;
  const TimeMs end = start + draw.options().duration_ms;
  Random& random = draw.random();
  const size_t noisy = 1 + random.Below(4);
  for (size_t i = 0; i < noisy; ++i) {
    const auto minutes = static_cast<DurationMs>(5 + random.Below(20));
    Always(draw, AnyLane(draw), minutes * kMinuteMs, 2 * minutes * kMinuteMs, start, end);
  }
  const Lane standing = AnyLane(draw);
  draw.Add({standing.labels, standing.rule, start, end}, "");
  const auto spells = static_cast<int>(
      random.Poisson(static_cast<double>(draw.options().duration_ms) / (10 * kHourMs)));
  for (int i = 0; i < spells; ++i) {
    const TimeMs from =
        start + static_cast<DurationMs>(random.Uniform() * static_cast<double>(end - start));
    Always(draw, AnyLane(draw), kMinuteMs, 2 * kMinuteMs, from,
           from + 20 * kMinuteMs + draw.Around(kHourMs));
  }
  const DurationMs every =
      40 * kMinuteMs + static_cast<DurationMs>(random.Uniform() * 80 * kMinuteMs);
  for (TimeMs at = start + draw.Around(every); at < end; at += draw.Around(every)) {
    const Lane lane = AnyLane(draw);
    draw.Add({lane.labels, lane.rule, at,
              at + lane.rule->for_ms + 2 * kMinuteMs + draw.Around(6 * kMinuteMs)},
             "");
  }
}

}  // namespace quell::streams
