// Metrics of alerts and silences that others send.
#include "engine/api/metrics.h"

namespace quell::api {

std::string RenderReceived(const ReceivedStatus& status) {
  MetricsText out;
  const auto one = [&out](std::string_view name, std::string_view type, std::string_view help,
                          std::uint64_t value) {
    out.Family(name, type, help);
    out.Sample("", static_cast<double>(value));
  };
  const AlertCounters& posted = *status.posted;
  one("quell_alerts_requests_total", "counter", "Requests that posted alerts.", posted.requests);
  one("quell_alerts_requests_refused_total", "counter",
      "Requests of which nothing was kept, with a 4xx answer.", posted.requests_refused);
  out.Family("quell_alerts_posted_total", "counter", "Posted alerts, by what became of them.");
  out.Sample("result=\"accepted\"", static_cast<double>(posted.accepted));
  out.Sample("result=\"invalid\"", static_cast<double>(posted.invalid));
  out.Sample("result=\"live_max\"", static_cast<double>(posted.refused + status.counters.refused));
  one("quell_alerts_received_firing", "gauge", "Alerts of others that fire.", status.firing);
  one("quell_alerts_received_kept", "gauge", "Alerts of others that are kept, those over included.",
      status.kept);
  one("quell_alerts_received_waiting", "gauge", "Alerts of others not yet decided upon.",
      status.waiting);
  one("quell_alerts_received_taken_total", "counter", "Alerts of others decided upon.",
      status.taken);
  one("quell_alerts_received_expired_total", "counter",
      "Alerts of others that ended as nobody posted them any more.", status.counters.expired);
  one("quell_alerts_silenced_total", "counter", "Alerts that a silence kept from paging.",
      status.silenced);
  one("quell_silences", "gauge", "Silences that are kept, those over included.", status.silences);
  return out.text();
}

}  // namespace quell::api
