// What the topology says about two groups of alerts having one cause.
//
// The troubles of a group begin at its roots: nodes that depend on no other of its nodes. Two
// groups may be one where the roots of both together are those of one of them: the other lies
// wholly downstream. Two PSPs that fail at once stay two incidents although one gateway calls both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/incidents/topology.h"

namespace quell::incidents {

// A node with alerts, since when.
struct TimedNode {
  std::string name;
  TimeMs onset = 0;
};

// What depends on what; `hops` 1 = calls it.
struct CallEvidence {
  std::string client;
  std::string server;
  size_t hops = 0;
  bool client_first = false;  // although failures reach clients from servers
};

// Adds a node, by name, each once with its earliest onset; at most 32, the first by name.
void AddNode(std::vector<TimedNode>& nodes, const TimedNode& node);

// Nothing where the groups are not connected so. The closest call; ties go to the first by name.
std::optional<CallEvidence> CallBetween(const std::vector<TimedNode>& a,
                                        const std::vector<TimedNode>& b, const Topology& topology,
                                        DurationMs client_first_ms);

// Whether each group has a root that the other's nodes do not explain, and a node of either depends
// on both: a gateway that fails with one of its providers says nothing of the other one.
bool RootsApart(const std::vector<TimedNode>& a, const std::vector<TimedNode>& b,
                const Topology& topology);

// "checkout calls acme", "checkout depends on acme (2 hops)".
std::string CallWords(const CallEvidence& call);

}  // namespace quell::incidents
