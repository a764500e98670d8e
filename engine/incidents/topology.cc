#include "engine/incidents/topology.h"

#include <algorithm>
#include <cmath>

namespace quell::incidents {
namespace {

constexpr size_t kEdgesMax = 10000;
constexpr size_t kFanMax = 64;
constexpr size_t kReachesMax = 4096;  // remembered at once
constexpr double kRequestsMin = 30;
constexpr std::uint32_t kSightingsMin = 10;
constexpr DurationMs kHalfLifeMs = kDayMs;
constexpr DurationMs kIdleMaxMs = kWeekMs;

}  // namespace

const std::vector<std::string>& DefaultNodeLabels() {
  static const std::vector<std::string> kLabels = {
      "service",  "service_name", "app",     "app_name", "application", "component",
      "workload", "deployment",   "server",  "psp",      "provider",    "payment_provider",
      "peer",     "peer_service", "gateway", "acquirer", "upstream"};
  return kLabels;
}

Topology::Topology(const TopologyOptions& options)
    : options_(options), told_(options.edges.begin(), options.edges.end()) {
  const auto& labels = options.labels.empty() ? DefaultNodeLabels() : options.labels;
  labels_.insert(labels.begin(), labels.end());
  Connect();
}

void Topology::Connect() {
  servers_.clear();
  clients_.clear();
  reach_.clear();
  const auto add = [this](const TopologyEdge& edge) {
    servers_[edge.client].insert(edge.server);
    clients_[edge.server].insert(edge.client);
  };
  for (const TopologyEdge& edge : told_) add(edge);
  for (const auto& [edge, learned] : learned_) {
    if (learned.counts) add(edge);
  }
}

void Topology::Learn(TimeMs now, std::string_view client, std::string_view server,
                     double requests) {
  if (!options_.learn || !(requests > 0) || client.empty() || server.empty() || client == server) {
    return;
  }
  TopologyEdge edge{std::string(client), std::string(server)};
  if (told_.contains(edge)) return;
  auto at = learned_.find(edge);
  if (at == learned_.end()) {
    if (learned_.size() >= kEdgesMax) DropIdlest();
    at = learned_.emplace(std::move(edge), Learned{0, now, 0, false}).first;
  }
  Learned& learned = at->second;
  const double halves = static_cast<double>(now - learned.at) / static_cast<double>(kHalfLifeMs);
  learned.requests = learned.requests * std::exp2(-std::max(0.0, halves)) + requests;
  learned.at = std::max(learned.at, now);
  learned.sightings = std::min(learned.sightings + 1, kSightingsMin);
  const bool counts = learned.sightings >= kSightingsMin && learned.requests >= kRequestsMin;
  if (learned.counts || !counts) return;
  learned.counts = true;
  Connect();
}

void Topology::DropIdlest() {
  const auto idlest =
      std::min_element(learned_.begin(), learned_.end(),
                       [](const auto& a, const auto& b) { return a.second.at < b.second.at; });
  const bool counted = idlest->second.counts;
  learned_.erase(idlest);
  if (counted) Connect();
}

void Topology::Forget(TimeMs now) {
  bool counted = false;
  std::erase_if(learned_, [&](const auto& entry) {
    const bool idle = now - entry.second.at > kIdleMaxMs;
    counted = counted || (idle && entry.second.counts);
    return idle;
  });
  if (counted) Connect();
}

bool Topology::NamesNode(std::string_view label) const { return labels_.contains(label); }

std::string Topology::NodeOf(const Labels& labels) const {
  std::string deepest;
  for (const Label& label : labels) {
    if (!NamesNode(label.name)) continue;
    if (!servers_.contains(label.value) && !clients_.contains(label.value)) continue;
    if (deepest.empty() || Hops(deepest, label.value) > 0) deepest = label.value;
  }
  return deepest;
}

size_t Topology::Hops(const std::string& client, const std::string& server) const {
  if (client == server) return 0;
  const Reach& reach = ReachOf(client);
  const auto at = reach.find(server);
  return at == reach.end() ? 0 : at->second;
}

const Topology::Reach& Topology::ReachOf(const std::string& client) const {
  if (const auto known = reach_.find(client); known != reach_.end()) return known->second;
  if (reach_.size() >= kReachesMax) reach_.clear();
  Reach& reach = reach_[client];
  std::vector<std::string> front = {client};
  for (size_t hops = 1; hops <= options_.hops_max && !front.empty(); ++hops) {
    std::vector<std::string> next;
    for (const std::string& node : front) {
      const auto called = servers_.find(node);
      if (called == servers_.end()) continue;
      const auto callers = clients_.find(node);
      const bool hub = called->second.size() > kFanMax ||
                       (callers != clients_.end() && callers->second.size() > kFanMax);
      if (hub && hops > 1) continue;
      for (const std::string& server : called->second) {
        if (server != client && reach.emplace(server, hops).second) next.push_back(server);
      }
    }
    front = std::move(next);
  }
  return reach;
}

void Topology::Save(ByteWriter& out) const {
  out.Put(static_cast<std::uint64_t>(learned_.size()));
  for (const auto& [edge, learned] : learned_) {
    out.PutString(edge.client);
    out.PutString(edge.server);
    out.Put(learned.requests);
    out.Put(learned.at);
    out.Put(learned.sightings);
    out.Put(learned.counts);
  }
}

bool Topology::Load(ByteReader& in) {
  learned_.clear();
  const size_t count = in.GetCount(29);
  for (size_t i = 0; i < count && in.ok(); ++i) {
    TopologyEdge edge;
    edge.client = in.GetString();
    edge.server = in.GetString();
    Learned learned;
    learned.requests = in.Get<double>();
    learned.at = in.Get<TimeMs>();
    learned.sightings = in.Get<std::uint32_t>();
    learned.counts = in.Get<std::uint8_t>() != 0;
    if (!std::isfinite(learned.requests) || learned_.size() >= kEdgesMax) return false;
    // What the configuration tells or forbids by now need not be remembered.
    if (options_.learn && !told_.contains(edge)) learned_.emplace(std::move(edge), learned);
  }
  Connect();
  return in.ok();
}

}  // namespace quell::incidents
