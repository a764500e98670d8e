#include "tests/engine/config/describe_config.h"

#include <sstream>

#include "engine/config/deciding.h"

namespace quell::config {
namespace {

void DescribeDigest(const Config& config, std::ostream& out) {
  out << "changes " << config.changes_file << '\n';
  const pipeline::DigestOptions& digest = config.pipeline.digest;
  out << "digest " << digest.enabled << ' ' << digest.time_of_day_ms << ' ' << digest.zone.name()
      << ' ' << digest.owner_label;
  for (const std::string& name : config.digest.receivers) out << ' ' << name;
  out << '\n';
}

void DescribeModels(const ModelsConfig& models, std::ostream& out) {
  const ModelGates& gates = models.gates;
  out << "models " << models.require_approval;
  for (const auto& bound : {gates.min_recall, gates.max_false_per_week, gates.min_incidents,
                            gates.min_live_ratio, gates.max_drifted_ratio}) {
    out << ' ' << bound.value_or(-1);
  }
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
      << config.front.connections_max << ' ' << config.front.event_listeners_max << ' '
      << config.series_limits.series_max << ' ' << config.series_limits.series_per_metric_max << ' '
      << config.series_limits.idle_ms << ' ' << config.decoding_bytes_max << '\n';
  const http::FrontOptions& front = config.front;
  out << "front " << front.head.head_bytes_max << ' ' << front.head.headers_max << ' '
      << front.inflight_requests_max << ' ' << front.inflight_bytes_max << ' '
      << front.head_timeout_ms << ' ' << front.body_timeout_ms << ' ' << front.idle_timeout_ms
      << ' ' << front.write_timeout_ms << " tls " << front.tls.cert_file << ' '
      << front.tls.key_file << ' ' << front.tls.client_ca_file << '\n';
  out << "journal " << config.journal.folder << ' ' << static_cast<int>(config.journal.fsync) << ' '
      << config.journal.fsync_interval_ms << ' ' << config.journal.segment_bytes_max << ' '
      << config.journal.total_bytes_max << ' ' << config.journal.age_max_ms << '\n';
  const store::Retention& kept = config.retention;
  out << "retention " << kept.incidents_ms << ' ' << kept.alerts_ms << ' ' << kept.decisions_ms
      << ' ' << kept.pages_ms << ' ' << kept.dead_letters_ms << ' ' << kept.feedback_ms << '\n';
  out << "snapshot_interval " << config.snapshot_interval_ms << '\n';
  out << DescribeDeciding(config) << "dedup_model " << config.dedup_model << '\n';
  out << "auth " << config.allow_unauthenticated << ' ' << config.auth.configured << ' '
      << config.auth.tokens.size() << ' ' << config.auth.users.size() << ' '
      << config.auth.certificates.size() << ' ' << config.auth.anonymous.ToString() << '\n';
  const exports::Options& exports = config.exports;
  out << "export " << exports.enabled << ' ' << exports.signals_max << ' '
      << exports.remote_write.url << ' ' << exports.remote_write.ca_file << ' '
      << exports.remote_write.interval_ms << ' ' << exports.remote_write.bearer_token << '\n';
  out << "server " << config.history.span_ms << ' ' << config.history.bytes_max << ' '
      << config.reports_dir << '\n';
  out << "paging " << config.paging.give_up_after_ms << '\n';
  const AlertsConfig& alerts = config.alerts;
  out << "alerts " << alerts.limits.body_bytes_max << ' ' << alerts.limits.alerts_max << ' '
      << alerts.limits.labels_max << ' ' << alerts.limits.name_bytes_max << ' '
      << alerts.limits.value_bytes_max << ' ' << alerts.limits.annotation_bytes_max;
  for (const std::string& label : alerts.group_by) out << ' ' << label;
  out << '\n';
  DescribeModels(config.models, out);
  DescribeDigest(config, out);
  DescribeReceivers(config, out);
  return out.str();
}

}  // namespace quell::config
