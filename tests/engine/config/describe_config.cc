#include "tests/engine/config/describe_config.h"

#include <sstream>

namespace quell::config {
namespace {

void DescribeRules(const signals::AlertRules& rules, std::ostream& out) {
  out << " floor " << rules.floor << " ceiling " << rules.ceiling << " hours "
      << static_cast<int>(rules.hours.days) << ' ' << rules.hours.from_minute << ' '
      << rules.hours.to_minute << ' ' << static_cast<int>(rules.hours.outside) << " few "
      << rules.few_requests_per_minute << ' ' << rules.few_requests_lasting_ms << " partial "
      << rules.partial_lasting_ms << " abrupt " << rules.abrupt_within_ms << " rise "
      << rules.latency_rise << " flat " << rules.flatline_ms << '\n';
}

void DescribeSignal(const signals::SignalDef& def, std::ostream& out) {
  out << "signal " << def.name << " kind " << static_cast<int>(def.kind);
  for (const auto* selector : {&def.bad, &def.total, &def.selector}) {
    out << " [" << (selector->has_value() ? (*selector)->ToString() : "") << ']';
  }
  for (const std::string& label : def.by) out << " by " << label;
  out << " direction " << static_cast<int>(def.policy.direction) << " abs "
      << def.policy.min_abs_deviation << " rel " << def.policy.min_rel_deviation << " missing "
      << static_cast<int>(def.missing) << " aggregate " << static_cast<int>(def.aggregate)
      << " limit " << def.static_limit << " quantile " << def.quantile << " bound " << def.bound
      << " unit " << def.unit << " what " << def.what;
  if (def.limit.has_value()) {
    out << " capacity " << *def.limit << (def.limit_below ? " below" : " above");
  }
  DescribeRules(def.rules, out);
}

void DescribePolicy(const signals::PolicyRule& rule, std::ostream& out) {
  out << "policy " << rule.match.ToString() << " kind "
      << (rule.kind ? static_cast<int>(*rule.kind) : -1);
  // What it makes of a signal that has no policy.
  signals::SignalPolicy policy;
  rule.change.ApplyTo(policy);
  out << " direction " << static_cast<int>(policy.deviation.direction) << " abs "
      << policy.deviation.min_abs_deviation << " rel " << policy.deviation.min_rel_deviation
      << " missing " << static_cast<int>(policy.missing) << " limit " << policy.static_limit;
  DescribeRules(policy.rules, out);
}

void DescribeIncidents(const Config& config, std::ostream& out) {
  const pipeline::PipelineOptions& options = config.pipeline;
  out << "incidents " << options.incidents.join_window_ms << ' ' << options.incidents.age_max_ms
      << ' ' << options.incidents.hold_ms << ' ' << options.incidents.resolve_after_ms << ' '
      << config.dedup_model << '\n';
  const incidents::TopologyOptions& topology = options.incidents.topology;
  out << "topology " << topology.learn << ' ' << topology.hops_max << ' ' << topology.inhibit_ms;
  for (const std::string& label : topology.labels) out << ' ' << label;
  for (const auto& edge : topology.edges) out << ' ' << edge.client << "->" << edge.server;
  out << '\n';
  out << "suppression " << options.incidents.suppression.critical_bound_ms << ' '
      << options.incidents.suppression.time_max_ms << ' ' << options.incidents.suppression.count_max
      << ' ' << options.incidents.suppression.outage_pages_after_ms << ' '
      << options.incidents.known_noise.min_count << ' '
      << options.incidents.known_noise.half_life_ms << '\n';
}

void DescribeDigest(const Config& config, std::ostream& out) {
  out << "changes " << config.changes_file << '\n';
  const pipeline::DigestOptions& digest = config.pipeline.digest;
  out << "digest " << digest.enabled << ' ' << digest.time_of_day_ms << ' ' << digest.zone.name()
      << ' ' << digest.owner_label;
  for (const std::string& name : config.digest.receivers) out << ' ' << name;
  out << '\n';
}

void DescribeReceivers(const Config& config, std::ostream& out) {
  for (const std::string& secret : config.webhook_secrets)
    out << "webhook_secret " << secret << '\n';
  for (const ReceiverConfig& receiver : config.receivers) {
    out << "receiver " << receiver.name << ' ' << static_cast<int>(receiver.kind) << ' '
        << receiver.path << ' ' << receiver.url << ' ' << receiver.ca_file << ' '
        << receiver.routing_key << ' ' << receiver.per_minute << ' ' << receiver.change_events
        << '\n';
  }
  for (const paging::Route& route : config.routes) {
    out << "route " << route.match.ToString() << ' ' << static_cast<int>(route.severity) << ' '
        << route.hours.has_value() << ' ' << route.zone.name() << ' ' << route.go_on;
    for (const std::string& name : route.receivers) out << ' ' << name;
    out << '\n';
  }
}

}  // namespace

std::string Describe(const Config& config) {
  std::ostringstream out;
  out << "listen " << config.listen_host << ' ' << config.listen_port << '\n'
      << "data_dir " << config.data_dir << '\n'
      << "external_url " << config.external_url << '\n'
      << "log " << static_cast<int>(config.log_level) << ' ' << static_cast<int>(config.log_format)
      << '\n';
  const ingest::RemoteWriteLimits& limits = config.limits;
  out << "limits " << limits.wire_bytes_max << ' ' << limits.decoded_bytes_max << ' '
      << limits.series_max << ' ' << limits.samples_max << ' ' << limits.symbols_max << ' '
      << limits.labels_per_series_max << ' ' << limits.label_name_bytes_max << ' '
      << limits.label_value_bytes_max << ' ' << limits.future_max_ms << ' '
      << config.front.connections_max << ' ' << config.series_limits.series_max << ' '
      << config.series_limits.series_per_metric_max << ' ' << config.series_limits.idle_ms << ' '
      << config.decoding_bytes_max << '\n';
  const http::FrontOptions& front = config.front;
  out << "front " << front.head.head_bytes_max << ' ' << front.head.headers_max << ' '
      << front.inflight_requests_max << ' ' << front.inflight_bytes_max << ' '
      << front.head_timeout_ms << ' ' << front.body_timeout_ms << ' ' << front.idle_timeout_ms
      << ' ' << front.write_timeout_ms << " tls " << front.tls.cert_file << ' '
      << front.tls.key_file << ' ' << front.tls.client_ca_file << '\n';
  out << "journal " << config.journal.folder << ' ' << static_cast<int>(config.journal.fsync) << ' '
      << config.journal.fsync_interval_ms << ' ' << config.journal.segment_bytes_max << ' '
      << config.journal.total_bytes_max << ' ' << config.journal.age_max_ms << '\n';
  out << "redaction " << static_cast<int>(config.redaction.card_numbers) << ' '
      << static_cast<int>(config.redaction.ibans) << ' '
      << static_cast<int>(config.redaction.emails);
  for (const ingest::RedactionRule& rule : config.redaction.rules) {
    out << ' ' << rule.label << '=' << static_cast<int>(rule.action);
  }
  out << '\n';
  out << "snapshot_interval " << config.snapshot_interval_ms << '\n';
  const pipeline::PipelineOptions& options = config.pipeline;
  out << "step " << options.signals.step_ms << " lateness " << options.lateness_ms << " budget "
      << options.false_pages_per_week << '\n'
      << "zones " << options.zones.fallback.name() << ' ' << options.zones.label;
  for (const auto& [value, zone] : options.zones.by_value)
    out << ' ' << value << '=' << zone.name();
  out << '\n'
      << "discovery " << options.signals.discover << ' ' << options.signals.signals_max << '\n';
  DescribeIncidents(config, out);
  for (const signals::SignalDef& def : options.definitions) DescribeSignal(def, out);
  for (const signals::PolicyRule& rule : options.policies) DescribePolicy(rule, out);
  out << "auth " << config.allow_unauthenticated << ' ' << config.auth.configured << ' '
      << config.auth.tokens.size() << ' ' << config.auth.users.size() << ' '
      << config.auth.certificates.size() << ' ' << config.auth.anonymous.ToString() << '\n';
  const exports::Options& exports = config.exports;
  out << "export " << exports.enabled << ' ' << exports.signals_max << ' '
      << exports.remote_write.url << ' ' << exports.remote_write.ca_file << ' '
      << exports.remote_write.interval_ms << ' ' << exports.remote_write.bearer_token << '\n';
  out << "server " << config.history.span_ms << ' ' << config.history.bytes_max << '\n';
  out << "paging " << config.paging.give_up_after_ms << '\n';
  const AlertsConfig& alerts = config.alerts;
  out << "alerts " << alerts.resolve_timeout_ms << ' ' << config.pipeline.received.live_max << ' '
      << config.pipeline.silences_max << ' ' << alerts.limits.body_bytes_max << ' '
      << alerts.limits.alerts_max << ' ' << alerts.limits.labels_max << ' '
      << alerts.limits.name_bytes_max << ' ' << alerts.limits.value_bytes_max << ' '
      << alerts.limits.annotation_bytes_max;
  for (const std::string& label : alerts.group_by) out << ' ' << label;
  out << '\n';
  DescribeDigest(config, out);
  DescribeReceivers(config, out);
  return out.str();
}

}  // namespace quell::config
