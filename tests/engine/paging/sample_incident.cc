#include "tests/engine/paging/sample_incident.h"

namespace quell::paging {
namespace {

using detectors::SignalKind;
using incidents::Alert;
using incidents::Severity;

Alert MakeAlert(incidents::AlertId id, const char* service, SignalKind kind, const char* unit,
                const char* what, Severity severity) {
  Alert alert;
  alert.id = id;
  alert.labels =
      Labels{{"alertname", "signal"}, {"psp", "acme"}, {"region", "eu"}, {"service", service}};
  alert.signal = "signal";
  alert.kind = kind;
  alert.unit = unit;
  alert.what = what;
  alert.slot = static_cast<std::uint32_t>(id);
  alert.severity = severity;
  alert.onset = kTenOClock + static_cast<TimeMs>(id) * 30 * kSecondMs;
  alert.starts_at = alert.onset + kMinuteMs;
  return alert;
}

}  // namespace

incidents::IncidentEvent SampleEvent(incidents::IncidentEventKind kind) {
  incidents::Incident incident;
  incident.id = 1;
  incident.key = "inc-0001";
  incident.severity = Severity::kCritical;
  incident.onset = kTenOClock + 30 * kSecondMs;
  incident.summary = "psp=acme: failure ratio 18.2 % instead of 1.4 %, 2 services since 10:00";
  incident.scope = Labels{{"psp", "acme"}, {"region", "eu"}};
  incident.evidence = {"3 of 3 detectors agree", "began with volume of payments-api"};

  Alert volume =
      MakeAlert(1, "payments-api", SignalKind::kRate, "per_second", "volume", Severity::kError);
  volume.evidence.value = 12.34;
  volume.evidence.expected = 120;
  volume.evidence.band_low = 101.7;
  volume.evidence.band_high = 139.2;
  volume.evidence.tail_probability = 1.0 / 740;
  Alert failures =
      MakeAlert(2, "ledger-api", SignalKind::kRatio, "ratio", "failure ratio", Severity::kCritical);
  failures.evidence.value = 91.0 / 500;
  failures.evidence.k = 91;
  failures.evidence.n = 500;
  failures.evidence.expected = 0.014;
  failures.evidence.band_low = 0.009;
  failures.evidence.band_high = 0.021;
  failures.evidence.tail_probability = 4.9e-7;
  failures.evidence.agreeing = 3;
  incidents::Explanation& e = failures.explanation;
  e.as_of = kTenOClock + 2 * kMinuteMs;
  e.utc_offset_ms = 2 * kHourMs;
  e.windows = {{{30 * kSecondMs, 0.182, 0.014, 91, 7, 500},
                {433 * kSecondMs, 0.05, 0.014, 360, 101, 7200},
                {2076 * kSecondMs, 0.02, 0.014, 690, 483, 34500}}};
  e.usual = 0.012;
  e.earlier_days = 16;
  e.earlier_weeks = 2;
  e.learned_ms = 16 * kDayMs;
  e.arrived = 0.97;
  e.arrived_ms = 2076 * kSecondMs;
  e.resets = 1;
  e.troubles_ms = 32 * kMinuteMs;
  Alert latency =
      MakeAlert(3, "ledger-api", SignalKind::kQuantile, "seconds", "p95 latency", Severity::kError);
  latency.evidence.value = 1.8412;
  latency.evidence.k = 155;
  latency.evidence.n = 12500;
  latency.evidence.expected = 0.31;
  latency.evidence.band_low = 0.25;
  latency.evidence.band_high = 0.402;
  latency.evidence.tail_probability = 1e-15;
  incident.members = {
      {volume, 0, incidents::PageReason::kPaged, ""},
      {failures, 0, incidents::PageReason::kDuplicateOf, "same psp=acme, onset 30 s later"},
      {latency, 0, incidents::PageReason::kDuplicateOf, ""}};

  incidents::Change deploy;
  deploy.kind = incidents::ChangeKind::kDeploy;
  deploy.start = deploy.end = kTenOClock - 2 * kMinuteMs;
  deploy.scope = Labels{{"service", "payments-api"}};
  deploy.note = "v1.4";
  incidents::Change cutover;
  cutover.kind = incidents::ChangeKind::kCutover;
  cutover.start = kTenOClock - 12 * kHourMs;
  cutover.end = kTenOClock + kHourMs;
  cutover.scope = Labels{{"psp", "acme"}};
  incident.changes = {deploy, cutover};
  return {kind, kTenOClock + 2 * kMinuteMs, incident};
}

}  // namespace quell::paging
