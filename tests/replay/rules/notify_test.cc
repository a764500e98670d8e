#include "replay/rules/notify.h"

#include <catch2/catch.hpp>

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1786356000000;
constexpr TimeMs kLast = kStart + kDayMs;

FiredAlert Alert(TimeMs start, TimeMs end, const std::string& psp, const std::string& name = "R") {
  FiredAlert alert;
  alert.labels = Labels{{"alertname", name}, {"psp", psp}};
  alert.start = kStart + start;
  alert.end = end == 0 ? 0 : kStart + end;
  return alert;
}

// "start-end(alerts)" in seconds.
std::string Pages(const std::vector<FiredAlert>& alerts, const NotifyOptions& options = {}) {
  std::string out;
  for (const AlertGroup& group : GroupAlerts(alerts, options, kLast)) {
    out += (out.empty() ? "" : " ") + std::to_string((group.start - kStart) / kSecondMs) + '-' +
           (group.end == 0 ? "" : std::to_string((group.end - kStart) / kSecondMs)) + '(' +
           std::to_string(group.alerts.size()) + ')';
  }
  return out;
}

}  // namespace

TEST_CASE("Notify: one page for a group that opens, 30 s after its first alert", "[rules]") {
  CHECK(Pages({Alert(0, 10 * kMinuteMs, "acme")}) == "30-630(1)");
  CHECK(Pages({Alert(0, 10 * kMinuteMs, "acme"), Alert(kMinuteMs, 20 * kMinuteMs, "globex")}) ==
        "30-1230(2)");
}

TEST_CASE("Notify: a group whose alerts are over opens anew", "[rules]") {
  CHECK(Pages({Alert(0, kMinuteMs, "acme"), Alert(kHourMs, kHourMs + kMinuteMs, "acme")}) ==
        "30-330(1) 3630-3930(1)");
}

TEST_CASE("Notify: what fires again before the group is looked at does not page anew", "[rules]") {
  CHECK(Pages({Alert(0, kMinuteMs, "acme"), Alert(4 * kMinuteMs, 7 * kMinuteMs, "acme")}) ==
        "30-630(2)");
}

TEST_CASE("Notify: what is over before the page would go is never sent", "[rules]") {
  CHECK(Pages({Alert(0, 20 * kSecondMs, "acme")}).empty());
  CHECK(Pages({Alert(0, 30 * kSecondMs, "acme")}).empty());
  CHECK(Pages({Alert(0, 31 * kSecondMs, "acme")}) == "30-330(1)");
}

TEST_CASE("Notify: groups are those of group_by", "[rules]") {
  const std::vector<FiredAlert> alerts = {Alert(0, kMinuteMs, "acme"),
                                          Alert(0, kMinuteMs, "globex"),
                                          Alert(0, kMinuteMs, "globex", "S")};
  CHECK(Pages(alerts) == "30-330(2) 30-330(1)");
  NotifyOptions options;
  options.group_by = {"psp"};
  CHECK(Pages(alerts, options) == "30-330(1) 30-330(2)");
  options.group_by = {"..."};
  CHECK(Pages(alerts, options) == "30-330(1) 30-330(1) 30-330(1)");
  options.group_by = {"nowhere"};
  CHECK(Pages(alerts, options) == "30-330(3)");
}

TEST_CASE("Notify: at the end of the history a page stays open, and a later one is left out",
          "[rules]") {
  CHECK(Pages({Alert(kDayMs - kHourMs, 0, "acme")}) == "82830-(1)");
  CHECK(Pages({Alert(kDayMs - 20 * kSecondMs, 0, "acme")}).empty());
}

}  // namespace quell::replay
