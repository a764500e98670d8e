#include "engine/api/metrics.h"

#include <cmath>

#include "engine/api/version.h"

namespace quell::api {
namespace {

std::string Number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    return std::to_string(static_cast<std::int64_t>(value));
  }
  return std::to_string(value);
}

void Simple(MetricsText& out, std::string_view name, std::string_view type, std::string_view help,
            double value) {
  out.Family(name, type, help);
  out.Sample("", value);
}

void RenderIngest(MetricsText& out, const HttpCounters& http) {
  Simple(out, "quell_write_requests_total", "counter", "Remote-write requests received.",
         static_cast<double>(http.write_requests));
  Simple(out, "quell_write_bytes_total", "counter", "Compressed bytes of remote-write requests.",
         static_cast<double>(http.write_bytes));
  out.Family("quell_write_responses_total", "counter", "Answers to remote-write requests.");
  out.Sample("class=\"2xx\"", static_cast<double>(http.status_2xx));
  out.Sample("class=\"4xx\"", static_cast<double>(http.status_4xx));
  out.Sample("class=\"5xx\"", static_cast<double>(http.status_5xx));
  Simple(out, "quell_samples_accepted_total", "counter",
         "Samples acknowledged to senders (used by a signal or not).",
         static_cast<double>(http.samples_accepted));
  Simple(out, "quell_samples_rejected_total", "counter",
         "Samples refused as invalid, with a 4xx answer.",
         static_cast<double>(http.samples_rejected));
  Simple(out, "quell_series_rejected_total", "counter", "Series refused for their labels.",
         static_cast<double>(http.series_rejected));
  Simple(out, "quell_native_histograms_accepted_total", "counter",
         "Native histogram samples acknowledged to senders (used by a signal or not).",
         static_cast<double>(http.histograms_accepted));
  Simple(out, "quell_exemplars_dropped_total", "counter", "Exemplars accepted, not kept.",
         static_cast<double>(http.exemplars_dropped));
}

void RenderLiveSeries(MetricsText& out, const HttpCounters& http,
                      const ingest::RegistryCounters& series) {
  out.Family("quell_write_decoded_total", "counter",
             "Remote-write bodies decoded, by the fast path or the reference.");
  out.Sample("path=\"fast\"", static_cast<double>(http.decoded_fast));
  out.Sample("path=\"reference\"", static_cast<double>(http.decoded_by_reference));
  out.Family("quell_live_series", "gauge", "Series written lately, by whether a signal uses them.");
  out.Sample("used=\"yes\"", static_cast<double>(series.kept));
  out.Sample("used=\"no\"", static_cast<double>(series.live - std::min(series.live, series.kept)));
  Simple(out, "quell_series_first_seen_total", "counter", "Series seen for the first time.",
         static_cast<double>(series.first_seen));
  Simple(out, "quell_series_expired_total", "counter", "Series not written for live_series_idle.",
         static_cast<double>(series.expired));
  out.Family("quell_new_series_refused_total", "counter",
             "New series refused with a 400, by the limit that is reached.");
  out.Sample("limit=\"live_series_max\"", static_cast<double>(series.refused));
  out.Sample("limit=\"live_series_per_metric_max\"", static_cast<double>(series.refused_of_metric));
  Simple(out, "quell_samples_refused_total", "counter", "Samples of refused new series.",
         static_cast<double>(http.samples_refused));
}

void RenderSignals(MetricsText& out, const EngineStatus& status) {
  const signals::SignalCounters& samples = status.samples;
  Simple(out, "quell_signal_samples_total", "counter", "Samples read by signals.",
         static_cast<double>(samples.samples));
  Simple(out, "quell_native_histograms_used_total", "counter",
         "Native histogram samples read by signals.", static_cast<double>(samples.histograms));
  out.Family("quell_signal_samples_odd_total", "counter",
             "Samples with a stated special effect (docs/signals.md).");
  const std::pair<const char*, std::uint64_t> odd[] = {{"duplicate", samples.duplicates},
                                                       {"duplicate_time", samples.duplicate_times},
                                                       {"out_of_order", samples.out_of_order},
                                                       {"late", samples.late},
                                                       {"too_old", samples.too_old},
                                                       {"stale_marker", samples.stale_markers},
                                                       {"counter_reset", samples.resets},
                                                       {"not_finite", samples.not_finite},
                                                       {"gap", samples.gaps}};
  for (const auto& [reason, count] : odd) {
    out.Sample("reason=\"" + std::string(reason) + "\"", static_cast<double>(count));
  }
  Simple(out, "quell_series", "gauge", "Series that feed a signal.",
         static_cast<double>(status.series));
  Simple(out, "quell_series_refused_total", "counter", "Series beyond the configured bound.",
         static_cast<double>(samples.refused_series));
  Simple(out, "quell_signal_series_retired_total", "counter", "Series forgotten for their silence.",
         static_cast<double>(samples.retired_series));
  out.Family("quell_signals", "gauge",
             "Signals, by whether samples come and whether they can be judged (docs/signals.md).");
  for (size_t state = 0; state < pipeline::kSignalStates; ++state) {
    const auto name = signals::SignalStateName(static_cast<signals::SignalState>(state));
    for (size_t i = 0; i < pipeline::kEvidenceStates; ++i) {
      const auto evidence = pipeline::EvidenceStateName(static_cast<pipeline::EvidenceState>(i));
      out.Sample("state=\"" + std::string(name) + "\",evidence=\"" + std::string(evidence) + '"',
                 static_cast<double>(status.census.signals[state][i]));
    }
  }
  Simple(out, "quell_signals_refused_total", "counter", "Signals beyond the configured bound.",
         static_cast<double>(samples.refused_signals));
}

