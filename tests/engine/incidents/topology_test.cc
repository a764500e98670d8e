#include "engine/incidents/topology.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/incidents/topology_evidence.h"

namespace quell::incidents {
namespace {

constexpr TimeMs kStart = 1787529600000;
constexpr DurationMs kStep = 30 * kSecondMs;
constexpr DurationMs kClientFirst = kMinuteMs;

TopologyOptions Chain() {
  TopologyOptions options;
  options.edges = {{"checkout", "gateway"}, {"gateway", "acme"}, {"gateway", "globex"}};
  return options;
}

// Calls of so many requests in so many steps; returns the time of the last.
TimeMs Call(Topology& topology, TimeMs from, int steps, double requests,
            const std::string& client = "shop", const std::string& server = "bank") {
  for (int i = 0; i < steps; ++i) topology.Learn(from + i * kStep, client, server, requests);
  return from + (steps - 1) * kStep;
}

std::string Saved(const Topology& topology) {
  ByteWriter out;
  topology.Save(out);
  return out.Take();
}

}  // namespace

TEST_CASE("Topology: hops lead from clients to servers, not back, and not too far", "[incidents]") {
  TopologyOptions options = Chain();
  options.edges.push_back({"web", "checkout"});
  const Topology topology(options);
  CHECK(topology.Hops("checkout", "gateway") == 1);
  CHECK(topology.Hops("checkout", "acme") == 2);
  CHECK(topology.Hops("web", "acme") == 0);  // three
  CHECK(topology.Hops("acme", "checkout") == 0);
  CHECK(topology.Hops("acme", "acme") == 0);
  CHECK(topology.Hops("acme", "globex") == 0);
  options.hops_max = 3;
  CHECK(Topology(options).Hops("web", "acme") == 3);
}

TEST_CASE("Topology: a lane stands for the deepest node that its labels name", "[incidents]") {
  const Topology topology(Chain());
  CHECK(topology.NodeOf(Labels{{"psp", "acme"}, {"service", "gateway"}}) == "acme");
  CHECK(topology.NodeOf(Labels{{"region", "eu"}, {"service", "gateway"}}) == "gateway");
  CHECK(topology.NodeOf(Labels{{"service", "ledger"}}).empty());
  CHECK(topology.NodeOf(Labels{{"region", "gateway"}}).empty());  // names no node
}

TEST_CASE("Topology: an edge is learned from requests over a while, and forgotten when idle",
          "[incidents]") {
  Topology topology{TopologyOptions{}};
  Call(topology, kStart, 9, 100);
  CHECK(topology.empty());  // too short
  const TimeMs last = Call(topology, kStart + 9 * kStep, 1, 100);
  CHECK(topology.Hops("shop", "bank") == 1);
  topology.Forget(last + kWeekMs);
  CHECK(topology.Hops("shop", "bank") == 1);
  topology.Forget(last + kWeekMs + 1);
  CHECK(topology.empty());
  CHECK(topology.edges() == 0);
}

TEST_CASE("Topology: a stray call a day never makes an edge", "[incidents]") {
  Topology topology{TopologyOptions{}};
  for (int day = 0; day < 60; ++day) Call(topology, kStart + day * kDayMs, 1, 5);
  CHECK(topology.empty());
  Call(topology, kStart + 60 * kDayMs, 1, 0);
  Call(topology, kStart + 60 * kDayMs, 20, 100, "bank", "bank");
  Call(topology, kStart + 60 * kDayMs, 20, 100, "", "bank");
  CHECK(topology.empty());
}

TEST_CASE("Topology: learning can be switched off", "[incidents]") {
  TopologyOptions options;
  options.learn = false;
  Topology topology(options);
  Call(topology, kStart, 50, 100);
  CHECK(topology.edges() == 0);
}

TEST_CASE("Topology: what is learned is bounded; the idlest makes room", "[incidents]") {
  Topology topology{TopologyOptions{}};
  Call(topology, kStart, 20, 100, "old", "bank");
  for (int i = 0; i < 10000; ++i) {
    Call(topology, kStart + kHourMs + i, 1, 1, "shop" + std::to_string(i), "bank");
  }
  CHECK(topology.edges() == 10000);
  CHECK(topology.empty());
}

TEST_CASE("Topology: nothing is reached across a hub", "[incidents]") {
  TopologyOptions options;
  options.edges = {{"shop", "auth"}, {"auth", "store"}};
  CHECK(Topology(options).Hops("shop", "store") == 2);
  for (int i = 0; i < 64; ++i) options.edges.push_back({"client" + std::to_string(i), "auth"});
  const Topology topology(options);
  CHECK(topology.Hops("shop", "auth") == 1);
  CHECK(topology.Hops("shop", "store") == 0);
}

TEST_CASE("Topology: what was learned survives a snapshot, byte for byte", "[incidents]") {
  Topology topology{TopologyOptions{}};
  Call(topology, kStart, 12, 7.5);
  Call(topology, kStart + kHourMs, 5, 100, "gate", "acme");
  const std::string bytes = Saved(topology);
  Topology restored{TopologyOptions{}};
  ByteReader in(bytes);
  REQUIRE(restored.Load(in));
  CHECK(in.AtEnd());
  CHECK(Saved(restored) == bytes);
  CHECK(restored.Hops("shop", "bank") == 1);
  CHECK(restored.Hops("gate", "acme") == 0);
  for (Topology* one : {&topology, &restored})
    Call(*one, kStart + 2 * kHourMs, 5, 1, "gate", "acme");
  CHECK(restored.Hops("gate", "acme") == 1);
  CHECK(Saved(restored) == Saved(topology));
  ByteReader cut(std::string_view(bytes).substr(0, bytes.size() / 2));
  CHECK_FALSE(Topology{TopologyOptions{}}.Load(cut));
}

TEST_CASE("Topology: troubles wholly downstream of others may have their cause", "[incidents]") {
  const Topology topology(Chain());
  const auto between = [&](const std::vector<TimedNode>& a, const std::vector<TimedNode>& b) {
    return CallBetween(a, b, topology, kClientFirst);
  };
  const auto call = between({{"acme", kStart}}, {{"checkout", kStart + kMinuteMs}});
  REQUIRE(call.has_value());
  CHECK(CallWords(*call) == "checkout depends on acme (2 hops)");
  CHECK_FALSE(call->client_first);
  const auto turned = between({{"gateway", kStart}}, {{"acme", kStart + 2 * kMinuteMs}});
  REQUIRE(turned.has_value());
  CHECK(CallWords(*turned) == "gateway calls acme");
  CHECK(turned->client_first);
  // The gateway belongs to acme's troubles already: globex fails by itself.
  CHECK_FALSE(between({{"acme", kStart}, {"gateway", kStart}}, {{"globex", kStart}}).has_value());
  CHECK_FALSE(between({{"acme", kStart}}, {{"globex", kStart}}).has_value());
  CHECK_FALSE(between({}, {{"globex", kStart}}).has_value());
  CHECK(RootsApart({{"acme", kStart}, {"gateway", kStart}}, {{"globex", kStart}}, topology));
  CHECK_FALSE(RootsApart({{"acme", kStart}}, {{"globex", kStart}}, topology));
  CHECK_FALSE(RootsApart({{"acme", kStart}}, {{"gateway", kStart}}, topology));
}

}  // namespace quell::incidents
