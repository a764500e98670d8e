// Topology: who calls whom. A failure reaches callers: from a server to its clients.
//
// Nodes    values of labels that name a part of the system (service, psp, ...). A lane stands for
//          the node that is deepest: calls of a service to a PSP fail with the PSP.
// Edges    client -> server, told by the configuration, or learned from the rates of service-graph
//          signals (labels `client` and `server`). A learned edge counts once it has carried
//          kRequestsMin requests (halved every day) in kSightingsMin steps, as a stray call does
//          not make a dependency; it is forgotten after a week without any.
// Hops     at most hops_max; a node of more than kFanMax servers or clients is a hub (a gateway of
//          everything, a user): nothing is reached across it, as everything would be.
// Bounded  kEdgesMax edges; a new one takes the place of the one that was idle for longest.
// Threads  thread-compatible; not even const calls may overlap (the reach is a cache).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.h"
#include "core/labels.h"
#include "core/time.h"

namespace quell::incidents {

struct TopologyEdge {
  std::string client;
  std::string server;
  auto operator<=>(const TopologyEdge&) const = default;
};

struct TopologyOptions {
  std::vector<std::string> labels;  // that name a node; empty = DefaultNodeLabels()
  std::vector<TopologyEdge> edges;
  bool learn = true;
  size_t hops_max = 2;                     // 1..8
  DurationMs inhibit_ms = 15 * kMinuteMs;  // for how long an alert is; 0 = never

  bool operator==(const TopologyOptions&) const = default;
};

// service, app, psp, provider, ... and `server` of a service graph.
const std::vector<std::string>& DefaultNodeLabels();

class Topology {
 public:
  explicit Topology(const TopologyOptions& options);

  // `requests` went from client to server in a step that ended at `now`. Times do not decrease.
  void Learn(TimeMs now, std::string_view client, std::string_view server, double requests);
  void Forget(TimeMs now);  // drops what was idle for a week

  // No edge counts: nothing can be asked.
  [[nodiscard]] bool empty() const { return servers_.empty(); }
  [[nodiscard]] bool NamesNode(std::string_view label) const;
  // The deepest node that the labels name; "" where none of them is known.
  [[nodiscard]] std::string NodeOf(const Labels& labels) const;
  // How many calls `server` is away from `client` (1: called by it); 0 = it does not depend on it,
  // or is it.
  [[nodiscard]] size_t Hops(const std::string& client, const std::string& server) const;
  [[nodiscard]] size_t edges() const { return told_.size() + learned_.size(); }

  void Save(ByteWriter& out) const;  // what was learned
  bool Load(ByteReader& in);

 private:
  struct Learned {
    double requests = 0;  // as of `at`
    TimeMs at = 0;
    std::uint32_t sightings = 0;
    bool counts = false;
  };
  using Reach = std::map<std::string, size_t>;  // server -> hops

  void Connect();  // servers_ and clients_ anew
  void DropIdlest();
  [[nodiscard]] const Reach& ReachOf(const std::string& client) const;

  TopologyOptions options_;
  std::set<std::string, std::less<>> labels_;
  std::set<TopologyEdge> told_;
  std::map<TopologyEdge, Learned> learned_;

  // Of edges that count.
  std::map<std::string, std::set<std::string>, std::less<>> servers_;  // by client
  std::map<std::string, std::set<std::string>, std::less<>> clients_;  // by server
  mutable std::map<std::string, Reach> reach_;                         // by client
};

}  // namespace quell::incidents
