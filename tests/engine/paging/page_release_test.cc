// What a page book does once people have resolved or merged what it opened.
#include <catch2/catch.hpp>

#include "engine/paging/page_book.h"
#include "tests/engine/paging/sample_incident.h"

namespace quell::paging {
namespace {

using incidents::Incident;
using incidents::IncidentEventKind;
using incidents::Severity;

incidents::Member Fires(incidents::AlertId id, const std::string& service, Severity severity,
                        std::uint64_t fingerprint) {
  incidents::Member member;
  member.alert.id = id;
  member.alert.fingerprint = fingerprint;
  member.alert.what = "failure ratio";
  member.alert.labels = Labels{{"service", service}};
  member.alert.severity = severity;
  member.reason = incidents::PageReason::kDuplicateOf;
  return member;
}

// One that paged for ledger-api, alert 1.
struct World {
  PageBook book;
  Incident incident;
  TimeMs now = kTenOClock;

  World() {
    incident.key = "inc";
    incident.severity = Severity::kError;
    incident.paged_at = kTenOClock;
    incident.members = {Fires(1, "ledger", Severity::kError, 11)};
    Take(IncidentEventKind::kPage);
  }
  std::vector<Notification> Take(IncidentEventKind kind) {
    now += kMinuteMs;
    return book.Take({kind, now, incident}, "");
  }
  std::string Words(const std::vector<Notification>& sent) {
    std::string out;
    for (const Notification& one : sent) {
      out += (out.empty() ? "" : ", ") + std::string(ActionName(one.action)) + " " + one.key();
    }
    return out;
  }
  std::string Taken(IncidentEventKind kind) { return Words(Take(kind)); }
};

TEST_CASE("Page book: what fires on or again after people resolved it pages nobody", "[paging]") {
  World world;
  world.book.SetReleased("inc", 2);
  world.incident.members.push_back(Fires(2, "ledger", Severity::kError, 11));  // fires again
  world.incident.members.push_back(Fires(3, "ledger", Severity::kWarning, 12));
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
}

TEST_CASE("Page book: an error that is new since people resolved it opens a linked page, at once",
          "[paging]") {
  World world;
  world.book.SetReleased("inc", 2);
  world.incident.members.push_back(Fires(2, "ledger", Severity::kError, 12));
  const auto sent = world.Take(IncidentEventKind::kUpdate);
  CHECK(world.Words(sent) == "update inc, trigger inc#2");
  CHECK(sent.back().linked_because == "new since it was resolved: failure ratio");
  CHECK_FALSE(sent.back().called_lately);
  // Told: it is an open page like any other.
  world.incident.members.push_back(Fires(3, "ledger", Severity::kError, 13));
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
}

TEST_CASE("Page book: without people the same error opens nothing", "[paging]") {
  World world;
  world.incident.members.push_back(Fires(2, "ledger", Severity::kError, 12));
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
  world.book.SetReleased("inc", 2);
  world.book.SetReleased("inc", 0);  // reopened
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
}

TEST_CASE("Page book: a rise and a new service page after a resolve as before", "[paging]") {
  World world;
  world.book.SetReleased("inc", 2);
  world.incident.severity = Severity::kCritical;
  world.incident.members.push_back(Fires(2, "fraud", Severity::kCritical, 12));
  const auto sent = world.Take(IncidentEventKind::kUpdate);
  REQUIRE(sent.size() == 2);
  CHECK(sent[1].linked_because ==
        "now critical, was error; hits fraud, too; new since it was resolved: failure ratio");
}

TEST_CASE("Page book: a resolve by hand goes out once, and no update follows it", "[paging]") {
  World world;
  CHECK(world.Words(world.book.ResolveNow(world.incident, world.now, "")) == "resolve inc");
  world.book.SetReleased("inc", 2);
  CHECK(world.Words(world.book.ResolveNow(world.incident, world.now, "")).empty());
  CHECK(world.Taken(IncidentEventKind::kUpdate).empty());
  world.incident.members.push_back(Fires(2, "ledger", Severity::kError, 12));
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "trigger inc#2");
  CHECK(world.Taken(IncidentEventKind::kResolve) == "resolve inc#2");
  CHECK(world.book.OpenPages("inc") == 0);
}

TEST_CASE("Page book: what people merge counts as told", "[paging]") {
  World world;
  Incident younger;
  younger.key = "young";
  younger.severity = Severity::kCritical;
  younger.members = {Fires(2, "fraud", Severity::kCritical, 12)};
  world.book.Fold("inc", younger);
  world.incident.severity = Severity::kCritical;
  world.incident.members.push_back(younger.members.front());
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "update inc");
}

TEST_CASE("Page book: what people did to pages survives a restart", "[paging]") {
  World world;
  world.book.SetReleased("inc", 2);
  world.book.ResolveNow(world.incident, world.now, "");
  ByteWriter out;
  world.book.Save(out);
  ByteReader in(out.bytes());
  REQUIRE(world.book.Load(in));
  CHECK(in.AtEnd());
  CHECK(world.Taken(IncidentEventKind::kUpdate).empty());
  world.incident.members.push_back(Fires(2, "ledger", Severity::kError, 12));
  CHECK(world.Taken(IncidentEventKind::kUpdate) == "trigger inc#2");
}

TEST_CASE("Page numbers are those of the keys", "[paging]") {
  Notification one;
  one.incident_key = "inc";
  CHECK(PageNumber(one) == 1);
  one.page_key = PageKey("inc", 4);
  CHECK(PageNumber(one) == 4);
}

}  // namespace
}  // namespace quell::paging
