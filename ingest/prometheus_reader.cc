// Reading a Prometheus server back, window by window. The ways are tried best first, on the first
// window that answers; the one that works is kept. A window whose answer is too large is halved.

#include <algorithm>
#include <array>
#include <unordered_map>

#include "core/http_client.h"
#include "core/log.h"
#include "core/matcher.h"
#include "ingest/history.h"
#include "ingest/prometheus_api.h"
#include "ingest/remote_read.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

constexpr size_t kAnswerBytesMax = 256U << 20U;
constexpr DurationMs kRequestTimeoutMs = 3 * kMinuteMs;  // Prometheus gives up after two
constexpr DurationMs kWindowMinMs = kMinuteMs;
constexpr std::int64_t kPointsMax = 10000;  // query_range refuses more than 11,000 a series

enum class Way : std::uint8_t { kStreamedChunks, kSamples, kMatrixSelector, kQueryRange };
constexpr std::array<Way, 4> kWays{Way::kStreamedChunks, Way::kSamples, Way::kMatrixSelector,
                                   Way::kQueryRange};

std::string_view WayName(Way way) {
  switch (way) {
    case Way::kStreamedChunks:
      return "remote read, streamed chunks";
    case Way::kSamples:
      return "remote read, samples";
    case Way::kMatrixSelector:
      return "query with a range selector";
    case Way::kQueryRange:
      return "query_range (resampled)";
  }
  return "";
}

class Fetcher {
 public:
  Fetcher(const PrometheusSource& source, Selector selector, HistorySink& sink)
      : source_(source), selector_(std::move(selector)), sink_(sink), url_(source.url) {
    while (url_.ends_with('/')) url_.pop_back();
  }

  Result<HistoryCounters> Run() {
    TimeMs at = source_.start;
    DurationMs window = source_.chunk_ms;
    while (at < source_.end) {
      const TimeMs end = std::min(source_.end, at + window);
      const Result<SampleBatch> batch = Fetch(at, end);
      if (batch.ok()) {
        QUELL_TRY(Deliver(*batch));
        at = end;
        sink_.Progress(static_cast<std::uint64_t>(at - source_.start),
                       static_cast<std::uint64_t>(source_.end - source_.start));
        continue;
      }
      const bool too_large = batch.error().code == ErrorCode::kResourceExhausted;
      if (!too_large || window / 2 < kWindowMinMs) return batch.error();
      window = (end - at) / 2;
      if (window < kWindowMinMs) return batch.error();
    }
    return counters_;
  }

 private:
  // The first way that this server answers; the reasons of those that it does not are kept for
  // the error.
  Result<SampleBatch> Fetch(TimeMs start, TimeMs end) {
    std::string reasons;
    for (; way_ < kWays.size(); ++way_) {
      const Way way = kWays[way_];
      Result<SampleBatch> batch = FetchBy(way, start, end);
      if (batch.ok() && settled_way_ != way_) {
        settled_way_ = way_;
        Log(LogLevel::kInfo, "reading history from Prometheus",
            {{"url", SafeUrl()}, {"way", WayName(way)}});
      }
      // Away, or too much at once: another way would not help.
      const bool lossless_next = way == Way::kStreamedChunks;  // only this step down costs nothing
      const bool decided = batch.ok() || (settled_way_ == way_ && !lossless_next) ||
                           batch.error().code == ErrorCode::kUnavailable ||
                           batch.error().code == ErrorCode::kResourceExhausted;
      if (decided) return batch;
      reasons +=
          (reasons.empty() ? "" : "; ") + std::string(WayName(way)) + ": " + batch.error().message;
    }
    return MakeError(ErrorCode::kUnsupported, SafeUrl() + " gives no history: " + reasons);
  }

  Result<SampleBatch> FetchBy(Way way, TimeMs start, TimeMs end) {
    switch (way) {
      case Way::kStreamedChunks: {
        QUELL_ASSIGN(const HttpResponse answer,
                     Send(ReadRequest(start, end, ReadForm::kStreamedChunks)));
        if (answer.Header("content-type").starts_with("application/x-streamed-protobuf")) {
          return DecodeStreamedChunks(answer.body, start, end);
        }
        return DecodeSampledAnswer(answer.body, start, end, kAnswerBytesMax);
      }
      case Way::kSamples: {
        QUELL_ASSIGN(const HttpResponse answer, Send(ReadRequest(start, end, ReadForm::kSamples)));
        return DecodeSampledAnswer(answer.body, start, end, kAnswerBytesMax);
      }
      case Way::kMatrixSelector: {
        // (end - 1 ms - range, end - 1 ms]; before 3.0 the left edge is in, and trimmed again.
        const std::string query = selector_.ToString() + '[' + std::to_string(end - start) + "ms]";
        QUELL_ASSIGN(const HttpResponse answer,
                     Send(Form("/api/v1/query", "query=" + EncodeParameter(query) +
                                                    "&time=" + FormatSeconds(end - 1))));
        return DecodeMatrix(answer.body, start, end);
      }
      case Way::kQueryRange:
        return FetchResampled(start, end);
    }
    return MakeError(ErrorCode::kUnsupported, "no such way");
  }

