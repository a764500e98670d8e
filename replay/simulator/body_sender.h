// BodySender: posts remote-write bodies in order on a thread of its own, a bounded few ahead.
//
// Thread-safe between one producer and its own thread. mutex_ guards queue_, error_, closed_ and
// the counters; it is never held during a request.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/http_client.h"
#include "replay/simulator/push.h"

namespace quell::simulator {

class BodySender {
 public:
  BodySender(const PushOptions& options, Clock& clock);
  ~BodySender();
  BodySender(const BodySender&) = delete;
  BodySender& operator=(const BodySender&) = delete;

  // Waits while the queue is full. The first failed request's error comes back from here.
  Status Post(std::string body);
  // Waits until all is sent.
  Status Finish();
  [[nodiscard]] std::uint64_t requests() const;
  [[nodiscard]] std::uint64_t retries() const;

 private:
  static constexpr size_t kQueueMax = 4;
  void Work();
  Status Send(HttpClient& client, const std::string& body);

  const PushOptions options_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;
  std::optional<Error> error_;
  bool closed_ = false;
  std::uint64_t requests_ = 0, retries_ = 0;
  std::thread thread_;  // last: it uses all above
};

}  // namespace quell::simulator
