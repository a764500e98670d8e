#include "engine/paging/page_book.h"

#include <catch2/catch.hpp>

#include "engine/paging/pagerduty_event.h"
#include "tests/engine/paging/sample_incident.h"

namespace quell::paging {
namespace {

using incidents::Incident;
using incidents::IncidentEvent;
using incidents::IncidentEventKind;
using incidents::Severity;

// An incident whose members are alerts of services, and what the book makes of it.
class World {
 public:
  World() {
    incident_.key = "inc";
    incident_.severity = Severity::kError;
    incident_.paged_at = kTenOClock;
    incident_.summary = "it fails";
    Hit("ledger-api");
  }
  void Hit(const std::string& service, Severity severity = Severity::kError) {
    incidents::Member member;
    member.alert.id = incident_.members.size() + 1;
    member.alert.labels = Labels{{"psp", "acme"}, {"service", service}};
    member.alert.severity = severity;
    member.reason = incidents::PageReason::kDuplicateOf;
    incident_.members.push_back(member);
  }
  Incident& incident() { return incident_; }

  std::vector<Notification> Take(IncidentEventKind kind) {
    now += 90 * kSecondMs;
    return book.Take(IncidentEvent{kind, now, incident_}, "");
  }
  // "trigger inc, ..."
  std::string Taken(IncidentEventKind kind) {
    std::string out;
    for (const Notification& one : Take(kind)) {
      out += (out.empty() ? "" : ", ") + std::string(ActionName(one.action)) + " " + one.key();
    }
    return out;
  }

  PageBook book;
  TimeMs now = kTenOClock;

 private:
  Incident incident_;
};

TEST_CASE("Page book: an update of what was told opens nothing", "[paging]") {
  World world;
  CHECK(world.Taken(IncidentEventKind::kPage) == "trigger inc");
  world.Hit("ledger-api");
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
  CHECK(world.Taken(IncidentEventKind::kResolve) == "resolve inc");
  CHECK(world.book.linked() == 0);
}

TEST_CASE("Page book: a rise in severity opens a linked page, once", "[paging]") {
  World world;
  world.Take(IncidentEventKind::kPage);
  world.now += kPickUpMs;
  world.incident().severity = Severity::kCritical;
  const auto sent = world.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].action == Action::kTrigger);
  CHECK(sent[1].key() == "inc#2");
  CHECK(sent[1].incident_key == "inc");
  CHECK(sent[1].severity == Severity::kCritical);
  CHECK_FALSE(sent[1].called_lately);
  CHECK(LinkedText(sent[1]) == "linked to the page of 10:01:30 UTC: now critical, was error");
  CHECK(UrgencyOf(sent[1]) == store::Urgency::kCriticalTrigger);
  CHECK(FromJson(ToJson(sent[1])).value() == sent[1]);
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
  CHECK(world.Taken(IncidentEventKind::kResolve) == "resolve inc, resolve inc#2");
  CHECK(world.Taken(IncidentEventKind::kResolve) == "resolve inc");
}

TEST_CASE("Page book: a rise soon after an error page is for those who did not get that one",
          "[paging]") {
  World world;
  world.Take(IncidentEventKind::kPage);
  world.incident().severity = Severity::kCritical;
  auto sent = world.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].called_lately);
  CHECK(FromJson(ToJson(sent[1])).value() == sent[1]);
  World mild;
  mild.incident().severity = Severity::kWarning;
  mild.Take(IncidentEventKind::kPage);
  mild.incident().severity = Severity::kError;
  sent = mild.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK_FALSE(sent[1].called_lately);
}

TEST_CASE("Page book: a service that no page covers opens a linked page", "[paging]") {
  World world;
  world.incident().scope = Labels{{"psp", "acme"}, {"service", "ledger-api"}};
  world.Take(IncidentEventKind::kPage);
  world.now += kPickUpMs;
  world.Hit("payouts");
  world.incident().scope = Labels{{"psp", "acme"}};
  const auto sent = world.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].linked_because == "now hits payouts, too");
  CHECK_FALSE(sent[1].called_lately);
  // That page says psp=acme: every service behind it is covered now.
  world.Hit("checkout");
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
}

TEST_CASE("Page book: what is muted, over or for information is no news", "[paging]") {
  World world;
  world.Take(IncidentEventKind::kPage);
  world.Hit("a", Severity::kInfo);
  world.Hit("b");
  world.incident().members.back().alert.ends_at = kTenOClock;
  world.Hit("c");
  world.incident().members.back().reason = incidents::PageReason::kMaintenance;
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
}

