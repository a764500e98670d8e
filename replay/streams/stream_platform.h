// A made-up platform as its alerts see it: label scheme, components and who calls them, rules.
//
// Immutable once made. Private to replay/streams.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/random.h"
#include "detectors/types.h"
#include "replay/streams/alert_stream.h"

namespace quell::streams {

enum class ComponentKind : std::uint8_t { kService, kDatabase, kQueue, kPsp };
inline constexpr size_t kComponentKinds = 4;

// What the alerts of a house carry. "" = they have no such label.
struct LabelScheme {
  std::string service, place, instance, node, psp, method;
  Labels constants;              // on every alert
  bool team = false;             // an owner's label, which several services share
  bool psp_has_service = false;  // alerts on PSPs also name the service that calls them
};

struct Rule {
  std::string name;
  std::string severity;
  DurationMs for_ms = 0;      // how long it waits before it fires
  DurationMs symptom_ms = 0;  // how long after the cause its symptom shows, on average
  double fires = 1;           // how often it fires where its component is hit
  bool per_instance = false;
  detectors::SignalKind kind = detectors::SignalKind::kGauge;
  double sign = 1;
};

struct Component {
  ComponentKind kind = ComponentKind::kService;
  std::string name;
  std::string team;
  std::vector<int> callers;        // components that depend on it
  std::vector<int> places;         // where it runs
  std::vector<int> nodes;          // of its instances, by instance
  std::vector<std::string> parts;  // instances, or methods of a PSP
};

struct Spread {
  double probability = 0.6;  // that a caller is hit
  DurationMs delay_ms = 0;   // a hop's, on average
  int hops_max = 3;
};

struct StreamPlatform {
  std::string name;
  LabelScheme labels;
  std::vector<std::string> places;  // clusters or regions
  int nodes = 0;                    // in each place
  std::vector<Component> components;
  std::array<std::vector<Rule>, kComponentKinds> rules;  // by ComponentKind
  Rule node_down;
  Spread spread;
  DurationMs evaluation_ms = 0;  // rules fire at multiples of it
  double gap_hours = 1;          // between incidents, on average
};

StreamPlatform MakeStreamPlatform(Random& random);

// The labels of an alert. `part` < 0: of the component at the place as a whole.
Labels AlertLabels(const StreamPlatform& platform, const Component& component, const Rule& rule,
                   int place, int part);
Labels NodeAlertLabels(const StreamPlatform& platform, const Rule& rule, int place, int node);
std::vector<Labels> AllLabels(const StreamPlatform& platform);

}  // namespace quell::streams
