#include "engine/paging/route.h"

#include <catch2/catch.hpp>

#include "tests/engine/paging/delivery_world.h"

namespace quell::paging {
namespace {

using incidents::Severity;

Route To(std::vector<std::string> receivers, const std::string& match = "") {
  Route route;
  route.receivers = std::move(receivers);
  if (!match.empty()) route.match = Selector::Parse(match).value();
  return route;
}

RouteSubject Subject(Severity severity = Severity::kError) {
  RouteSubject subject;
  subject.values = {{"psp", {"acme"}}, {"service", {"ledger-api", "payouts"}}};
  subject.severity = severity;
  subject.at = kTenOClock;  // a Saturday
  return subject;
}

TEST_CASE("Route: the first that matches decides, without one all receivers", "[paging]") {
  const std::vector<Route> routes = {To({"a"}, R"({psp="stark"})"), To({"b"}, R"({psp="acme"})"),
                                     To({"c"})};
  const RouteChoice choice = ChooseRoute(routes, Subject());
  CHECK(choice.receivers == Strings{"b"});
  CHECK(choice.why == Strings{R"(routes[0] does not match: psp is acme, wanted psp="stark")",
                              "routes[1] matches: to b"});
  CHECK(ChooseRoute({}, Subject()).Includes("anybody"));
  const RouteChoice none = ChooseRoute({routes[0]}, Subject());
  CHECK(none.Includes("anybody"));
  CHECK(none.why.back() == "no route matches: to every receiver");
}

TEST_CASE("Route: one of several values is enough, a negative must hold for all", "[paging]") {
  const auto goes = [](const std::string& match) {
    return !ChooseRoute({To({"a"}, match)}, Subject()).all;
  };
  CHECK(goes(R"({service="payouts"})"));
  CHECK(goes(R"({service=~"led.*"})"));
  CHECK_FALSE(goes(R"({service!="payouts"})"));
  CHECK_FALSE(goes(R"({service!~"led.*"})"));
  CHECK(goes(R"({service!="checkout"})"));
  CHECK_FALSE(goes(R"({region="eu"})"));
  CHECK(goes(R"({region!="eu"})"));
}

TEST_CASE("Route: severity and hours are asked for, too", "[paging]") {
  Route critical = To({"a"});
  critical.severity = Severity::kCritical;
  CHECK(ChooseRoute({critical}, Subject()).all);
  CHECK_FALSE(ChooseRoute({critical}, Subject(Severity::kCritical)).all);
  Route weekdays = To({"a"});
  weekdays.hours.emplace().days = 0x1F;
  const RouteChoice out = ChooseRoute({weekdays}, Subject());
  CHECK(out.why.front() ==
        "routes[0] does not match: 2026-08-22T10:00:00.000Z is outside its hours (UTC)");
  // 10:00 UTC is noon in Berlin.
  Route noon = To({"a"});
  noon.hours.emplace().from_minute = 12 * 60;
  CHECK(ChooseRoute({noon}, Subject()).all);
  noon.zone = TimeZone::Find("Europe/Berlin").value();
  CHECK_FALSE(ChooseRoute({noon}, Subject()).all);
}

TEST_CASE("Route: one that goes on lets later ones add", "[paging]") {
  Route first = To({"a", "b"});
  first.go_on = true;
  const RouteChoice choice = ChooseRoute({first, To({"b", "c"}), To({"d"})}, Subject());
  CHECK(choice.receivers == Strings{"a", "b", "c"});
}

TEST_CASE("Route: a notification shows its scope's and its members' labels", "[paging]") {
  auto event = SampleEvent(incidents::IncidentEventKind::kPage);
  const Notification n = MakeNotification(Action::kTrigger, event, "");
  const RouteSubject subject = SubjectOf(FromJson(ToJson(n)).value());
  CHECK(subject.values.at("psp") == Strings{"acme"});
  CHECK(subject.values.at("service") == Strings{"payments-api", "ledger-api"});
  CHECK(subject.severity == Severity::kCritical);
}

TEST_CASE("Route: a page goes where it leads, and its resolve follows it", "[paging]") {
  FakeReceiver calls("calls");
  FakeReceiver chat("chat");
  World world;
  Route critical = To({"calls"});
  critical.severity = Severity::kCritical;
  world.options.routes = {critical, To({"chat"})};
  world.Use({&calls, &chat});
  world.Post(Action::kTrigger, "a", Severity::kCritical);
  world.Post(Action::kTrigger, "b", Severity::kError);
  world.RunOut();
  // Even where the routes have changed in between.
  world.options.routes = {To({"chat"})};
  world.Reopen();
  for (const char* key : {"a", "b"}) {
    world.Post(Action::kUpdate, key);
    world.Post(Action::kResolve, key);
  }
  world.RunOut();
  CHECK(calls.attempts == Strings{"trigger a", "update a", "resolve a"});
  CHECK(chat.attempts == Strings{"trigger b", "update b", "resolve b"});
}

TEST_CASE("Route: a rise soon after the first page reaches who did not get that", "[paging]") {
  FakeReceiver calls("calls");
  FakeReceiver chat("chat");
  World world;
  Route critical = To({"calls", "chat"});
  critical.severity = Severity::kCritical;
  world.options.routes = {critical, To({"chat"})};
  world.Use({&calls, &chat});
  world.Post(Action::kTrigger, "a", Severity::kError);
  world.RunOut();
  Notification risen = chat.given.at(0);
  risen.page_key = "a#2";
  risen.severity = Severity::kCritical;
  risen.linked_because = "now critical, was error";
  risen.called_lately = true;
  world.PostBody("a#2", ToJson(risen), UrgencyOf(risen));
  risen.action = Action::kResolve;
  world.PostBody("a#2", ToJson(risen), UrgencyOf(risen));
  world.RunOut();
  CHECK(calls.attempts == Strings{"trigger a", "resolve a"});
  CHECK(calls.given.at(0).key() == "a#2");
  CHECK(chat.attempts == Strings{"trigger a"});
}

}  // namespace
}  // namespace quell::paging