void RenderDedup(MetricsText& out, config::DedupState state) {
  out.Family(
      "quell_dedup_model", "gauge",
      "1 for what groups alerts: a learned model, the built-in weights, or those because the "
      "model that is configured cannot be used.");
  const std::pair<const char*, config::DedupState> states[] = {
      {"built_in", config::DedupState::kNone},
      {"model", config::DedupState::kUsed},
      {"unusable", config::DedupState::kUnusable}};
  for (const auto& [name, value] : states) {
    out.Sample("state=\"" + std::string(name) + '"', state == value ? 1 : 0);
  }
}

void RenderDecisions(MetricsText& out, const EngineStatus& status) {
  const pipeline::PipelineCounters& counters = status.pipeline;
  Simple(out, "quell_steps_closed_total", "counter", "Evaluation steps closed.",
         static_cast<double>(counters.steps));
  Simple(out, "quell_points_judged_total", "counter", "Signal points scored.",
         static_cast<double>(counters.points));
  Simple(out, "quell_alerts_total", "counter", "Alerts fired.",
         static_cast<double>(counters.alerts));
  Simple(out, "quell_alerts_open", "gauge", "Alerts firing now.",
         static_cast<double>(status.open_alerts));
  Simple(out, "quell_incidents_open", "gauge", "Incidents open or held now.",
         static_cast<double>(status.open_incidents));
  Simple(out, "quell_pages_total", "counter", "Incidents that paged.",
         static_cast<double>(counters.pages));
  Simple(out, "quell_resolves_total", "counter", "Paged incidents that resolved.",
         static_cast<double>(counters.resolves));
  Simple(out, "quell_incidents_suppressed_total", "counter", "Incidents that ended without a page.",
         static_cast<double>(counters.suppressed));
  out.Family("quell_alert_outcomes_total", "counter",
             "Alerts by what finally became of them: a page, or why there was none.");
  for (size_t i = 0; i < incidents::kPageReasons; ++i) {
    const auto name = incidents::PageReasonName(static_cast<incidents::PageReason>(i));
    out.Sample("reason=\"" + std::string(name) + '"', static_cast<double>(counters.outcomes[i]));
  }
  out.Family("quell_candidates_total", "counter",
             "Improbable points that did not alert, by reason.");
  out.Sample("reason=\"above_threshold\"", static_cast<double>(counters.above_threshold));
  out.Sample("reason=\"rests_on_one_point\"", static_cast<double>(counters.rests_on_one_point));
  out.Sample("reason=\"subsided\"", static_cast<double>(counters.subsided));
  out.Sample("reason=\"gradual\"", static_cast<double>(counters.gradual));
  out.Sample("reason=\"few_requests\"", static_cast<double>(counters.few_requests));
  const pipeline::PolicyCounters& policy = status.policy;
  out.Sample("reason=\"wrong_direction\"", static_cast<double>(policy.wrong_direction));
  out.Sample("reason=\"below_min_deviation\"", static_cast<double>(policy.below_min_deviation));
  out.Sample("reason=\"regional_demand\"", static_cast<double>(policy.regional_demand));
  out.Sample("reason=\"hardly_slower\"", static_cast<double>(policy.hardly_slower));
  out.Sample("reason=\"nobody_cares\"", static_cast<double>(policy.nobody_cares));
  out.Sample("reason=\"outside_hours\"", static_cast<double>(policy.outside_hours));
  out.Sample("reason=\"flatline\"", static_cast<double>(policy.flatline));
  Simple(out, "quell_levels_adopted_total", "counter", "Lasting shifts adopted as the new normal.",
         static_cast<double>(counters.adopted));
  Simple(out, "quell_scales_adopted_total", "counter", "Noises that are lastingly another.",
         static_cast<double>(counters.rescaled));
  Simple(out, "quell_times_adopted_total", "counter", "Times of day that are lastingly other.",
         static_cast<double>(counters.retimed));
}

