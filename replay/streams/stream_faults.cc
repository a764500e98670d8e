// What breaks, and how it spreads to those who depend on it.
#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "replay/streams/stream_draw.h"

namespace quell::streams {
namespace {

constexpr double kSpreadFade = 0.75;  // of its probability, by hop

struct Hit {
  int component = 0;
  int place = 0;
  TimeMs onset = 0;
  double intensity = 1;
};

class Fault {
 public:
  Fault(StreamDraw& draw, std::string incident, TimeMs onset)
      : draw_(draw), incident_(std::move(incident)), onset_(onset) {
    const double minutes = 18 * std::exp(0.6 * draw.random().Normal());
    over_ = onset + static_cast<DurationMs>(std::clamp(minutes, 8.0, 90.0) * kMinuteMs);
  }

  void Break(int component, int place, TimeMs onset, double intensity) {
    const Component& c = Of(component);
    if (std::find(c.places.begin(), c.places.end(), place) == c.places.end()) return;
    if (!hit_.emplace(component, place).second) return;
    hits_.push_back({component, place, onset, intensity});
  }

  // From what has been hit so far to callers at the same place, hop by hop.
  void Spread() {
    const auto& spread = draw_.platform().spread;
    size_t from = 0;
    double probability = spread.probability;
    for (int hop = 0; hop < spread.hops_max; ++hop) {
      const size_t to = hits_.size();
      for (; from < to; ++from) {
        const Hit hit = hits_[from];
        for (const int caller : Of(hit.component).callers) {
          if (!draw_.Chance(probability)) continue;
          const TimeMs onset = hit.onset + 10 * kSecondMs + draw_.Around(spread.delay_ms);
          if (onset < over_) Break(caller, hit.place, onset, 0.75 * hit.intensity);
        }
      }
      probability *= kSpreadFade;
    }
  }

  void Node(int place, int node) {
    const StreamPlatform& platform = draw_.platform();
    Ask(NodeAlertLabels(platform, platform.node_down, place, node), platform.node_down, onset_);
    for (size_t i = 0; i < platform.components.size(); ++i) {
      const Component& c = platform.components[i];
      if (c.kind == ComponentKind::kPsp) continue;
      for (size_t part = 0; part < c.parts.size(); ++part) {
        if (c.nodes[part] != node) continue;
        for (const Rule& rule : platform.rules[static_cast<size_t>(c.kind)]) {
          const bool there = std::find(c.places.begin(), c.places.end(), place) != c.places.end();
          if (!there || !draw_.Chance(rule.per_instance ? 0.8 : 0.15)) continue;
          Ask(AlertLabels(platform, c, rule, place,
                          rule.per_instance ? static_cast<int>(part) : -1),
              rule, onset_ + draw_.Around(rule.symptom_ms));
        }
      }
    }
  }

  void Tell() {
    for (size_t i = 0; i < hits_.size(); ++i) {
      const Hit& hit = hits_[i];
      const Component& c = Of(hit.component);
      const auto& rules = draw_.platform().rules[static_cast<size_t>(c.kind)];
      for (size_t r = 0; r < rules.size(); ++r) {
        const bool certain = i == 0 && r == 0;  // what breaks is seen
        if (!certain && !draw_.Chance(rules[r].fires * hit.intensity)) continue;
        TellRule(hit, c, rules[r], certain);
      }
    }
  }

  [[nodiscard]] TimeMs onset() const { return onset_; }
  [[nodiscard]] TimeMs over() const { return over_; }

 private:
  [[nodiscard]] const Component& Of(int component) const {
    return draw_.platform().components[static_cast<size_t>(component)];
  }

  void TellRule(const Hit& hit, const Component& c, const Rule& rule, bool certain) {
    const int parts = rule.per_instance ? static_cast<int>(c.parts.size()) : 1;
    const double share = 0.4 + 0.6 * hit.intensity;
    for (int part = 0; part < parts; ++part) {
      if (rule.per_instance && !(certain && part == 0) && !draw_.Chance(share)) continue;
      Ask(AlertLabels(draw_.platform(), c, rule, hit.place, rule.per_instance ? part : -1), rule,
          hit.onset + draw_.Around(rule.symptom_ms));
    }
  }

  void Ask(Labels labels, const Rule& rule, TimeMs onset) {
    const TimeMs over = over_ + draw_.Around(2 * kMinuteMs);
    if (onset < over) draw_.Add({std::move(labels), &rule, onset, over}, incident_);
  }

