// Weighted state changes: when flapping begins, how it ends, and that a restart does not matter.
#include "engine/incidents/flap_memory.h"

#include <catch2/catch.hpp>

namespace quell::incidents {
namespace {

constexpr TimeMs kNow = 1000 * kHourMs;

Alert Lane() {
  Alert alert;
  alert.labels = Labels{{"alertname", "ratio"}, {"psp", "acme"}};
  alert.fingerprint = alert.labels.Fingerprint();
  alert.severity = Severity::kError;
  return alert;
}

// Opens `times` episodes `apart`; the latest at the time returned.
TimeMs Open(FlapMemory& flaps, int times, DurationMs apart) {
  TimeMs at = kNow;
  for (int i = 0; i < times; ++i) {
    at = kNow + i * apart;
    flaps.Opened(Lane(), at, true);
    flaps.Forget(at);
  }
  return at;
}

}  // namespace

TEST_CASE("FlapMemory: four episodes in six hours are flapping, three or slower ones are not",
          "[incidents]") {
  for (const auto& [times, apart, flaps_then] :
       std::vector<std::tuple<int, DurationMs, bool>>{{3, kMinuteMs, false},
                                                      {4, kMinuteMs, true},
                                                      {4, 2 * kHourMs, true},
                                                      {4, 2 * kHourMs + kMinuteMs, false},
                                                      {40, 2 * kHourMs + kMinuteMs, false}}) {
    FlapMemory flaps;
    Alert alert = Lane();
    alert.starts_at = Open(flaps, times, apart) + kMinuteMs;
    CAPTURE(times, apart);
    CHECK(flaps.Muted(alert, alert.starts_at) == flaps_then);
    CHECK(flaps.TakeNews().size() == (flaps_then ? 1 : 0));
  }
}

TEST_CASE("FlapMemory: that it begins and that it ends is told once, through restarts",
          "[incidents]") {
  FlapMemory flaps;
  TimeMs now = Open(flaps, 6, 30 * kMinuteMs);
  const auto began = flaps.TakeNews();
  REQUIRE(began.size() == 1);
  CHECK(began[0].began);
  CHECK(began[0].labels == Lane().labels);
  CHECK(began[0].share >= 0.34 - 1e-6);
  CHECK(began[0].muted_until == began[0].at + 2 * kHourMs);
  std::vector<FlapNews> ended;
  for (; now < kNow + 12 * kHourMs; now += kMinuteMs) {
    ByteWriter out;
    flaps.Save(out);
    FlapMemory restored;
    ByteReader in(out.bytes());
    restored.Load(in);
    REQUIRE(in.AtEnd());
    flaps = restored;
    flaps.Forget(now);
    for (FlapNews& news : flaps.TakeNews()) ended.push_back(std::move(news));
  }
  REQUIRE(ended.size() == 1);
  CHECK_FALSE(ended[0].began);
  CHECK(ended[0].labels == Lane().labels);
  CHECK(ended[0].share < 0.2);
  CHECK(ended[0].at > began[0].muted_until);
  ByteWriter out;
  flaps.Save(out);
  CHECK(out.bytes().size() == sizeof(std::uint64_t));  // nothing is kept of it
}

}  // namespace quell::incidents
