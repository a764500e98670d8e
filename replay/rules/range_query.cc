#include "replay/rules/range_query.h"

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>

#include "ingest/prometheus_api.h"
#include "ingest/utf8.h"

namespace quell::replay {
namespace {

constexpr DurationMs kRequestTimeoutMs = 3 * kMinuteMs;  // Prometheus gives up after two
constexpr size_t kErrorBytesMax = 500;

std::string Text(const nlohmann::json& answer, const char* name) {
  if (!answer.is_object()) return "";
  const auto at = answer.find(name);
  return at != answer.end() && at->is_string() ? at->get<std::string>() : "";
}

// What an answer other than 200 means.
Error Judge(const HttpResponse& answer) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  const std::string words = Text(json, "error");
  const std::string status = "status " + std::to_string(answer.status);
  const std::string text =
      status + ' ' + ingest::Quoted(words.empty() ? answer.body : words, kErrorBytesMax);
  const bool too_much = words.find("too many samples") != std::string::npos ||
                        words.find("exceeded maximum resolution") != std::string::npos ||
                        Text(json, "errorType") == "timeout";
  if (too_much) return MakeError(ErrorCode::kResourceExhausted, text);
  const int code = answer.status;
  const bool away = code == 429 || code == 502 || code == 503 || code == 504;
  return MakeError(away ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument, text);
}

}  // namespace

RangeQuery::RangeQuery(ingest::PrometheusAccess access, Clock& clock)
    : access_(std::move(access)), clock_(clock) {
  while (access_.url.ends_with('/')) access_.url.pop_back();
  safe_url_ = ingest::WithoutUserInfo(access_.url);
}

Result<ingest::SampleBatch> RangeQuery::Ask(const HttpRequest& request, TimeMs start, TimeMs end) {
  QUELL_ASSIGN(const HttpResponse answer, client_.Send(request));
  if (answer.status != 200) return Judge(answer);
  QUELL_ASSIGN(ingest::SampleBatch batch, ingest::DecodeMatrix(answer.body, start, end + 1));
  if (batch.series.size() <= kSeriesMax) return batch;
  return MakeError(ErrorCode::kResourceExhausted,
                   "the answer has " + std::to_string(batch.series.size()) + " series, more than " +
                       std::to_string(kSeriesMax));
}

Result<ingest::SampleBatch> RangeQuery::Fetch(const std::string& expr, TimeMs start, TimeMs end,
                                              DurationMs step) {
  HttpRequest request;
  request.method = "POST";
  request.url = access_.url + "/api/v1/query_range";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"User-Agent", "quell"}};
  if (!access_.authorization.empty()) {
    request.headers.emplace_back("Authorization", access_.authorization);
  }
  request.body = "query=" + ingest::EncodeParameter(expr) +
                 "&start=" + ingest::FormatSeconds(start) + "&end=" + ingest::FormatSeconds(end) +
                 "&step=" + ingest::FormatSeconds(step);
  request.timeout_ms = kRequestTimeoutMs;
  request.response_bytes_max = kAnswerBytesMax;
  request.ca_file = access_.ca_file;
  for (int retry = 0;; ++retry) {
    Result<ingest::SampleBatch> batch = Ask(request, start, end);
    if (batch.ok()) return batch;
    if (batch.error().code != ErrorCode::kUnavailable || retry >= kRetriesMax) {
      return WithContext(batch.error(), safe_url_);
    }
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock<std::mutex> lock(mutex);
    clock_.WaitFor(never, lock, kSecondMs << retry);
  }
}

}  // namespace quell::replay