TEST_CASE("Page book: a critical alert of a new kind or place calls everybody, at once",
          "[paging]") {
  World world;
  world.incident().members.back().alert.labels.Set("alertname", "failures");
  world.incident().scope = Labels{{"psp", "acme"}, {"service", "ledger-api"}};
  world.Take(IncidentEventKind::kPage);
  // The same kind at the same place grows critical: who was just called sees it.
  world.incident().severity = Severity::kCritical;
  world.incident().members.back().alert.severity = Severity::kCritical;
  auto sent = world.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].called_lately);
  // A critical page excuses other kinds at its place.
  world.Hit("ledger-api", Severity::kCritical);
  world.incident().members.back().alert.labels.Set("alertname", "latency");
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
  // But no other place, be there a service or none.
  world.Hit("", Severity::kCritical);
  world.incident().members.back().alert.labels =
      Labels{{"alertname", "depth"}, {"queue", "settlement"}};
  world.incident().members.back().alert.what = "queue depth";
  sent = world.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK_FALSE(sent[1].called_lately);
  CHECK(sent[1].linked_because == "another critical alert: queue depth");
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
}

TEST_CASE("Page book: another kind at a place that an error page has just told of is excused",
          "[paging]") {
  World world;
  world.incident().members.back().alert.labels.Set("alertname", "failures");
  world.Take(IncidentEventKind::kPage);
  world.Hit("ledger-api", Severity::kCritical);
  world.incident().members.back().alert.labels.Set("alertname", "latency");
  world.incident().severity = Severity::kCritical;
  CHECK(world.Take(IncidentEventKind::kUpdate).at(1).called_lately);
}

TEST_CASE("Page book: a warning's page excuses no critical alert of another kind", "[paging]") {
  World world;
  world.incident().members.back().alert.labels.Set("alertname", "failures");
  world.incident().severity = Severity::kWarning;
  world.Take(IncidentEventKind::kPage);
  world.Hit("ledger-api", Severity::kCritical);
  world.incident().members.back().alert.labels.Set("alertname", "volume");
  world.incident().severity = Severity::kCritical;
  const auto sent = world.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK_FALSE(sent[1].called_lately);
  CHECK(sent[1].linked_because == "now critical, was warning");
}

TEST_CASE("Page book: beyond five pages new critical kinds still call, up to eight", "[paging]") {
  World world;
  world.Take(IncidentEventKind::kPage);
  size_t triggers = 1;
  for (int i = 0; i < 40; ++i) {
    world.Hit("service-" + std::to_string(i), Severity::kCritical);
    triggers += world.Take(IncidentEventKind::kUpdate).size() - 1;
  }
  CHECK(triggers == kPagesMaxCritical);
  ByteWriter out;
  world.book.Save(out);
  ByteReader in(out.bytes());
  PageBook restored;
  REQUIRE(restored.Load(in));
  ByteWriter again;
  restored.Save(again);
  CHECK(again.bytes() == out.bytes());
  CHECK(world.Take(IncidentEventKind::kResolve).size() == kPagesMaxCritical);
}

TEST_CASE("Page book: an incident has five pages at most", "[paging]") {
  World world;
  world.Take(IncidentEventKind::kPage);
  size_t triggers = 1;
  for (int i = 0; i < 20; ++i) {
    world.Hit("service-" + std::to_string(i));
    triggers += world.Take(IncidentEventKind::kUpdate).size() - 1;
  }
  CHECK(triggers == kPagesMax);
  CHECK(world.Take(IncidentEventKind::kResolve).size() == kPagesMax);
}

TEST_CASE("Page book: a merged incident's pages resolve, the elder's stay under their keys",
          "[paging]") {
  World elder;
  World younger;
  younger.incident().key = "young";
  elder.Take(IncidentEventKind::kPage);
  elder.book.Take({IncidentEventKind::kPage, kTenOClock, younger.incident()}, "");
  const auto merged =
      elder.book.Take({IncidentEventKind::kMerge, kTenOClock, younger.incident()}, "");
  REQUIRE(merged.size() == 1);
  CHECK(merged[0].action == Action::kResolve);
  CHECK(merged[0].key() == "young");
  CHECK(elder.Taken(IncidentEventKind::kResolve) == "resolve inc");
}

TEST_CASE("Page book: a snapshot goes on where it was", "[paging]") {
  World world;
  world.incident().scope = Labels{{"psp", "acme"}, {"service", "ledger-api"}};
  world.Take(IncidentEventKind::kPage);
  world.now += kMinuteMs;
  world.incident().severity = Severity::kCritical;
  world.Take(IncidentEventKind::kUpdate);
  ByteWriter out;
  world.book.Save(out);
  ByteReader in(out.bytes());
  World other;
  other.incident() = world.incident();
  REQUIRE(other.book.Load(in));
  CHECK(other.book.linked() == 1);
  other.Hit("payouts");
  CHECK(other.Taken(IncidentEventKind::kUpdate) == "update inc, trigger inc#3");
  for (size_t cut = 0; cut < out.bytes().size(); ++cut) {
    ByteReader torn(std::string_view(out.bytes()).substr(0, cut));
    PageBook book;
    CHECK_FALSE(book.Load(torn));
  }
}

}  // namespace
}  // namespace quell::paging
