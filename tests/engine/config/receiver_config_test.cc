#include <catch2/catch.hpp>
#include <string>

#include "core/file.h"
#include "engine/config/config.h"
#include "tests/support/temp_folder.h"

namespace quell::config {
namespace {

std::string WhyNot(const std::string& text) {
  const auto config = ParseConfig(text, "f");
  return config.ok() ? "" : config.error().message;
}

TEST_CASE("Receivers: each kind reads what it needs", "[config]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("url"), "https://hooks.example.com/hush\n").ok());
  REQUIRE(WriteFileAtomic(folder.File("token"), "hush-hush\n").ok());
  const auto config = ParseConfig(
      "receivers:\n"
      "  - {name: am, type: alertmanager, url: 'http://am:9093'}\n"
      "  - {name: chat, type: slack, url_file: " +
          folder.File("url") +
          "}\n"
          "  - {name: hook, type: webhook, url: 'https://h.example', bearer_token_file: " +
          folder.File("token") + ", requests_per_minute: 7}\n",
      "f");
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  const auto& receivers = config->receivers;
  REQUIRE(receivers.size() == 3);
  CHECK(receivers[0].kind == ReceiverKind::kAlertmanager);
  CHECK(receivers[0].url == "http://am:9093");
  CHECK(receivers[0].per_minute == 0);
  CHECK(receivers[1].kind == ReceiverKind::kSlack);
  CHECK(receivers[1].url == "https://hooks.example.com/hush");
  CHECK(receivers[1].url_is_secret);
  CHECK(receivers[1].per_minute == 60);
  CHECK(receivers[2].bearer_token == "hush-hush");
  CHECK(receivers[2].per_minute == 7);
  CHECK(config->source.find("hush") == std::string::npos);
}

TEST_CASE("Receivers: what is missing or unsafe is refused, secrets unsaid", "[config]") {
  const test::TempFolder folder;
  REQUIRE(WriteFileAtomic(folder.File("url"), "hush.example.com\n").ok());
  CHECK(WhyNot("receivers: [{name: a, type: pigeon}]").find("alertmanager") != std::string::npos);
  CHECK(WhyNot("receivers: [{name: a, type: webhook}]").find("url: is required") !=
        std::string::npos);
  CHECK(WhyNot("receivers: [{name: a, type: slack, url: 'https://x'}]").find("it is a secret") !=
        std::string::npos);
  CHECK(WhyNot("receivers: [{name: a, type: webhook, url: 'https://u:p@x'}]")
            .find("must not hold a name or password") != std::string::npos);
  const std::string bad =
      WhyNot("receivers: [{name: a, type: slack, url_file: " + folder.File("url") + "}]");
  CHECK(bad.find("must begin with http:// or https://") != std::string::npos);
  CHECK(bad.find("hush") == std::string::npos);
}

TEST_CASE("Routes: matchers, severity, hours and names", "[config]") {
  const auto config = ParseConfig(R"(
receivers:
  - {name: log, type: file, path: p}
  - {name: screen, type: console}
routes:
  - match: '{psp="stark",service=~"led.*"}'
    severity: error
    hours: {days: [mon, fri], from: "22:00", to: "06:00", zone: Europe/Berlin}
    receivers: [log]
    continue: true
  - receivers: [screen, log]
)",
                                  "f");
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  REQUIRE(config->routes.size() == 2);
  const paging::Route& first = config->routes[0];
  CHECK(first.match.matchers().size() == 2);
  CHECK(first.severity == incidents::Severity::kError);
  REQUIRE(first.hours.has_value());
  CHECK(first.hours->days == 0x11);
  CHECK(first.hours->from_minute == 22 * 60);
  CHECK(first.zone.name() == "Europe/Berlin");
  CHECK(first.go_on);
  CHECK(config->routes[1].match.matchers().empty());
  CHECK_FALSE(config->routes[1].hours.has_value());
  CHECK(config->routes[1].receivers == std::vector<std::string>{"screen", "log"});
}

TEST_CASE("Routes: mistakes are named with their place", "[config]") {
  CHECK(
      WhyNot("routes: [{receivers: [nobody]}]").find("\"nobody\" is not the name of a receiver") !=
      std::string::npos);
  CHECK(WhyNot("routes: [{match: '{a=\"b\"}'}]").find("at least one receiver") !=
        std::string::npos);
  CHECK(WhyNot("routes: [{match: '{a=', receivers: [console]}]").find("routes[0].match") !=
        std::string::npos);
  CHECK(WhyNot("routes: [{hours: {zone: Mars/Base}, receivers: [console]}]").find("Mars/Base") !=
        std::string::npos);
  CHECK(WhyNot("routes: [{severty: error, receivers: [console]}]").find("severity") !=
        std::string::npos);
  CHECK(WhyNot("paging: {give_up_after: 5s}").find("give_up_after") != std::string::npos);
}

}  // namespace
}  // namespace quell::config
