#include "engine/signals/discovery.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/signals/label_words.h"

namespace quell::signals {
namespace {

using detectors::Direction;
using detectors::SignalKind;
using Word = std::string_view;

constexpr std::array<Word, 22> kNoisePrefixes = {"go_",
                                                 "process_",
                                                 "scrape_",
                                                 "prometheus_",
                                                 "promhttp_",
                                                 "python_",
                                                 "jvm_",
                                                 "nodejs_",
                                                 "alertmanager_",
                                                 "grafana_",
                                                 "kube_",
                                                 "machine_",
                                                 "container_spec_",
                                                 "net_conntrack_",
                                                 "quell_",
                                                 "target_",
                                                 "otelcol_",
                                                 "vm_",
                                                 "node_scrape_",
                                                 "node_timex_",
                                                 "tls_",
                                                 "rpc_server_requests_per_rpc"};

bool StartsWith(Word text, Word prefix) { return text.substr(0, prefix.size()) == prefix; }
bool EndsWith(Word text, Word suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}
bool Contains(Word text, Word part) { return text.find(part) != Word::npos; }

bool IsNoise(Word metric) {
  if (metric == "up" || metric == "ALERTS" || metric == "ALERTS_FOR_STATE") return true;
  if (EndsWith(metric, "_info") || EndsWith(metric, "_created") ||
      EndsWith(metric, "_timestamp_seconds") || EndsWith(metric, "_time_seconds") ||
      EndsWith(metric, "_timestamp") || EndsWith(metric, "_start_time")) {
    return true;
  }
  return std::any_of(kNoisePrefixes.begin(), kNoisePrefixes.end(),
                     [&](Word prefix) { return StartsWith(metric, prefix); });
}

// What tracing says of calls between services: client and server are its group, whatever `server`
// means elsewhere.
constexpr Word kServiceGraph = "traces_service_graph_request_";

bool IsServiceGraph(const Labels& series) {
  return StartsWith(series.MetricName(), kServiceGraph) && series.Has("client") &&
         series.Has("server");
}

// The labels that mean something: everything but copies, details and the outcome.
Labels GroupOf(const Labels& series, Word outcome_label) {
  const bool graph = IsServiceGraph(series);
  std::vector<Label> group;
  bool meaningful = false;
  for (const Label& label : series) {
    const bool copy = IsInstanceLabel(label.name) && !(graph && label.name == "server");
    if (label.name == kMetricName || label.name == outcome_label || copy ||
        IsDetailLabel(label.name)) {
      continue;
    }
    meaningful = meaningful || label.name != "job";
    group.push_back(label);
  }
  // "job" repeats what "service" says; it is the name of last resort.
  if (meaningful) std::erase_if(group, [](const Label& label) { return label.name == "job"; });
  return Labels(std::move(group));
}

// The outcome label of a counter: the first whose value has a known meaning, else the first that
// is named like one. "state" alone says too little.
Word FindOutcomeLabel(const Labels& series, Outcome& outcome) {
  Word named;
  for (const Label& label : series) {
    if (!IsOutcomeLabel(label.name)) continue;
    outcome = ClassifyOutcome(label.value);
    if (outcome != Outcome::kUnknown) return label.name;
    if (named.empty() && label.name != "state") named = label.name;
  }
  return named;
}

DiscoveredSignal Make(SignalKind kind, std::string name, std::uint8_t role, Labels group) {
  DiscoveredSignal out;
  out.def.kind = kind;
  out.def.name = std::move(name);
  ApplyKindDefaults(out.def);
  out.role = role;
  out.group = std::move(group);
  return out;
}

// Errors and bytes alone say nothing: there is no total to hold them against.
bool NeedsTotal(Word metric) {
  return Contains(metric, "error") || Contains(metric, "fail") || Contains(metric, "timeout") ||
         Contains(metric, "exception") || Contains(metric, "bytes");
}

// Requests and failed requests of a service graph are counters of their own.
std::vector<DiscoveredSignal> DiscoverCalls(const Labels& series, bool failed) {
  const std::string metric(kServiceGraph.substr(0, kServiceGraph.size() - 1));
  std::vector<DiscoveredSignal> out;
  out.push_back(Make(SignalKind::kRatio, metric + ":failure_ratio", failed ? kRoleBad : kRoleTotal,
                     GroupOf(series, {})));
  if (!failed) {
    out.push_back(Make(SignalKind::kRate, metric + ":volume", kRoleVolume, GroupOf(series, {})));
  }
  return out;
}

bool IsCallCounter(const Labels& series) {
  const Word metric = series.MetricName();
  return IsServiceGraph(series) && (metric == "traces_service_graph_request_total" ||
                                    metric == "traces_service_graph_request_failed_total");
}

std::vector<DiscoveredSignal> DiscoverCounter(const Labels& series, const std::string& metric) {
  if (IsCallCounter(series)) return DiscoverCalls(series, Contains(metric, "failed"));
  std::vector<DiscoveredSignal> out;
  Outcome outcome = Outcome::kUnknown;
  const Word label = FindOutcomeLabel(series, outcome);
  if (label.empty() && NeedsTotal(metric)) return out;
  Labels group = GroupOf(series, label);
  if (!label.empty()) {
    const std::uint8_t bad = outcome == Outcome::kFailure ? kRoleBad : 0;
    out.push_back(Make(SignalKind::kRatio, metric + ":failure_ratio",
                       static_cast<std::uint8_t>(kRoleTotal | bad), group));
  }
  out.push_back(Make(SignalKind::kRate, metric + ":volume", kRoleVolume, std::move(group)));
  return out;
}

bool IsLatencyBucket(Word metric) {
  return Contains(metric, "second") || Contains(metric, "duration") ||
         Contains(metric, "latency") || Contains(metric, "_ms_") ||
         Contains(metric, "milliseconds");
}

// Direction, unit and minimum deviation of a gauge from its name.
bool DescribeGauge(const std::string& metric, SignalDef& def) {
  const auto any = [&](std::initializer_list<Word> words) {
    return std::any_of(words.begin(), words.end(), [&](Word w) { return Contains(metric, w); });
  };
  if (EndsWith(metric, "_seconds")) def.unit = "seconds";
  if (EndsWith(metric, "_bytes")) def.unit = "bytes";
  if (EndsWith(metric, "_ratio")) def.unit = "ratio";
  if (EndsWith(metric, "_percent")) def.unit = "percent";
  if (any({"limit", "max", "capacity", "config", "version", "build", "quota", "uptime"})) {
    return false;
  }
  if (any({"success", "availability", "available_ratio", "approval"})) {
    def.policy = {Direction::kDown, def.unit == "percent" ? 2.0 : 0.0, 0.02};
  } else if (any({"error", "fail", "crash", "timeout", "unavail"})) {
    def.policy = {Direction::kUp, 0, 0.5};
  } else if (any({"latency",  "duration",  "lag",     "delay",      "age",  "queue",
                  "depth",    "backlog",   "pending", "saturation", "wait", "in_use",
                  "usage",    "used",      "utili",   "load",       "cpu",  "memory",
                  "inflight", "in_flight", "retries"})) {
    def.policy = {Direction::kUp, 0, 0.5};
  }
  def.what = metric;
  std::replace(def.what.begin(), def.what.end(), '_', ' ');
  return true;
}

DiscoveredSignal MakeLatency(const std::string& metric, const Labels& series) {
  Outcome outcome = Outcome::kUnknown;
  const Word label = FindOutcomeLabel(series, outcome);
  DiscoveredSignal latency =
      Make(SignalKind::kQuantile, metric + ":latency", kRoleBucket, GroupOf(series, label));
  latency.def.what = "p95 latency";
  return latency;
}

// The signals of the classic histogram that it stands for, under the same names.
std::vector<DiscoveredSignal> DiscoverNative(const Labels& series, const std::string& metric) {
  std::vector<DiscoveredSignal> out;
  if (metric.empty() || IsNoise(metric + "_bucket")) return out;
  Outcome outcome = Outcome::kUnknown;
  if (!FindOutcomeLabel(series, outcome).empty()) out = DiscoverCounter(series, metric + "_count");
  if (IsLatencyBucket(metric + "_bucket")) out.push_back(MakeLatency(metric, series));
  return out;
}

}  // namespace

std::vector<DiscoveredSignal> Discover(const Labels& series, ingest::SeriesType type) {
  const std::string metric(series.MetricName());
  if (type == ingest::SeriesType::kHistogram) return DiscoverNative(series, metric);
  if (metric.empty() || IsNoise(metric)) return {};
  if (EndsWith(metric, "_bucket") && series.Has("le")) {
    if (!IsLatencyBucket(metric)) return {};
    return {MakeLatency(metric.substr(0, metric.size() - 7), series)};
  }
  if (EndsWith(metric, "_total")) return DiscoverCounter(series, metric);
  if (EndsWith(metric, "_count")) {
    // A histogram's count says how many; only with an outcome does it say more than its buckets.
    Outcome outcome = Outcome::kUnknown;
    if (FindOutcomeLabel(series, outcome).empty()) return {};
    return DiscoverCounter(series, metric);
  }
  if (EndsWith(metric, "_sum") || series.Has("quantile") || series.Has("le")) return {};
  DiscoveredSignal gauge = Make(SignalKind::kGauge, metric, kRoleGauge, {});
  gauge.def.by_all = true;
  if (!DescribeGauge(metric, gauge.def)) return {};
  const std::vector<std::string> name_only = {std::string(kMetricName)};
  gauge.group = series.Without(name_only);
  return {std::move(gauge)};
}

bool Discovers(const Labels& series, ingest::SeriesType type) {
  const Word metric = series.MetricName();
  if (type == ingest::SeriesType::kFloat) {
    if (metric.empty() || IsNoise(metric)) return false;
    if (EndsWith(metric, "_bucket") && series.Has("le")) return IsLatencyBucket(metric);
    Outcome outcome = Outcome::kUnknown;
    if (EndsWith(metric, "_total")) {
      if (IsCallCounter(series)) return true;
      return !NeedsTotal(metric) || !FindOutcomeLabel(series, outcome).empty();
    }
    if (EndsWith(metric, "_count")) return !FindOutcomeLabel(series, outcome).empty();
  }
  return !Discover(series, type).empty();
}

}  // namespace quell::signals
