#include "replay/simulator/body_sender.h"

#include <algorithm>
#include <charconv>

namespace quell::simulator {
namespace {

constexpr DurationMs kFirstWaitMs = 100;
constexpr DurationMs kLongestWaitMs = 10 * kSecondMs;
constexpr DurationMs kRetryAfterMaxMs = 60 * kSecondMs;

bool WorthAnotherTry(int status) { return status >= 500 || status == 429; }

// The receiver's Retry-After in seconds, if it gave one, else `usual`.
DurationMs WaitFrom(const HttpResponse& response, DurationMs usual) {
  const std::string text = response.Header("retry-after");
  int seconds = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || end.ec != std::errc{} || seconds < 0) return usual;
  return std::clamp(seconds * kSecondMs, usual, kRetryAfterMaxMs);
}

}  // namespace

BodySender::BodySender(const PushOptions& options, Clock& clock)
    : options_(options), clock_(clock), thread_([this] { Work(); }) {}

BodySender::~BodySender() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queue_.clear();
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

Status BodySender::Post(std::string body) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.size() < kQueueMax || error_.has_value(); });
  if (error_.has_value()) return *error_;
  queue_.push_back(std::move(body));
  changed_.notify_all();
  return Ok{};
}

Status BodySender::Finish() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  if (error_.has_value()) return *error_;
  return Ok{};
}

std::uint64_t BodySender::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::uint64_t BodySender::retries() const {
  const std::lock_guard lock(mutex_);
  return retries_;
}

void BodySender::Work() {
  HttpClient client;
  for (;;) {
    std::string body;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !queue_.empty() || closed_; });
      if (queue_.empty()) return;
      body = std::move(queue_.front());
      queue_.pop_front();
      changed_.notify_all();
    }
    Status sent = Send(client, body);
    const std::lock_guard lock(mutex_);
    ++requests_;
    if (sent.ok()) continue;
    error_ = sent.error();
    queue_.clear();
    changed_.notify_all();
    return;
  }
}

Status BodySender::Send(HttpClient& client, const std::string& body) {
  const bool v2 = options_.protocol == ingest::WriteProtocol::kV2;
  HttpRequest request;
  request.method = "POST";
  request.url = options_.url;
  request.timeout_ms = options_.timeout_ms;
  request.headers = {
      {"Content-Type", v2 ? "application/x-protobuf;proto=io.prometheus.write.v2.Request"
                          : "application/x-protobuf"},
      {"Content-Encoding", "snappy"},
      {"User-Agent", "quell-simulate"},
      {"X-Prometheus-Remote-Write-Version", v2 ? "2.0.0" : "0.1.0"}};
  request.body = body;
  DurationMs wait = kFirstWaitMs;
  for (int attempt = 1;; ++attempt) {
    const Result<HttpResponse> response = client.Send(request);
    if (response.ok() && response->status / 100 == 2) return Ok{};
    const std::string what =
        options_.url + (response.ok() ? " answered " + std::to_string(response->status) + ": " +
                                            response->body.substr(0, 300)
                                      : ": " + response.error().message);
    if (response.ok() && !WorthAnotherTry(response->status)) {
      return MakeError(ErrorCode::kInvalidArgument, what);
    }
    if (attempt >= options_.attempts_max) {
      return MakeError(ErrorCode::kUnavailable,
                       what + " (gave up after " + std::to_string(attempt) + " attempts)");
    }
    std::unique_lock lock(mutex_);
    ++retries_;
    const DurationMs pause = response.ok() ? WaitFrom(*response, wait) : wait;
    const DurationMs until = clock_.MonotonicMs() + pause;
    while (clock_.MonotonicMs() < until) {
      if (options_.stop != nullptr && options_.stop->load()) {
        return MakeError(ErrorCode::kUnavailable, what + " (stopped while retrying)");
      }
      clock_.WaitFor(changed_, lock, std::min<DurationMs>(until - clock_.MonotonicMs(), 100));
    }
    wait = std::min(wait * 2, kLongestWaitMs);
  }
}

}  // namespace quell::simulator
