#include "engine/config/deciding.h"

#include <charconv>
#include <concepts>

#include "core/hash.h"

namespace quell::config {
namespace {

// Doubles in the shortest form that comes back the same.
class Text {
 public:
  Text& operator<<(std::string_view text) {
    out_ += text;
    return *this;
  }
  Text& operator<<(char c) {
    out_ += c;
    return *this;
  }
  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number> Text& operator<<(Number value) {
    char buffer[40];
    if constexpr (std::same_as<Number, bool>) {
      out_ += value ? '1' : '0';
    } else {
      out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
    }
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  std::string out_;
};

void DescribeRules(const signals::AlertRules& rules, Text& out) {
  out << " floor " << rules.floor << " ceiling " << rules.ceiling << " hours "
      << static_cast<int>(rules.hours.days) << ' ' << rules.hours.from_minute << ' '
      << rules.hours.to_minute << ' ' << static_cast<int>(rules.hours.outside) << " few "
      << rules.few_requests_per_minute << ' ' << rules.few_requests_lasting_ms << " partial "
      << rules.partial_lasting_ms << " abrupt " << rules.abrupt_within_ms << " rise "
      << rules.latency_rise << " flat " << rules.flatline_ms << '\n';
}

void DescribeSignal(const signals::SignalDef& def, Text& out) {
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

void DescribePolicy(const signals::PolicyRule& rule, Text& out) {
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

void DescribeDedup(const incidents::IncidentOptions& options, Text& out) {
  if (options.dedup_model == nullptr) return;
  out << "dedup_model " << incidents::kDedupModelVersion << ' ' << options.dedup_model->intercept;
  for (const auto* row :
       {&options.dedup_model->coefficient, &options.dedup_model->mean, &options.dedup_model->sd}) {
    for (const double value : *row) out << ' ' << value;
  }
  out << '\n';
}

void DescribeIncidents(const Config& config, Text& out) {
  const pipeline::PipelineOptions& options = config.pipeline;
  out << "incidents " << options.incidents.join_window_ms << ' ' << options.incidents.age_max_ms
      << ' ' << options.incidents.hold_ms << ' ' << options.incidents.resolve_after_ms << '\n';
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
  DescribeDedup(options.incidents, out);
}

// Labels are what signals are made of.
void DescribeRedaction(const ingest::RedactionOptions& options, Text& out) {
  out << "redaction " << static_cast<int>(options.card_numbers) << ' '
      << static_cast<int>(options.ibans) << ' ' << static_cast<int>(options.emails);
  for (const ingest::RedactionRule& rule : options.rules) {
    out << ' ' << rule.label << '=' << static_cast<int>(rule.action);
  }
  out << '\n';
}

}  // namespace

std::string DescribeDeciding(const Config& config) {
  Text out;
  const pipeline::PipelineOptions& options = config.pipeline;
  out << "step " << options.signals.step_ms << " lateness " << options.lateness_ms << " budget "
      << options.false_pages_per_week << '\n'
      << "zones " << options.zones.fallback.name() << ' ' << options.zones.label;
  for (const auto& [value, zone] : options.zones.by_value)
    out << ' ' << value << '=' << zone.name();
  out << '\n'
      << "discovery " << options.signals.discover << ' ' << options.signals.signals_max << '\n';
  DescribeRedaction(config.redaction, out);
  DescribeIncidents(config, out);
  for (const signals::SignalDef& def : options.definitions) DescribeSignal(def, out);
  for (const signals::PolicyRule& rule : options.policies) DescribePolicy(rule, out);
  out << "alerts " << config.alerts.resolve_timeout_ms << ' ' << options.received.live_max << ' '
      << options.silences_max << '\n';
  return out.text();
}

std::string ConfigDigest(const Config& config) {
  return Sha256Hex(config.source + '\n' + config.listen_host + ':' +
                   std::to_string(config.listen_port) + '\n' + config.data_dir + '\n' +
                   (config.allow_unauthenticated ? "open" : "") + '\n' + DescribeDeciding(config));
}

}  // namespace quell::config
