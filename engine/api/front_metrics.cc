// The HTTP front's own metrics (docs/http.md).
#include "engine/api/metrics.h"

namespace quell::api {
namespace {

using Count = http::FrontCounters::Count;

void One(MetricsText& out, std::string_view name, std::string_view type, std::string_view help,
         const Count& count) {
  out.Family(name, type, help);
  out.Sample("", static_cast<double>(count));
}

template <size_t kSize>
void Many(MetricsText& out, const char* label, const std::array<std::string_view, kSize>& names,
          const std::array<Count, kSize>& counts) {
  for (size_t i = 0; i < kSize; ++i) {
    out.Sample(std::string(label) + "=\"" + std::string(names[i]) + '"',
               static_cast<double>(counts[i]));
  }
}

void RenderConnections(MetricsText& out, const http::FrontCounters& front) {
  One(out, "quell_http_connections", "gauge", "Connections open now.", front.connections_open);
  One(out, "quell_http_connections_total", "counter", "Connections accepted.",
      front.connections_total);
  One(out, "quell_http_connections_refused_total", "counter",
      "Connections refused beyond connections_max.", front.connections_refused);
  One(out, "quell_http_connections_evicted_total", "counter",
      "Idle connections closed to make room for new ones.", front.connections_evicted);
  One(out, "quell_http_accept_failures_total", "counter",
      "Times the system had no descriptor or memory for a connection.", front.accept_failures);
  out.Family("quell_http_timeouts_total", "counter", "Connections ended at a deadline.");
  Many(out, "phase", http::kTimeoutNames, front.timeouts);
  One(out, "quell_tls_handshakes_failed_total", "counter", "TLS handshakes that failed.",
      front.tls_handshakes_failed);
  out.Family("quell_tls_reloads_total", "counter", "Times certificates were read again.");
  out.Sample("outcome=\"taken\"", static_cast<double>(front.tls_reloads));
  out.Sample("outcome=\"refused\"", static_cast<double>(front.tls_reload_failures));
}

void RenderRequests(MetricsText& out, const http::FrontCounters& front) {
  One(out, "quell_http_requests_total", "counter", "Whole requests handed to a handler.",
      front.requests);
  One(out, "quell_http_requests_in_flight", "gauge", "Requests that wait for a worker or have one.",
      front.requests_in_flight);
  One(out, "quell_http_bytes_in_flight", "gauge", "Bytes reserved for bodies and unsent answers.",
      front.bytes_in_flight);
  out.Family("quell_http_heads_refused_total", "counter", "Malformed or oversized request heads.");
  for (size_t i = 1; i < http::kHeadFaults; ++i) {
    const std::string name(http::HeadFaultName(static_cast<http::HeadFault>(i)));
    out.Sample("reason=\"" + name + '"', static_cast<double>(front.heads_refused[i]));
  }
  out.Family("quell_http_bodies_refused_total", "counter", "Request bodies not taken.");
  Many(out, "reason", http::kBodyFaultNames, front.bodies_refused);
  out.Family("quell_http_overload_total", "counter", "Refusals for lack of room, by the bound.");
  Many(out, "bound", http::kOverloadNames, front.overloads);
  One(out, "quell_http_listeners", "gauge", "Connections that listen to events.", front.streams);
  One(out, "quell_http_listeners_total", "counter", "Connections that began to listen.",
      front.streams_total);
  One(out, "quell_http_listeners_revoked_total", "counter",
      "Listeners ended because their credentials have.", front.streams_revoked);
  One(out, "quell_http_events_total", "counter", "Events told to listeners.", front.stream_events);
  One(out, "quell_http_gate_refused_total", "counter", "Requests refused by their heads.",
      front.gate_refused);
  One(out, "quell_http_handler_exceptions_total", "counter", "Handlers that failed.",
      front.handler_exceptions);
}

}  // namespace

std::string RenderFrontMetrics(const http::FrontCounters& front) {
  MetricsText out;
  RenderConnections(out, front);
  RenderRequests(out, front);
  return out.text();
}

}  // namespace quell::api
