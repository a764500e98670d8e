#include "engine/auth/listening.h"

#include <catch2/catch.hpp>

#include "tests/engine/auth/identities.h"

namespace quell::auth {
namespace {

TEST_CASE("Listening: loopback is 127/8, ::1 and localhost", "[auth]") {
  for (const char* host :
       {"127.0.0.1", "127.8.9.1", "::1", "localhost", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"}) {
    INFO(host);
    CHECK(IsLoopback(host));
  }
  for (const char* host : {"", "0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "example.com", "::2",
                           "127.0.0.1.example.com", "localhost.example.com", "::ffff:10.0.0.1"}) {
    INFO(host);
    CHECK_FALSE(IsLoopback(host));
  }
}

TEST_CASE("Listening: beyond loopback somebody has to be asked, or it has to be said", "[auth]") {
  const Options nobody;
  const Options everybody = test::Everybody();
  Options only_anonymous;
  only_anonymous.configured = true;
  only_anonymous.anonymous = {Role::kRead};
  Options wide_open = everybody;
  wide_open.anonymous = {Role::kAdmin};
  const struct {
    const char* host;
    const Options& options;
    Transport transport;
    bool allow;
    Exposure expected;
  } rows[] = {
      {"127.0.0.1", nobody, Transport::kPlain, false, Exposure::kFine},
      {"127.0.0.1", everybody, Transport::kPlain, false, Exposure::kFine},
      {"0.0.0.0", nobody, Transport::kPlain, false, Exposure::kUnauthenticated},
      {"0.0.0.0", nobody, Transport::kTls, false, Exposure::kUnauthenticated},
      {"0.0.0.0", nobody, Transport::kPlain, true, Exposure::kAllowed},
      {"0.0.0.0", only_anonymous, Transport::kTls, false, Exposure::kUnauthenticated},
      {"0.0.0.0", wide_open, Transport::kTls, false, Exposure::kUnauthenticated},
      {"0.0.0.0", everybody, Transport::kPlain, false, Exposure::kCleartext},
      {"0.0.0.0", everybody, Transport::kPlain, true, Exposure::kCleartext},
      {"0.0.0.0", everybody, Transport::kTls, false, Exposure::kFine},
      {"0.0.0.0", nobody, Transport::kMutualTls, false, Exposure::kFine},
  };
  for (const auto& row : rows) {
    INFO(row.host << ' ' << row.options.HasIdentities() << static_cast<int>(row.transport)
                  << row.allow);
    CHECK(JudgeExposure(row.host, row.options, row.transport, row.allow) == row.expected);
  }
}

}  // namespace
}  // namespace quell::auth
