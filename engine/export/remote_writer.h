// RemoteWriter: signals' series, written out to a Prometheus by remote write 1.0.
//
// A thread of its own asks for the series every interval and posts them; nobody waits for it. What
// the receiver does not take (unreachable, 5xx, 429) waits in a bounded queue, the oldest makes
// room and is counted; what it refuses (4xx) is counted and gone. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/http_client.h"
#include "engine/export/options.h"
#include "engine/export/signal_series.h"

namespace quell::exports {

struct WriterCounters {
  std::uint64_t sent = 0, refused = 0, dropped = 0;  // samples
  std::uint64_t failures = 0;                        // requests that have to be sent again
  std::uint64_t waiting = 0;                         // requests in the queue
};

class RemoteWriter {
 public:
  using Collect = std::function<SignalSeriesSet()>;
  static constexpr size_t kBatchSamples = 5000;
  static constexpr size_t kQueueBytesMax = 64U << 20U;

  // `collect` is called by the writer's thread and must live until Stop().
  RemoteWriter(RemoteWriteOptions options, Collect collect, Clock& clock);
  ~RemoteWriter();
  RemoteWriter(const RemoteWriter&) = delete;
  RemoteWriter& operator=(const RemoteWriter&) = delete;

  void Start();
  void Stop();  // a request under way is waited for, the queue is not
  void UseToken(const std::string& bearer_token);  // from the next request on
  [[nodiscard]] WriterCounters counters() const;

 private:
  struct Body {
    std::string bytes;
    size_t samples = 0;
  };
  enum class Outcome : std::uint8_t { kSent, kRefused, kAgain };
  void Loop();
  void Enqueue();
  void SendQueue(HttpClient& client);
  Outcome Send(HttpClient& client, const std::string& body, const std::string& token);
  void LogTrouble(const std::string& what);

  const RemoteWriteOptions options_;
  const Collect collect_;
  Clock& clock_;
  TimeMs sent_until_ = 0;    // the writer's thread only
  bool in_trouble_ = false;  // the writer's thread only
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string token_;  // this and below: under mutex_
  std::deque<Body> queue_;
  size_t queued_bytes_ = 0;
  WriterCounters counters_;
  bool stop_ = false;
  std::thread thread_;  // last: it uses all above
};

}  // namespace quell::exports
