// The writer against an HTTP server that decodes what it gets.
#include "engine/export/remote_writer.h"

#include <httplib.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "ingest/remote_write.h"

namespace quell::exports {
namespace {

class Receiver {
 public:
  Receiver() {
    server_.Post("/write", [this](const httplib::Request& request, httplib::Response& response) {
      Remember(authorization_, request.get_header_value("Authorization"));
      ++requests;
      response.status = status;
      if (status != 204) return;
      ingest::RemoteWriteDecoder decoder{ingest::RemoteWriteLimits{}};
      const auto outcome = decoder.Decode(ingest::WriteProtocol::kV1, request.body, 1000000);
      for (const auto& series : outcome.batch.series) {
        Remember(last_series_, series.labels.ToString());
      }
      samples += outcome.batch.samples.size();
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Receiver() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/write";
  }

  std::atomic<int> status{204};
  std::atomic<size_t> requests{0}, samples{0};
  [[nodiscard]] std::string authorization() const { return Read(authorization_); }
  [[nodiscard]] std::string last_series() const { return Read(last_series_); }

 private:
  void Remember(std::string& out, std::string text) {
    const std::lock_guard lock(mutex_);
    out = std::move(text);
  }
  std::string Read(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return text;
  }

  mutable std::mutex mutex_;
  std::string authorization_, last_series_;  // under mutex_
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

// A new step at every look.
class Source {
 public:
  SignalSeriesSet operator()() {
    SignalSeries signal;
    signal.labels = SeriesLabels({{"psp", "acme"}}, "payments");
    signal.value = signal.expected = signal.low = signal.high = signal.score = 1;
    return {static_cast<TimeMs>(++steps_) * 1000, {signal}, 0};
  }

 private:
  int steps_ = 0;
};

template <typename Condition>
bool Within5s(Condition condition) {
  SystemClock clock;
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const DurationMs deadline = clock.MonotonicMs() + 5 * kSecondMs;
  while (!condition()) {
    if (clock.MonotonicMs() > deadline) return false;
    clock.WaitFor(never, lock, 5);
  }
  return true;
}

RemoteWriteOptions To(const std::string& url) {
  RemoteWriteOptions options;
  options.url = url;
  options.bearer_token = "secret-of-the-writer";
  options.interval_ms = 20;
  return options;
}

TEST_CASE("Remote write out: every step's series arrive once, with the token", "[export]") {
  Receiver receiver;
  SystemClock clock;
  RemoteWriter writer(To(receiver.url()), Source{}, clock);
  writer.Start();
  CHECK(Within5s([&] { return receiver.samples >= 10; }));
  writer.UseToken("another");
  const size_t before = receiver.requests;
  CHECK(Within5s([&] { return receiver.requests >= before + 2; }));
  writer.Stop();
  const WriterCounters counters = writer.counters();
  CHECK(counters.sent == receiver.samples);
  CHECK(counters.refused + counters.dropped + counters.failures == 0);
  CHECK(receiver.authorization() == "Bearer another");
  CHECK(receiver.last_series() == R"(quell_signal_score{psp="acme",signal="payments"})");
}

TEST_CASE("Remote write out: what cannot be taken waits, what is refused is counted", "[export]") {
  Receiver receiver;
  receiver.status = 503;
  SystemClock clock;
  RemoteWriter writer(To(receiver.url()), Source{}, clock);
  writer.Start();
  CHECK(Within5s([&] { return writer.counters().failures >= 2; }));
  CHECK(writer.counters().waiting >= 2);
  CHECK(writer.counters().sent == 0);
  receiver.status = 204;
  CHECK(Within5s([&] { return writer.counters().sent >= 10; }));
  receiver.status = 400;
  CHECK(Within5s([&] { return writer.counters().refused >= 5; }));
  writer.Stop();
}

TEST_CASE("Remote write out: a step is written once, and an unreachable receiver blocks nobody",
          "[export]") {
  SystemClock clock;
  std::atomic<int> looks{0};
  RemoteWriteOptions options = To("http://127.0.0.1:1/write");
  RemoteWriter writer(
      options,
      [&looks]() -> SignalSeriesSet {
        ++looks;
        SignalSeriesSet set = Source{}();
        set.at = 1000;
        return set;
      },
      clock);
  writer.Start();
  CHECK(Within5s([&] { return looks >= 4; }));
  CHECK(writer.counters().waiting == 1);
  writer.Stop();
}

}  // namespace
}  // namespace quell::exports
