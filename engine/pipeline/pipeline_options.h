// What a pipeline is made with, who may watch it, and what it counts.
//
// Plain data; PipelineObserver is called from the pipeline's own thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "detectors/bank.h"
#include "engine/alerts/live_alerts.h"
#include "engine/incidents/incident_engine.h"
#include "engine/paging/notification.h"
#include "engine/pipeline/digest.h"
#include "engine/pipeline/policy_book.h"
#include "engine/pipeline/zones.h"
#include "engine/signals/signal_engine.h"

namespace quell::pipeline {

struct PipelineOptions {
  std::vector<signals::SignalDef> definitions;
  signals::SignalOptions signals;
  detectors::BankOptions bank;
  incidents::IncidentOptions incidents;
  DurationMs lateness_ms = 15 * kSecondMs;    // how long a step waits for its samples; >= 0
  double false_pages_per_week = 1;            // the operator's page budget; > 0
  ZoneOptions zones;                          // a season is one of local civil time
  std::vector<signals::PolicyRule> policies;  // by labels, later ones win (policy_book.h)
  std::string external_url;                   // for links in pages; may be empty
  alerts::LiveOptions received;               // of alerts that others send
  size_t silences_max = 10000;                // kept at once, those that are over included
  DigestOptions digest;
  bool tell_changes = false;  // announced changes go to the outbox, for receivers that show them
  size_t workers = 0;  // threads that judge a large step; 0 = one a core. Only speed depends on it
};

// Sees what passes by: the replay's recorder, live metrics, tests. Calls come in event order.
class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;
  virtual void OnPoint(TimeMs step_end, const signals::SignalEngine::StepPoint& point,
                       const detectors::Verdict& verdict) = 0;
  virtual void OnAlertFired(const incidents::Alert& alert) = 0;
  virtual void OnAlertCleared(const incidents::Alert& alert) = 0;
  virtual void OnIncident(const incidents::IncidentEvent& event) = 0;
  // What is to be sent of the incident event just seen.
  virtual void OnNotification(const paging::Notification& /*notification*/) {}
};

struct PipelineCounters {
  std::uint64_t steps = 0, points = 0, alerts = 0, pages = 0, resolves = 0, suppressed = 0,
                rests_on_one_point = 0, above_threshold = 0, subsided = 0, gradual = 0,
                few_requests = 0, adopted = 0, rescaled = 0, retimed = 0, bad_records = 0,
                received_alerts = 0, silenced = 0;
  // Alerts by what finally became of them, by PageReason.
  std::array<std::uint64_t, incidents::kPageReasons> outcomes{};
};

// A verdict's numbers as people read them, in the signal's unit.
struct Reading {
  double value = 0, expected = 0, low = 0, high = 0;
};

}  // namespace quell::pipeline
