#include "engine/auth/throttle.h"

#include <catch2/catch.hpp>

namespace quell::auth {
namespace {

TEST_CASE("Throttle: a burst of failures, then one each refill", "[auth]") {
  PeerThrottle throttle({3, 1000, 100});
  DurationMs now = 5000;
  for (int i = 0; i < 3; ++i) {
    CHECK(throttle.WaitMs("192.0.2.1", now) == 0);
    throttle.CountFailure("192.0.2.1", now);
  }
  CHECK(throttle.WaitMs("192.0.2.1", now) == 1000);
  CHECK(throttle.WaitMs("192.0.2.1", now + 400) == 600);
  CHECK(throttle.WaitMs("192.0.2.2", now) == 0);
  now += 1000;
  CHECK(throttle.WaitMs("192.0.2.1", now) == 0);
  throttle.CountFailure("192.0.2.1", now);
  CHECK(throttle.WaitMs("192.0.2.1", now) == 1000);
  now += 3000;
  for (int i = 0; i < 3; ++i) {
    CHECK(throttle.WaitMs("192.0.2.1", now) == 0);
    throttle.CountFailure("192.0.2.1", now);
  }
  CHECK(throttle.WaitMs("192.0.2.1", now) > 0);
}

TEST_CASE("Throttle: as many peers as allowed; who failed longest ago is forgotten", "[auth]") {
  PeerThrottle throttle({1, 1000000, 3});
  for (int i = 0; i < 3; ++i) throttle.CountFailure("192.0.2." + std::to_string(i), 10 + i);
  throttle.CountFailure("192.0.2.9", 20);
  CHECK(throttle.size() == 3);
  CHECK(throttle.WaitMs("192.0.2.0", 21) == 0);
  CHECK(throttle.WaitMs("192.0.2.1", 21) > 0);
  CHECK(throttle.WaitMs("192.0.2.9", 21) > 0);
}

TEST_CASE("Throttle: IPv6 peers are one by their network, mapped addresses are IPv4", "[auth]") {
  CHECK(PeerKey("192.0.2.1") == "192.0.2.1");
  CHECK(PeerKey("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(PeerKey("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(PeerKey("2001:db8:1:2::9") == PeerKey("2001:db8:1:2:ffff::1"));
  CHECK(PeerKey("2001:db8:1:3::9") != PeerKey("2001:db8:1:2::9"));
  CHECK(PeerKey("no address") == "no address");
}

}  // namespace
}  // namespace quell::auth
