// The ways are tried best first, on the first window that answers; the one that works is kept.
#include "ingest/prometheus_reader.h"

#include <array>

#include "core/log.h"
#include "ingest/prometheus_api.h"
#include "ingest/remote_read.h"
#include "ingest/utf8.h"

namespace quell::ingest {
namespace {

constexpr size_t kAnswerBytesMax = 256U << 20U;          // of an answer that is not streamed
constexpr DurationMs kRequestTimeoutMs = 3 * kMinuteMs;  // Prometheus gives up after two
constexpr std::int64_t kPointsMax = 10000;  // query_range refuses more than 11,000 a series

enum Way : std::uint8_t { kStreamedChunks, kSamples, kMatrixSelector, kQueryRange, kWays };
constexpr std::array<std::string_view, kWays> kWayNames{
    "remote read, streamed chunks", "remote read, samples", "query with a range selector",
    "query_range (resampled)"};

bool IsStreamed(const HttpResponse& head) {
  return head.status == 200 &&
         head.Header("content-type").starts_with("application/x-streamed-protobuf");
}

}  // namespace

std::string WithoutUserInfo(const std::string& url) {
  const size_t scheme = url.find("://");
  const size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const size_t at = url.substr(0, url.find('/', host)).rfind('@');
  return at == std::string::npos ? url : url.substr(0, host) + url.substr(at + 1);
}

Status CheckPrometheusUrl(const std::string& flag, const std::string& url) {
  if (WithoutUserInfo(url) != url) {
    return MakeError(ErrorCode::kInvalidArgument,
                     flag + ": " + WithoutUserInfo(url) +
                         " is given with a user or password in it; use --basic-auth-file");
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return MakeError(ErrorCode::kInvalidArgument,
                     flag + " must be an http:// or https:// URL, not \"" + url + "\"");
  }
  return Ok{};
}

PrometheusReader::PrometheusReader(PrometheusAccess access, Selector selector, DurationMs step_ms,
                                   std::uint64_t window_samples_max, Wants wants)
    : access_(std::move(access)),
      selector_(std::move(selector)),
      step_ms_(step_ms),
      window_samples_max_(window_samples_max),
      wants_(std::move(wants)) {
  while (access_.url.ends_with('/')) access_.url.pop_back();
  safe_url_ = WithoutUserInfo(access_.url);
}

// The first way that this server answers; the reasons of those that it does not are kept for the
// error.
Result<SampleBatch> PrometheusReader::Fetch(TimeMs start, TimeMs end) {
  std::string reasons;
  for (; way_ < kWays; ++way_) {
    Result<SampleBatch> batch = FetchBy(way_, start, end);
    if (batch.ok() && settled_way_ != way_) {
      settled_way_ = way_;
      Log(LogLevel::kInfo, "reading history from Prometheus",
          {{"url", safe_url_}, {"way", kWayNames[way_]}});
    }
    const bool lossless_next = way_ == kStreamedChunks;  // only this step down costs nothing
    if (batch.ok() || (settled_way_ == way_ && !lossless_next)) return batch;
    // Away, refused, or too much at once: another way would not help.
    const ErrorCode code = batch.error().code;
    if (code == ErrorCode::kUnavailable || code == ErrorCode::kResourceExhausted ||
        code == ErrorCode::kInvalidArgument) {
      return batch;
    }
    reasons +=
        (reasons.empty() ? "" : "; ") + std::string(kWayNames[way_]) + ": " + batch.error().message;
  }
  way_ = 0;
  return MakeError(ErrorCode::kUnsupported, safe_url_ + " gives no history: " + reasons);
}

Result<SampleBatch> PrometheusReader::FetchBy(size_t way, TimeMs start, TimeMs end) {
  switch (way) {
    case kStreamedChunks:
      return FetchStreamed(start, end);
    case kSamples: {
      QUELL_ASSIGN(const HttpResponse answer, Send(ReadRequest(start, end, false)));
      return Wanted(DecodeSampledAnswer(answer.body, start, end, kAnswerBytesMax));
    }
    case kMatrixSelector: {
      // (end - 1 ms - range, end - 1 ms]; before 3.0 the left edge is in, and trimmed again.
      const std::string query = selector_.ToString() + '[' + std::to_string(end - start) + "ms]";
      QUELL_ASSIGN(const HttpResponse answer,
                   Send(Form("/api/v1/query", "query=" + EncodeParameter(query) +
                                                  "&time=" + FormatSeconds(end - 1))));
      return Wanted(DecodeMatrix(answer.body, start, end));
    }
    default:
      return FetchResampled(start, end);
  }
}

Result<SampleBatch> PrometheusReader::FetchStreamed(TimeMs start, TimeMs end) {
  ChunkedAnswer chunks(start, end, window_samples_max_, wants_);
  bool streamed = false;
  std::string other;  // an error's text, or the sampled answer of a server that cannot stream
  HttpRequest request = ReadRequest(start, end, true);
  request.on_body = [&](const HttpResponse& head, std::string_view part) -> Status {
    bytes_ += part.size();
    streamed = IsStreamed(head);
    if (streamed) return chunks.Feed(part);
    if (other.size() + part.size() > kAnswerBytesMax) {
      return MakeError(ErrorCode::kResourceExhausted,
                       "the answer is larger than " + std::to_string(kAnswerBytesMax) + " bytes");
    }
    other.append(part);
    return Ok{};
  };
  const auto answer = client_.Send(Complete(std::move(request)));
  if (!answer.ok()) return WithContext(answer.error(), safe_url_);
  histogram_chunks_ += chunks.histogram_chunks();
  if (answer->status != 200) return Judge(answer->status, other);
  if (streamed || IsStreamed(*answer)) return chunks.Finish();
  return Wanted(DecodeSampledAnswer(other, start, end, kAnswerBytesMax));
}

Result<SampleBatch> PrometheusReader::FetchResampled(TimeMs start, TimeMs end) {
  if ((end - start) / step_ms_ > kPointsMax) {
    return MakeError(ErrorCode::kResourceExhausted,
                     "query_range: more than " + std::to_string(kPointsMax) + " points a series");
  }
  // The grid is that of epoch time, so that windows continue each other.
  const TimeMs first = (start + step_ms_ - 1) / step_ms_ * step_ms_;
  if (first >= end) return SampleBatch{};
  QUELL_ASSIGN(const HttpResponse answer,
               Send(Form("/api/v1/query_range", "query=" + EncodeParameter(selector_.ToString()) +
                                                    "&start=" + FormatSeconds(first) +
                                                    "&end=" + FormatSeconds(end - 1) +
                                                    "&step=" + FormatSeconds(step_ms_))));
  return Wanted(DecodeMatrix(answer.body, start, end));
}

// Of an answer that is here as a whole: the series that are wanted, within the bound.
Result<SampleBatch> PrometheusReader::Wanted(Result<SampleBatch> batch) const {
  if (!batch.ok()) return batch;
  SampleBatch out;
  for (SampleBatch::Series& series : batch->series) {
    if (wants_ && !wants_(series.labels)) continue;
    const auto begin = static_cast<std::uint32_t>(out.samples.size());
    out.samples.insert(out.samples.end(), batch->samples.begin() + series.begin,
                       batch->samples.begin() + series.end);
    series.begin = begin;
    series.end = static_cast<std::uint32_t>(out.samples.size());
    out.series.push_back(std::move(series));
  }
  if (out.samples.size() <= window_samples_max_) return out;
  return MakeError(ErrorCode::kResourceExhausted,
                   "the answer has more than " + std::to_string(window_samples_max_) + " samples");
}

Result<std::vector<std::string>> PrometheusReader::MetricNames(TimeMs start, TimeMs end,
                                                               size_t max) {
  HttpRequest request;
  request.url = access_.url + "/api/v1/label/__name__/values?start=" + FormatSeconds(start) +
                "&end=" + FormatSeconds(end - 1);
  QUELL_ASSIGN(const HttpResponse answer, Send(std::move(request)));
  return DecodeNames(answer.body, max);
}

HttpRequest PrometheusReader::ReadRequest(TimeMs start, TimeMs end, bool streamed) const {
  HttpRequest request;
  request.method = "POST";
  request.url = access_.url + "/api/v1/read";
  request.headers = {{"Content-Type", "application/x-protobuf"},
                     {"Content-Encoding", "snappy"},
                     {"X-Prometheus-Remote-Read-Version", "0.1.0"}};
  request.body = EncodeReadRequest(selector_, start, end,
                                   streamed ? ReadForm::kStreamedChunks : ReadForm::kSamples);
  return request;
}

HttpRequest PrometheusReader::Form(std::string_view path, std::string body) const {
  HttpRequest request;
  request.method = "POST";
  request.url = access_.url + std::string(path);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = std::move(body);
  return request;
}

// What every request has.
HttpRequest PrometheusReader::Complete(HttpRequest request) const {
  request.timeout_ms = kRequestTimeoutMs;
  request.response_bytes_max = kAnswerBytesMax;
  request.ca_file = access_.ca_file;
  request.headers.emplace_back("User-Agent", "quell");
  if (!access_.authorization.empty()) {
    request.headers.emplace_back("Authorization", access_.authorization);
  }
  return request;
}

// A 200 or an error.
Result<HttpResponse> PrometheusReader::Send(HttpRequest request) {
  Result<HttpResponse> answer = client_.Send(Complete(std::move(request)));
  if (!answer.ok()) return WithContext(answer.error(), safe_url_);
  if (answer->status != 200) return Judge(answer->status, answer->body);
  bytes_ += answer->body.size();
  return answer;
}

Error PrometheusReader::Judge(int status, std::string_view body) const {
  // Prometheus' words for its sample limits, with 400 or 422.
  for (const std::string_view limit : {"too many samples", "exceeded sample limit"}) {
    if (body.find(limit) != std::string::npos) {
      return MakeError(ErrorCode::kResourceExhausted, safe_url_ + ": " + Quoted(body, 200));
    }
  }
  const std::string text = "status " + std::to_string(status) + ' ' + Quoted(body, 200);
  switch (status) {
    case 401:
    case 403:
      return MakeError(ErrorCode::kInvalidArgument, safe_url_ + ": " + text);
    case 429:
    case 502:
    case 503:
    case 504:
      return MakeError(ErrorCode::kUnavailable, safe_url_ + ": " + text);
    default:
      return MakeError(ErrorCode::kUnsupported, text);
  }
}

}  // namespace quell::ingest
