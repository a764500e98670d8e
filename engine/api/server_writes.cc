// The server's routes that change something: remote write and announced changes.
#include "engine/api/server_state.h"
#include "engine/paging/pagerduty_webhook.h"

namespace quell::api {
namespace {

constexpr const char* kWritePath = "/api/v1/write";
constexpr size_t kOtherBodyBytesMax = 1U << 20U;
constexpr const char* kText = "text/plain; charset=utf-8";

}  // namespace

http::GateVerdict ApiGate::Judge(const http::RequestHead& head) {
  if (head.path == kAlertsPath) return http::GateVerdict::Continue(alert_bytes_max_);
  if (head.path == kWebhookPath) return http::GateVerdict::Continue(paging::kWebhookBytesMax);
  if (head.path != kWritePath || head.method != "POST") {
    return http::GateVerdict::Continue(kOtherBodyBytesMax);
  }
  ingest::HeaderVerdict verdict = ingest::JudgeWriteHeaders(
      head.Header("content-type"), head.Header("content-encoding"), head.content_length, limits_);
  if (verdict.status == 200 && !head.chunked && head.content_length < 0) {
    verdict.status = 411;
    verdict.message = "neither Content-Length nor chunks";
  }
  if (verdict.status == 200) return http::GateVerdict::Continue(limits_.wire_bytes_max);
  ++counters_.write_requests;
  ++counters_.status_4xx;
  return http::GateVerdict::Refuse(verdict.status, verdict.message + "\n", kText);
}

void Server::State::Write(const httplib::Request& request, httplib::Response& response) {
  ++counters.write_requests;
  counters.write_bytes += request.body.size();
  const auto answer = [&](int status, const std::string& message) {
    (status < 300   ? counters.status_2xx
     : status < 500 ? counters.status_4xx
                    : counters.status_5xx) += 1;
    response.status = status;
    if (!message.empty()) response.set_content(message + "\n", kText);
  };
  // The gate has judged the headers already: what is left to learn from them is the protocol.
  const ingest::WriteProtocol protocol =
      ingest::JudgeWriteHeaders(request.get_header_value("Content-Type"), "", 0, limits).protocol;
  const auto outcome = engine.Write(protocol, request.body);
  const auto written = [&](std::uint64_t samples, std::uint64_t histograms,
                           std::uint64_t exemplars) {
    if (protocol != ingest::WriteProtocol::kV2) return;
    response.set_header("X-Prometheus-Remote-Write-Samples-Written", std::to_string(samples));
    response.set_header("X-Prometheus-Remote-Write-Histograms-Written", std::to_string(histograms));
    response.set_header("X-Prometheus-Remote-Write-Exemplars-Written", std::to_string(exemplars));
  };
  if (!outcome.ok()) {
    // Nothing was kept: the sender may and should try again.
    written(0, 0, 0);
    response.set_header("Retry-After", "5");
    return answer(503, outcome.error().message);
  }
  counters.samples_rejected += outcome->samples_rejected;
  counters.series_rejected += outcome->series_rejected;
  counters.samples_refused += outcome->samples_refused;
  counters.samples_accepted += outcome->samples_written;
  counters.histograms_accepted += outcome->histograms_written;
  counters.exemplars_dropped += outcome->exemplars_written;
  (outcome->fast ? counters.decoded_fast : counters.decoded_by_reference) += 1;
  written(outcome->samples_written, outcome->histograms_written, outcome->exemplars_written);
  answer(outcome->status, outcome->message);
}

void Server::State::AddWrites() {
  front->AddRoute("POST", kWritePath,
                  [this](const httplib::Request& request, httplib::Response& response) {
                    Write(request, response);
                  });
  front->AddRoute("POST", "/api/v1/changes",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    const Status added = engine.AddChange(request.body, WhoAsks(request));
                    if (!added.ok()) return Fail(response, added.error());
                    response.status = 202;
                    response.set_content("{\"status\":\"accepted\"}\n", "application/json");
                  });
}

}  // namespace quell::api
