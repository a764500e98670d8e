#include "engine/config/topology_config.h"

#include <algorithm>

namespace quell::config {

void ReadTopology(YamlMap& map, incidents::TopologyOptions& out) {
  constexpr size_t kToldMax = 5000;
  map.ReadStrings("labels", out.labels);
  map.Read("learn", out.learn);
  std::uint64_t hops = out.hops_max;
  map.ReadSize("hops", hops, 1, 8);
  out.hops_max = hops;
  map.ReadDuration("inhibit", out.inhibit_ms, 0, kHourMs);
  map.ReadList("edges", [&](const YAML::Node& node, const std::string& path) {
    YamlMap entry(map.context(), node, path);
    if (map.context().error) return;
    incidents::TopologyEdge edge;
    entry.Read("client", edge.client).Read("server", edge.server);
    if (edge.client.empty()) entry.Fail("client", "is required");
    if (edge.server.empty()) entry.Fail("server", "is required");
    if (edge.client == edge.server) entry.Fail("server", "is the client itself");
    entry.Finish();
    if (std::find(out.edges.begin(), out.edges.end(), edge) != out.edges.end()) {
      entry.Fail("server", "\"" + edge.server + "\" is told twice of \"" + edge.client + "\"");
    }
    out.edges.push_back(std::move(edge));
    if (out.edges.size() > kToldMax) entry.Fail("server", "is beyond 5000 edges");
  });
}

}  // namespace quell::config
