#include "replay/streams/stream_platform.h"

#include <algorithm>
#include <set>

namespace quell::streams {
namespace {

using detectors::SignalKind;

constexpr size_t kSchemes = 5;

LabelScheme SchemeOf(size_t house) {
  LabelScheme s;
  switch (house) {
    case 0:  // Kubernetes with Prometheus' operator
      s = {"service", "cluster", "pod", "node", "psp", "method", {{"namespace", "payments"}}};
      s.psp_has_service = true;
      break;
    case 1:  // OpenTelemetry's names
      s = {"service_name",
           "cloud_region",
           "service_instance_id",
           "host_name",
           "peer_service",
           "",
           {{"deployment_environment", "production"}}};
      break;
    case 2:  // payments by lane
      s = {"service", "region", "", "host", "psp", "payment_method", {{"env", "prod"}}};
      break;
    case 3:  // targets
      s = {"job", "dc", "instance", "nodename", "provider", "", {{"monitor", "main"}}};
      s.team = true;
      s.psp_has_service = true;
      break;
    default:  // applications of teams
      s = {"app", "zone", "host", "machine", "gateway", "channel", {}};
      s.team = true;
      break;
  }
  return s;
}

struct RuleNames {
  std::string_view errors, latency, traffic, restarts, saturation;
  std::string_view slow_queries, connections, replication;
  std::string_view backlog, consumer, failures, timeouts, node;
};

RuleNames NamesOf(size_t house) {
  switch (house % 3) {
    case 0:
      return {"HighErrorRate",      "HighRequestLatency",  "TrafficDropped",
              "PodCrashLooping",    "CPUThrottlingHigh",   "SlowQueries",
              "ConnectionPoolFull", "ReplicationLagHigh",  "QueueBacklogGrowing",
              "ConsumerLagHigh",    "PspFailureRatioHigh", "PspTimeouts",
              "KubeNodeNotReady"};
    case 1:
      return {"service_5xx_ratio",   "service_p99_slow",  "service_rps_low",
              "process_restarted",   "cpu_saturation",    "db_query_p99",
              "db_pool_exhausted",   "db_replica_behind", "topic_depth",
              "consumer_offset_lag", "peer_error_ratio",  "peer_deadline_exceeded",
              "host_unreachable"};
    default:
      return {"ErrorBudgetBurn", "LatencySLOBreach", "ThroughputLow",  "InstanceDown",
              "MemoryPressure",  "DatabaseSlow",     "DatabasePool",   "DatabaseReplica",
              "QueueDepth",      "QueueAge",         "ProviderErrors", "ProviderSlow",
              "HostDown"};
  }
}

void MakeRules(StreamPlatform& platform, size_t house, Random& random) {
  const RuleNames n = NamesOf(house);
  const auto wait = [&random] {
    static constexpr std::array<DurationMs, 4> kFor = {0, kMinuteMs, 2 * kMinuteMs, 5 * kMinuteMs};
    return kFor[random.Below(kFor.size())];
  };
  const auto rule = [&](std::string_view name, std::string_view severity, DurationMs symptom,
                        double fires, bool per_instance, SignalKind kind, double sign = 1) {
    return Rule{
        std::string(name), std::string(severity), wait(), symptom, fires, per_instance, kind, sign};
  };
  auto& services = platform.rules[static_cast<size_t>(ComponentKind::kService)];
  services = {rule(n.errors, "critical", 20 * kSecondMs, 0.9, false, SignalKind::kRatio),
              rule(n.latency, "warning", 40 * kSecondMs, 0.7, false, SignalKind::kQuantile),
              rule(n.traffic, "warning", 60 * kSecondMs, 0.3, false, SignalKind::kRate, -1),
              rule(n.restarts, "warning", 90 * kSecondMs, 0.35, true, SignalKind::kGauge),
              rule(n.saturation, "warning", 60 * kSecondMs, 0.35, true, SignalKind::kGauge)};
  auto& databases = platform.rules[static_cast<size_t>(ComponentKind::kDatabase)];
  databases = {rule(n.slow_queries, "critical", 20 * kSecondMs, 0.9, false, SignalKind::kQuantile),
               rule(n.connections, "critical", 60 * kSecondMs, 0.6, true, SignalKind::kGauge),
               rule(n.replication, "warning", 90 * kSecondMs, 0.4, true, SignalKind::kGauge)};
  auto& queues = platform.rules[static_cast<size_t>(ComponentKind::kQueue)];
  queues = {rule(n.backlog, "warning", 60 * kSecondMs, 0.95, false, SignalKind::kGauge),
            rule(n.consumer, "critical", 120 * kSecondMs, 0.6, false, SignalKind::kGauge)};
  auto& psps = platform.rules[static_cast<size_t>(ComponentKind::kPsp)];
  psps = {rule(n.failures, "critical", 20 * kSecondMs, 0.9, true, SignalKind::kRatio),
          rule(n.timeouts, "warning", 40 * kSecondMs, 0.6, true, SignalKind::kQuantile)};
  platform.node_down = rule(n.node, "critical", 30 * kSecondMs, 1, false, SignalKind::kGauge);
}

std::string ServiceName(size_t i) {
  static constexpr std::array<std::string_view, 24> kNames = {
      "edge",     "checkout",  "payments", "cards",     "wallet",  "fraud",     "ledger", "pricing",
      "accounts", "sessions",  "refunds",  "payouts",   "webhook", "catalog",   "cart",   "search",
      "email",    "inventory", "tax",      "reporting", "kyc",     "merchants", "limits", "tokens"};
  const std::string name(kNames[i % kNames.size()]);
  return i < kNames.size() ? name : name + "-" + std::to_string(i / kNames.size() + 1);
}

// Services call what comes after them; databases, queues and PSPs are called.
void MakeComponents(StreamPlatform& platform, size_t services, size_t instances, Random& random) {
  const size_t databases = 1 + services / 6;
  const size_t queues = 1 + services / 10;
  const size_t psps = 3 + random.Below(5);
  const size_t methods = 2 + random.Below(3);
  static constexpr std::array<std::string_view, 8> kPsps = {
      "acmepay", "globex", "initech", "umbrella", "hooli", "stark", "wonka", "tyrell"};
  static constexpr std::array<std::string_view, 4> kMethods = {"card", "wallet", "bank", "voucher"};
  const auto add = [&](ComponentKind kind, std::string name, size_t parts) {
    Component c;
    c.kind = kind;
    c.name = std::move(name);
    c.team = "team-" + std::to_string(random.Below(2 + services / 8));
    for (int place = 0; place < static_cast<int>(platform.places.size()); ++place) {
      if (kind == ComponentKind::kPsp || place == 0 || random.Uniform() < 0.85) {
        c.places.push_back(place);
      }
    }
    for (size_t i = 0; i < parts; ++i) {
      c.parts.push_back(kind == ComponentKind::kPsp ? std::string(kMethods[i])
                                                    : c.name + "-" + std::to_string(i));
      c.nodes.push_back(static_cast<int>(random.Below(static_cast<size_t>(platform.nodes))));
    }
    platform.components.push_back(std::move(c));
  };
  for (size_t i = 0; i < services; ++i) add(ComponentKind::kService, ServiceName(i), instances);
  for (size_t i = 0; i < databases; ++i) {
    add(ComponentKind::kDatabase, ServiceName(i * 3 + 1) + "-db", 2);
  }
  for (size_t i = 0; i < queues; ++i) {
    add(ComponentKind::kQueue, ServiceName(i * 5 + 2) + "-queue", 1);
  }
  for (size_t i = 0; i < psps; ++i) add(ComponentKind::kPsp, std::string(kPsps[i]), methods);

  // Every service but the first few is called by one to three that stand before it.
  for (size_t i = 1; i < platform.components.size(); ++i) {
    Component& called = platform.components[i];
    const size_t before = std::min(i, services);
    const size_t callers = called.kind == ComponentKind::kDatabase ? 1 + random.Below(4)
                           : called.kind == ComponentKind::kPsp    ? 1
                                                                   : 1 + random.Below(3);
    std::set<int> chosen;
    for (size_t k = 0; k < callers; ++k) {
      const bool psp = called.kind == ComponentKind::kPsp;
      chosen.insert(psp ? std::min<int>(2, static_cast<int>(services) - 1)
                        : static_cast<int>(random.Below(before)));
    }
    called.callers.assign(chosen.begin(), chosen.end());
  }
}

}  // namespace

StreamPlatform MakeStreamPlatform(Random& random) {
  StreamPlatform platform;
  const size_t house = random.Below(kSchemes);
  platform.labels = SchemeOf(house);
  const size_t size = random.Below(3);
  static constexpr std::array<std::string_view, 3> kSizes = {"small", "middle", "large"};
  static constexpr std::array<std::string_view, kSchemes> kHouses = {"kubernetes", "otel", "lanes",
                                                                     "targets", "teams"};
  platform.name = std::string(kHouses[house]) + ", " + std::string(kSizes[size]);
  const size_t places = 2 + random.Below(3);
  for (size_t i = 0; i < places; ++i) {
    static constexpr std::array<std::string_view, 4> kPlaces = {"eu-1", "us-1", "ap-1", "eu-2"};
    platform.places.emplace_back(kPlaces[i]);
  }
  platform.nodes = static_cast<int>(4 + 6 * size);
  MakeRules(platform, random.Below(3), random);
  MakeComponents(platform, std::array<size_t, 3>{8, 20, 45}[size] + random.Below(8),
                 std::array<size_t, 3>{2, 5, 16}[size], random);
  platform.spread.probability = 0.35 + 0.4 * random.Uniform();
  platform.spread.delay_ms =
      30 * kSecondMs + static_cast<DurationMs>(random.Uniform() * 120 * kSecondMs);
  platform.spread.hops_max = 2 + static_cast<int>(random.Below(2));
  platform.evaluation_ms = random.Below(2) == 0 ? 15 * kSecondMs : kMinuteMs;
  platform.gap_hours = 1 + 2 * random.Uniform();
  return platform;
}

Labels AlertLabels(const StreamPlatform& platform, const Component& component, const Rule& rule,
                   int place, int part) {
  const LabelScheme& scheme = platform.labels;
  Labels out = scheme.constants;
  out.Set("alertname", rule.name);
  out.Set("severity", rule.severity);
  out.Set(scheme.place, platform.places[static_cast<size_t>(place)]);
  if (component.kind == ComponentKind::kPsp) {
    out.Set(scheme.psp, component.name);
    if (scheme.psp_has_service) {
      const int caller = component.callers.front();
      out.Set(scheme.service, platform.components[static_cast<size_t>(caller)].name);
    }
    if (part >= 0 && !scheme.method.empty()) {
      out.Set(scheme.method, component.parts[static_cast<size_t>(part)]);
    }
  } else {
    out.Set(scheme.service, component.name);
    if (part >= 0 && !scheme.instance.empty()) {
      out.Set(scheme.instance, component.parts[static_cast<size_t>(part)] + "-" +
                                   platform.places[static_cast<size_t>(place)]);
      out.Set(scheme.node, "node-" + platform.places[static_cast<size_t>(place)] + "-" +
                               std::to_string(component.nodes[static_cast<size_t>(part)]));
    }
  }
  if (scheme.team) out.Set("team", component.team);
  return out;
}

Labels NodeAlertLabels(const StreamPlatform& platform, const Rule& rule, int place, int node) {
  Labels out = platform.labels.constants;
  out.Set("alertname", rule.name);
  out.Set("severity", rule.severity);
  const std::string& name = platform.places[static_cast<size_t>(place)];
  out.Set(platform.labels.place, name);
  out.Set(platform.labels.node, "node-" + name + "-" + std::to_string(node));
  if (platform.labels.team) out.Set("team", "infrastructure");
  return out;
}

std::vector<Labels> AllLabels(const StreamPlatform& platform) {
  std::set<Labels> all;
  for (const Component& component : platform.components) {
    for (const Rule& rule : platform.rules[static_cast<size_t>(component.kind)]) {
      for (const int place : component.places) {
        const int parts = rule.per_instance ? static_cast<int>(component.parts.size()) : 1;
        for (int part = 0; part < parts; ++part) {
          all.insert(AlertLabels(platform, component, rule, place, rule.per_instance ? part : -1));
        }
      }
    }
  }
  for (int place = 0; place < static_cast<int>(platform.places.size()); ++place) {
    for (int node = 0; node < platform.nodes; ++node) {
      all.insert(NodeAlertLabels(platform, platform.node_down, place, node));
    }
  }
  return {all.begin(), all.end()};
}

}  // namespace quell::streams
