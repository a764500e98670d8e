#include "replay/simulator/manifest.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace quell::simulator {
namespace {

using Json = nlohmann::ordered_json;

Json LabelsJson(const Labels& labels) {
  Json json = Json::object();
  for (const Label& label : labels) json[label.name] = label.value;
  return json;
}

Json NamesJson(const auto& items) {
  Json names = Json::array();
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

Json EventJson(const Event& event, const Topology& topology, const std::string& id) {
  Json json = {{"id", id},
               {"kind", event.kind},
               {"start", FormatRfc3339(event.start)},
               {"end", FormatRfc3339(event.end)},
               {"where", LabelsJson(topology.ScopeLabels(event.scope))}};
  if (event.incident)
    json["severity"] = event.severity;
  else
    json["announced"] = !event.changes.empty();
  if (!event.note.empty()) json["note"] = event.note;
  return json;
}

}  // namespace

std::string ManifestJson(const Simulator& simulator, const RunCounts& counts) {
  const SimulatorOptions& options = simulator.options();
  const Topology& topology = simulator.topology();
  Json json;
  json["format"] = "quell-simulation/1";
  json["seed"] = options.seed;
  json["start"] = FormatRfc3339(options.start);
  json["end"] = FormatRfc3339(options.start + options.duration_ms);
  json["evaluate_from"] =
      FormatRfc3339(options.start + std::min(options.quiet_start_ms, options.duration_ms));
  json["interval"] = FormatDuration(options.interval_ms);
  json["noise"] = options.noise;
  json["dialect"] = options.dialect;
  if (options.swing != 1) json["swing"] = options.swing;
  if (options.burst > 0) json["burst"] = options.burst;
  if (options.calendar) json["calendar"] = true;
  if (options.scrape_jitter_ms > 0) {
    json["scrape_jitter"] = FormatDuration(options.scrape_jitter_ms);
  }
  json["series"] = counts.series;
  json["samples"] = counts.samples;
  json["services"] = NamesJson(topology.services);
  json["psps"] = NamesJson(topology.psps);
  json["instances_per_service_and_region"] = topology.instances;
  json["regions"] = Json::array();
  for (const Region& region : topology.regions) {
    json["regions"].push_back({{"name", region.name},
                               {"utc_offset_minutes", region.utc_offset_minutes},
                               {"payments_per_second_at_peak", region.peak_per_second},
                               {"psp_share", region.psp_share}});
  }
  json["incidents"] = Json::array();
  json["lookalikes"] = Json::array();
  for (const Event& event : simulator.scenario().events()) {
    Json& list = json[event.incident ? "incidents" : "lookalikes"];
    char id[32];
    std::snprintf(id, sizeof id, "%s-%04zu", event.incident ? "inc" : "look", list.size() + 1);
    list.push_back(EventJson(event, topology, id));
  }
  json["events_not_placed"] = simulator.scenario().not_placed();
  return json.dump(2) + "\n";
}

}  // namespace quell::simulator