  Result<SampleBatch> FetchResampled(TimeMs start, TimeMs end) {
    const DurationMs step = source_.step_ms;
    if ((end - start) / step > kPointsMax) {
      return MakeError(ErrorCode::kResourceExhausted,
                       "query_range: more than " + std::to_string(kPointsMax) + " points a series");
    }
    // The grid is that of epoch time, so that windows continue each other.
    const TimeMs first = (start + step - 1) / step * step;
    if (first >= end) return SampleBatch{};
    QUELL_ASSIGN(const HttpResponse answer,
                 Send(Form("/api/v1/query_range", "query=" + EncodeParameter(selector_.ToString()) +
                                                      "&start=" + FormatSeconds(first) +
                                                      "&end=" + FormatSeconds(end - 1) +
                                                      "&step=" + FormatSeconds(step))));
    return DecodeMatrix(answer.body, start, end);
  }

  HttpRequest ReadRequest(TimeMs start, TimeMs end, ReadForm form) const {
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/api/v1/read";
    request.headers = {{"Content-Type", "application/x-protobuf"},
                       {"Content-Encoding", "snappy"},
                       {"X-Prometheus-Remote-Read-Version", "0.1.0"}};
    request.body = EncodeReadRequest(selector_, start, end, form);
    return request;
  }

  HttpRequest Form(std::string_view path, std::string body) const {
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + std::string(path);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = std::move(body);
    return request;
  }

  // A 200 or an error: kUnavailable for what another way cannot mend (transport, 401, 403).
  Result<HttpResponse> Send(HttpRequest request) {
    request.timeout_ms = kRequestTimeoutMs;
    request.response_bytes_max = kAnswerBytesMax;
    request.headers.emplace_back("User-Agent", "quell");
    Result<HttpResponse> answer = client_.Send(request);
    if (!answer.ok()) return WithContext(answer.error(), SafeUrl());
    if (answer->status == 200) {
      counters_.bytes += answer->body.size();
      return answer;
    }
    // Prometheus' words for its sample limits, with 400 or 422.
    for (const std::string_view limit : {"too many samples", "exceeded sample limit"}) {
      if (answer->body.find(limit) != std::string::npos) {
        return MakeError(ErrorCode::kResourceExhausted,
                         SafeUrl() + ": " + Quoted(answer->body, 200));
      }
    }
    const bool refused = answer->status == 401 || answer->status == 403;
    return MakeError(refused ? ErrorCode::kUnavailable : ErrorCode::kUnsupported,
                     (refused ? SafeUrl() + ": " : "") + "status " +
                         std::to_string(answer->status) + ' ' + Quoted(answer->body, 200));
  }

  Status Deliver(const SampleBatch& batch) {
    for (const SampleBatch::Series& series : batch.series) {
      auto at = handles_.find(series.labels);
      if (at == handles_.end()) {
        const std::uint32_t handle = sink_.Series(series.labels);
        if (handle != HistorySink::kNoSeries) ++counters_.series;
        at = handles_.emplace(series.labels, handle).first;
      }
      if (at->second == HistorySink::kNoSeries) {
        counters_.skipped_samples += series.end - series.begin;
        continue;
      }
      for (std::uint32_t i = series.begin; i < series.end; ++i) {
        QUELL_TRY(sink_.Add(at->second, batch.samples[i].time, batch.samples[i].value));
        ++counters_.samples;
      }
    }
    return Ok{};
  }

  // Without a password that stands in the address.
  std::string SafeUrl() const {
    const size_t scheme = url_.find("://");
    const size_t host = scheme == std::string::npos ? 0 : scheme + 3;
    const size_t at = url_.substr(0, url_.find('/', host)).rfind('@');
    return at == std::string::npos ? url_ : url_.substr(0, host) + url_.substr(at + 1);
  }

  const PrometheusSource& source_;
  Selector selector_;
  HistorySink& sink_;
  std::string url_;
  HttpClient client_;
  size_t way_ = 0;
  size_t settled_way_ = kWays.size();  // the way that the last answer came by
  HistoryCounters counters_;
  std::unordered_map<Labels, std::uint32_t, LabelsHash> handles_;
};

}  // namespace

Result<HistoryCounters> ReadPrometheus(const PrometheusSource& source, HistorySink& sink) {
  Result<Selector> selector = Selector::Parse(source.selector);
  if (!selector.ok()) return WithContext(selector.error(), "selector");
  if (source.start >= source.end) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "start " + FormatRfc3339(source.start) + " is not before end " + FormatRfc3339(source.end));
  }
  if (source.chunk_ms < kWindowMinMs || source.step_ms <= 0) {
    return MakeError(ErrorCode::kInvalidArgument, "chunk is at least 1m and step above 0, not " +
                                                      FormatDuration(source.chunk_ms) + " and " +
                                                      FormatDuration(source.step_ms));
  }
  return Fetcher(source, *std::move(selector), sink).Run();
}

}  // namespace quell::ingest
