#include "engine/export/remote_writer.h"

#include "core/log.h"
#include "ingest/remote_write.h"

namespace quell::exports {

RemoteWriter::RemoteWriter(RemoteWriteOptions options, Collect collect, Clock& clock)
    : options_(std::move(options)),
      collect_(std::move(collect)),
      clock_(clock),
      token_(options_.bearer_token) {}

RemoteWriter::~RemoteWriter() { Stop(); }

void RemoteWriter::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void RemoteWriter::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void RemoteWriter::UseToken(const std::string& bearer_token) {
  const std::lock_guard lock(mutex_);
  token_ = bearer_token;
}

WriterCounters RemoteWriter::counters() const {
  const std::lock_guard lock(mutex_);
  WriterCounters out = counters_;
  out.waiting = queue_.size();
  return out;
}

void RemoteWriter::Loop() {
  HttpClient client;
  DurationMs due = clock_.MonotonicMs();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      while (!stop_ && clock_.MonotonicMs() < due) {
        clock_.WaitFor(changed_, lock, due - clock_.MonotonicMs());
      }
      if (stop_) return;
    }
    due = clock_.MonotonicMs() + options_.interval_ms;
    Enqueue();
    SendQueue(client);
  }
}

void RemoteWriter::Enqueue() {
  const SignalSeriesSet set = collect_();
  if (set.at <= sent_until_) return;  // no step has closed since
  sent_until_ = set.at;
  for (const ingest::SampleBatch& batch : BatchesOf(set, kBatchSamples)) {
    Body body{ingest::EncodeWriteRequest(ingest::WriteProtocol::kV1, batch), batch.samples.size()};
    const std::lock_guard lock(mutex_);
    queued_bytes_ += body.bytes.size();
    queue_.push_back(std::move(body));
    while (queued_bytes_ > kQueueBytesMax && queue_.size() > 1) {
      counters_.dropped += queue_.front().samples;
      queued_bytes_ -= queue_.front().bytes.size();
      queue_.pop_front();
    }
  }
}

// In order, until it is empty or the receiver wants no more for now.
void RemoteWriter::SendQueue(HttpClient& client) {
  for (;;) {
    std::string token;
    Body body;
    {
      const std::lock_guard lock(mutex_);
      if (stop_ || queue_.empty()) return;
      body = queue_.front();
      token = token_;
    }
    const Outcome outcome = Send(client, body.bytes, token);
    const std::lock_guard lock(mutex_);
    if (outcome == Outcome::kAgain) {
      ++counters_.failures;
      return;
    }
    (outcome == Outcome::kSent ? counters_.sent : counters_.refused) += body.samples;
    queued_bytes_ -= body.bytes.size();
    queue_.pop_front();
  }
}

RemoteWriter::Outcome RemoteWriter::Send(HttpClient& client, const std::string& body,
                                         const std::string& token) {
  HttpRequest request;
  request.method = "POST";
  request.url = options_.url;
  request.ca_file = options_.ca_file;
  request.response_bytes_max = 64U << 10U;
  request.headers = {{"Content-Type", "application/x-protobuf"},
                     {"Content-Encoding", "snappy"},
                     {"User-Agent", "quell"},
                     {"X-Prometheus-Remote-Write-Version", "0.1.0"}};
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  request.body = body;
  const Result<HttpResponse> response = client.Send(request);
  if (!response.ok()) {
    LogTrouble(response.error().message);
    return Outcome::kAgain;
  }
  if (response->status / 100 == 2) {
    if (in_trouble_) Log(LogLevel::kInfo, "export: remote write works again", {});
    in_trouble_ = false;
    return Outcome::kSent;
  }
  LogTrouble("answered " + std::to_string(response->status) + ": " + response->body.substr(0, 200));
  const bool again = response->status >= 500 || response->status == 429;
  return again ? Outcome::kAgain : Outcome::kRefused;
}

// Once a trouble: the counters say how often.
void RemoteWriter::LogTrouble(const std::string& what) {
  if (in_trouble_) return;
  in_trouble_ = true;
  Log(LogLevel::kWarn, "export: remote write fails", {{"url", options_.url}, {"reason", what}});
}

}  // namespace quell::exports
