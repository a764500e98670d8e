// The engine's own metrics in Prometheus' text format.
//
// MetricsText builds the page: one Family() per name, then its samples. HttpCounters are what the
// HTTP side counts. Rendering is a pure function of the numbers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/api/engine.h"
#include "engine/auth/authenticator.h"
#include "engine/http/counters.h"

namespace quell::api {

// Counted by the request handlers; thread-safe.
struct HttpCounters {
  std::atomic<std::uint64_t> write_requests{0}, write_bytes{0}, samples_accepted{0},
      samples_rejected{0}, series_rejected{0}, samples_refused{0}, decoded_fast{0},
      decoded_by_reference{0}, histograms_accepted{0}, exemplars_dropped{0}, status_2xx{0},
      status_4xx{0}, status_5xx{0};
};

class MetricsText {
 public:
  void Family(std::string_view name, std::string_view type, std::string_view help);
  // `labels` without braces, e.g. `reason="late"`; empty for none.
  void Sample(std::string_view labels, double value);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

// One counter a reason why requests were refused.
std::string RenderAuthMetrics(const auth::Authenticator& authenticator);

struct OutboxCounts {
  std::uint64_t pending = 0;
  std::uint64_t dead_letters = 0;
};

std::string RenderMetrics(const EngineStatus& status, const HttpCounters& http,
                          const ingest::RegistryCounters& series,
                          const paging::DelivererCounters& delivery, const OutboxCounts& outbox,
                          std::uint64_t journal_last, TimeMs wall_ms);
std::string RenderFrontMetrics(const http::FrontCounters& front);

// What remote write out did.
std::string RenderExport(const exports::WriterCounters& counters);

// At most three series a signal, and 500 signals; none where a limit is not met within the horizon.
std::string RenderForecasts(const ForecastRows& forecasts);

// The 20 signals that drift most, and how many there are.
std::string RenderDrift(const DriftRows& drift);
// `signal` and the labels of a group, escaped; those called like `own` are renamed "exported_...".
std::string SignalLabels(const std::string& name, const Labels& labels, std::string_view own);

// How far the audit log has come, and which version decides.
std::string RenderScores(const Engine& engine);
std::string RenderModels(const ModelsStatus& models);
std::string RenderAudit(const Result<store::AuditHead>& head, const models::Version& model);
// Alerts and silences of others.
std::string RenderPeople(const PeopleCounters& counters, std::uint64_t linked_pages);
std::string RenderReceived(const ReceivedStatus& status);

// What redaction did, by kind and action.
std::string RenderRedaction(const ingest::RedactionCounters& counters);

}  // namespace quell::api
