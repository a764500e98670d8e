#include "replay/simulator/push.h"

#include <httplib.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "tests/replay/simulator/collector.h"

namespace quell::simulator {
namespace {

// A receiver that answers what it is told, then 204, and decodes what it accepted.
class Receiver {
 public:
  explicit Receiver(std::vector<int> answers) : answers_(std::move(answers)), decoder_({}) {
    http_.Post("/write", [this](const httplib::Request& request, httplib::Response& response) {
      const std::lock_guard lock(mutex_);
      ++requests;
      if (!answers_.empty()) {
        response.status = answers_.front();
        answers_.erase(answers_.begin());
        response.set_header("Retry-After", "2");
        response.set_content("not now", "text/plain");
        return;
      }
      const auto verdict = ingest::JudgeWriteHeaders(
          request.get_header_value("Content-Type"), request.get_header_value("Content-Encoding"),
          static_cast<std::int64_t>(request.body.size()), {});
      const auto outcome = decoder_.Decode(verdict.protocol, request.body, kForever);
      protocol = verdict.protocol;
      statuses_ok = statuses_ok && verdict.status == 200 && outcome.status == 204;
      samples += outcome.batch.samples.size();
      response.status = 204;
    });
    port_ = http_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { http_.listen_after_bind(); });
    while (!http_.is_running()) std::this_thread::yield();
  }
  ~Receiver() {
    http_.stop();
    thread_.join();
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/write";
  }

  int requests = 0;
  std::uint64_t samples = 0;
  bool statuses_ok = true;
  ingest::WriteProtocol protocol = ingest::WriteProtocol::kV1;

 private:
  std::vector<int> answers_;
  ingest::RemoteWriteDecoder decoder_;
  httplib::Server http_;
  std::mutex mutex_;
  int port_ = 0;
  std::thread thread_;
};

struct Outcome {
  Result<PushSummary> summary;
  size_t expected;
  DurationMs waited_ms;
};

Outcome PushTenMinutes(PushOptions options) {
  const SimulatorOptions platform = QuietOptions();
  auto simulator = Simulator::Create(platform);
  REQUIRE(simulator.ok());
  ManualClock clock(platform.start);
  auto summary = Push(**simulator, platform.start, platform.start + 10 * kMinuteMs, options, clock);
  return {std::move(summary), 20 * (*simulator)->topology().SeriesCount(),
          clock.WallMs() - platform.start};
}

}  // namespace

TEST_CASE("Push: every sample arrives, in either protocol", "[simulator]") {
  for (const auto protocol : {ingest::WriteProtocol::kV1, ingest::WriteProtocol::kV2}) {
    Receiver receiver({});
    PushOptions options;
    options.url = receiver.url();
    options.protocol = protocol;
    const Outcome outcome = PushTenMinutes(options);
    if (!outcome.summary.ok()) FAIL(outcome.summary.error().message);
    CHECK(receiver.statuses_ok);
    CHECK(receiver.protocol == protocol);
    CHECK(receiver.samples == outcome.expected);
    CHECK(outcome.summary->samples == outcome.expected);
    CHECK(outcome.summary->retries == 0);
  }
}

TEST_CASE("Push: 503 and 429 are tried again after Retry-After, and nothing is lost",
          "[simulator]") {
  Receiver receiver({503, 429});
  PushOptions options;
  options.url = receiver.url();
  const Outcome outcome = PushTenMinutes(options);
  if (!outcome.summary.ok()) FAIL(outcome.summary.error().message);
  CHECK(outcome.summary->retries == 2);
  CHECK(receiver.samples == outcome.expected);
  CHECK(outcome.waited_ms >= 4 * kSecondMs);
}

TEST_CASE("Push: a refusal ends the run with the receiver's words", "[simulator]") {
  Receiver receiver({400});
  PushOptions options;
  options.url = receiver.url();
  const Outcome outcome = PushTenMinutes(options);
  REQUIRE_FALSE(outcome.summary.ok());
  CHECK_THAT(outcome.summary.error().message,
             Catch::Contains("400") && Catch::Contains("not now") && Catch::Contains("/write"));
  CHECK(receiver.requests == 1);
}

TEST_CASE("Push: attempts are bounded", "[simulator]") {
  Receiver receiver(std::vector<int>(50, 500));
  PushOptions options;
  options.url = receiver.url();
  options.attempts_max = 4;
  const Outcome outcome = PushTenMinutes(options);
  REQUIRE_FALSE(outcome.summary.ok());
  CHECK(outcome.summary.error().code == ErrorCode::kUnavailable);
  CHECK(receiver.requests == 4);
}

TEST_CASE("Push: at a speed, event time and clock go together", "[simulator]") {
  Receiver receiver({});
  PushOptions options;
  options.url = receiver.url();
  options.speed = 10;
  const Outcome outcome = PushTenMinutes(options);
  REQUIRE(outcome.summary.ok());
  CHECK(outcome.waited_ms == kMinuteMs);
  CHECK(outcome.summary->samples == outcome.expected);
}

TEST_CASE("Push: speeds are read strictly", "[simulator]") {
  CHECK(*ParseSpeed("max") == 0);
  CHECK(*ParseSpeed("60x") == 60);
  CHECK(*ParseSpeed("0.5x") == 0.5);
  for (const char* bad : {"", "x", "60", "-1x", "60xx", "nanx", "fast"}) {
    const auto speed = ParseSpeed(bad);
    CAPTURE(bad);
    REQUIRE_FALSE(speed.ok());
    CHECK_THAT(speed.error().message, Catch::Contains("--speed"));
  }
}

}  // namespace quell::simulator