void RenderDelivery(MetricsText& out, const paging::DelivererCounters& delivery,
                    const OutboxCounts& outbox) {
  out.Family("quell_notifications_total", "counter", "Notifications by outcome.");
  out.Sample("outcome=\"delivered\"", static_cast<double>(delivery.delivered));
  out.Sample("outcome=\"retried\"", static_cast<double>(delivery.retried));
  out.Sample("outcome=\"rejected\"", static_cast<double>(delivery.rejected));
  out.Sample("outcome=\"dead\"", static_cast<double>(delivery.dead));
  out.Sample("outcome=\"coalesced\"", static_cast<double>(delivery.coalesced));
  Simple(out, "quell_outbox_pending", "gauge", "Notifications not yet delivered.",
         static_cast<double>(outbox.pending));
  Simple(out, "quell_dead_letters", "gauge", "Notifications that a receiver will not get.",
         static_cast<double>(outbox.dead_letters));
}

}  // namespace

void MetricsText::Family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_ += "# HELP " + name_ + ' ' + std::string(help) + '\n';
  text_ += "# TYPE " + name_ + ' ' + std::string(type) + '\n';
}

void MetricsText::Sample(std::string_view labels, double value) {
  text_ += name_;
  if (!labels.empty()) text_ += '{' + std::string(labels) + '}';
  text_ += ' ' + Number(value) + '\n';
}

std::string RenderAuthMetrics(const auth::Authenticator& authenticator) {
  using auth::Outcome;
  MetricsText out;
  out.Family("quell_auth_failures_total", "counter", "Requests refused for who sent them.");
  for (const Outcome outcome :
       {Outcome::kNoCredentials, Outcome::kMalformed, Outcome::kUnknownToken,
        Outcome::kWrongPassword, Outcome::kUnknownCertificate, Outcome::kThrottled, Outcome::kBusy,
        Outcome::kForbidden}) {
    out.Sample("reason=\"" + std::string(auth::OutcomeName(outcome)) + '"',
               static_cast<double>(authenticator.count(outcome)));
  }
  return out.text();
}

std::string RenderMetrics(const EngineStatus& status, const HttpCounters& http,
                          const ingest::RegistryCounters& series,
                          const paging::DelivererCounters& delivery, const OutboxCounts& outbox,
                          std::uint64_t journal_last, TimeMs wall_ms) {
  MetricsText out;
  out.Family("quell_build_info", "gauge", "Constant 1; labels say what is running.");
  out.Sample("version=\"" + std::string(kVersion) + "\"", 1);
  RenderIngest(out, http);
  RenderLiveSeries(out, http, series);
  Simple(out, "quell_journal_sequence", "gauge", "Last durable journal record.",
         static_cast<double>(journal_last));
  Simple(out, "quell_journal_lag_records", "gauge", "Journal records not yet applied.",
         static_cast<double>(journal_last - std::min(journal_last, status.journal_sequence)));
  RenderSignals(out, status);
  RenderDecisions(out, status);
  RenderDedup(out, status.dedup);
  RenderDelivery(out, delivery, outbox);
  const double lag_ms =
      status.event_time == 0 ? 0 : static_cast<double>(wall_ms - status.event_time);
  Simple(out, "quell_event_time_lag_seconds", "gauge", "Wall time less event time.",
         lag_ms / 1000.0);
  Simple(out, "quell_snapshots_total", "counter", "Snapshots written.",
         static_cast<double>(status.snapshots));
  Simple(out, "quell_snapshot_bytes", "gauge", "Size of the last snapshot.",
         static_cast<double>(status.snapshot_bytes));
  out.Family("quell_store_pruned_total", "counter",
             "Rows beyond their retention that were removed.");
  const store::Pruned& pruned = status.pruned;
  for (const auto& [table, count] :
       {std::pair{"incidents", pruned.incidents}, std::pair{"alerts", pruned.alerts},
        std::pair{"decisions", pruned.decisions}, std::pair{"pages", pruned.pages},
        std::pair{"dead_letters", pruned.dead_letters}, std::pair{"feedback", pruned.feedback}}) {
    out.Sample(std::string("table=\"") + table + '"', static_cast<double>(count));
  }
  Simple(out, "quell_store_retries_total", "counter", "Commits that the store refused.",
         static_cast<double>(status.store_retries));
  return out.text();
}

std::string RenderRedaction(const ingest::RedactionCounters& counters) {
  using ingest::RedactedHow;
  using ingest::RedactedKind;
  MetricsText out;
  out.Family("quell_redacted_values_total", "counter",
             "Values hashed, dropped or masked before anything was stored (docs/redaction.md).");
  for (const auto kind : {RedactedKind::kCardNumber, RedactedKind::kIban, RedactedKind::kEmail,
                          RedactedKind::kRule}) {
    for (const auto how : {RedactedHow::kHashed, RedactedHow::kDropped, RedactedHow::kMasked}) {
      if (kind == RedactedKind::kRule && how == RedactedHow::kMasked) continue;
      out.Sample("kind=\"" + std::string(RedactedKindName(kind)) + "\",action=\"" +
                     std::string(RedactedHowName(how)) + '"',
                 static_cast<double>(counters.Get(kind, how)));
    }
  }
  return out.text();
}

}  // namespace quell::api
