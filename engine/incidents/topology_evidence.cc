#include "engine/incidents/topology_evidence.h"

#include <algorithm>

namespace quell::incidents {
namespace {

constexpr size_t kNodesMax = 32;

// Whether every node is one of `roots` or depends on one.
bool AllBelow(const std::vector<TimedNode>& nodes, const std::vector<TimedNode>& roots,
              const Topology& topology) {
  return std::all_of(nodes.begin(), nodes.end(), [&](const TimedNode& node) {
    return std::any_of(roots.begin(), roots.end(), [&](const TimedNode& root) {
      return node.name == root.name || topology.Hops(node.name, root.name) > 0;
    });
  });
}

// The closest call from one of the clients to one of the servers.
void Closest(const std::vector<TimedNode>& clients, const std::vector<TimedNode>& servers,
             const Topology& topology, DurationMs client_first_ms,
             std::optional<CallEvidence>& best) {
  for (const TimedNode& client : clients) {
    for (const TimedNode& server : servers) {
      const size_t hops = topology.Hops(client.name, server.name);
      if (hops == 0 || (best.has_value() && best->hops <= hops)) continue;
      best = CallEvidence{client.name, server.name, hops,
                          server.onset - client.onset > client_first_ms};
    }
  }
}

}  // namespace

void AddNode(std::vector<TimedNode>& nodes, const TimedNode& node) {
  const auto at = std::lower_bound(
      nodes.begin(), nodes.end(), node,
      [](const TimedNode& one, const TimedNode& other) { return one.name < other.name; });
  if (at != nodes.end() && at->name == node.name) {
    at->onset = std::min(at->onset, node.onset);
    return;
  }
  nodes.insert(at, node);
  if (nodes.size() > kNodesMax) nodes.pop_back();
}

std::optional<CallEvidence> CallBetween(const std::vector<TimedNode>& a,
                                        const std::vector<TimedNode>& b, const Topology& topology,
                                        DurationMs client_first_ms) {
  std::optional<CallEvidence> best;
  if (a.empty() || b.empty()) return best;
  if (AllBelow(b, a, topology)) Closest(b, a, topology, client_first_ms, best);
  if (AllBelow(a, b, topology)) Closest(a, b, topology, client_first_ms, best);
  return best;
}

bool RootsApart(const std::vector<TimedNode>& a, const std::vector<TimedNode>& b,
                const Topology& topology) {
  const auto below = [&](const TimedNode& node, const TimedNode& root) {
    return topology.Hops(node.name, root.name) > 0;
  };
  for (const TimedNode& of_a : a) {
    for (const TimedNode& of_b : b) {
      if (of_a.name == of_b.name || below(of_a, of_b) || below(of_b, of_a)) continue;
      const auto on_both = [&](const TimedNode& node) {
        return below(node, of_a) && below(node, of_b);
      };
      if (std::any_of(a.begin(), a.end(), on_both) || std::any_of(b.begin(), b.end(), on_both)) {
        return true;
      }
    }
  }
  return false;
}

std::string CallWords(const CallEvidence& call) {
  if (call.hops == 1) return call.client + " calls " + call.server;
  return call.client + " depends on " + call.server + " (" + std::to_string(call.hops) + " hops)";
}

}  // namespace quell::incidents