  StreamDraw& draw_;
  std::string incident_;
  TimeMs onset_;
  TimeMs over_ = 0;
  std::set<std::pair<int, int>> hit_;
  std::vector<Hit> hits_;
};

int AnyOf(StreamDraw& draw, ComponentKind kind) {
  std::vector<int> of_kind;
  const auto& components = draw.platform().components;
  for (size_t i = 0; i < components.size(); ++i) {
    if (components[i].kind == kind) of_kind.push_back(static_cast<int>(i));
  }
  return of_kind[draw.random().Below(of_kind.size())];
}

int AnyPlace(StreamDraw& draw, int component) {
  const auto& places = draw.platform().components[static_cast<size_t>(component)].places;
  return places[draw.random().Below(places.size())];
}

// Everywhere it runs, within `within`.
void BreakEverywhere(Fault& fault, StreamDraw& draw, int component, DurationMs within,
                     double intensity) {
  for (const int place : draw.platform().components[static_cast<size_t>(component)].places) {
    const auto later =
        static_cast<DurationMs>(draw.random().Uniform() * static_cast<double>(within));
    fault.Break(component, place, fault.onset() + later, intensity);
  }
}

void DrawPlaceOutage(Fault& fault, StreamDraw& draw) {
  const auto place = static_cast<int>(draw.random().Below(draw.platform().places.size()));
  if (!draw.TakePlace(place, fault.onset(), fault.over())) return;  // an argument, not an incident
  for (size_t i = 0; i < draw.platform().components.size(); ++i) {
    if (!draw.Chance(0.85)) continue;
    fault.Break(static_cast<int>(i), place, fault.onset() + draw.Around(kMinuteMs), 2);
  }
}

void DrawIncident(StreamDraw& draw, int number, TimeMs onset) {
  const double kind = draw.random().Uniform();
  const auto id = [number](std::string_view what) {
    return std::to_string(number) + " " + std::string(what);
  };
  if (kind < 0.32) {
    const int component = AnyOf(draw, ComponentKind::kService);
    Fault fault(draw, id("service"), onset);
    fault.Break(component, AnyPlace(draw, component), onset, 1);
    fault.Spread();
    fault.Tell();
  } else if (kind < 0.50) {
    const int component = AnyOf(draw, ComponentKind::kDatabase);
    Fault fault(draw, id("database"), onset);
    fault.Break(component, AnyPlace(draw, component), onset, 1);
    fault.Spread();
    fault.Tell();
  } else if (kind < 0.68) {
    Fault fault(draw, id("psp"), onset);
    BreakEverywhere(fault, draw, AnyOf(draw, ComponentKind::kPsp), kMinuteMs, 1);
    fault.Spread();
    fault.Tell();
  } else if (kind < 0.78) {
    Fault fault(draw, id("deploy"), onset);
    BreakEverywhere(fault, draw, AnyOf(draw, ComponentKind::kService), 4 * kMinuteMs, 0.9);
    fault.Spread();
    fault.Tell();
  } else if (kind < 0.86) {
    const int component = AnyOf(draw, ComponentKind::kQueue);
    Fault fault(draw, id("queue"), onset);
    fault.Break(component, AnyPlace(draw, component), onset, 1);
    fault.Spread();
    fault.Tell();
  } else if (kind < 0.97) {
    Fault fault(draw, id("node"), onset);
    const auto place = static_cast<int>(draw.random().Below(draw.platform().places.size()));
    fault.Node(place,
               static_cast<int>(draw.random().Below(static_cast<size_t>(draw.platform().nodes))));
  } else {
    Fault fault(draw, id("place"), onset);
    DrawPlaceOutage(fault, draw);
    fault.Tell();
  }
}

}  // namespace

void DrawIncidents(StreamDraw& draw) {
  constexpr double kCompany = 0.25;  // so many have another one beside them
  const TimeMs end = draw.options().start + draw.options().duration_ms - kHourMs;
  const auto gap =
      static_cast<DurationMs>(draw.platform().gap_hours * static_cast<double>(kHourMs));
  int number = 0;
  for (TimeMs at = draw.options().start + kHourMs + draw.Around(gap); at < end;
       at += draw.Around(gap)) {
    DrawIncident(draw, ++number, at);
    if (draw.Chance(kCompany)) {
      const auto later = static_cast<DurationMs>(draw.random().Uniform() * 8 * kMinuteMs);
      DrawIncident(draw, ++number, at + later);
    }
  }
}

}  // namespace quell::streams
