#include "engine/paging/people_book.h"

#include <catch2/catch.hpp>

#include "engine/paging/pagerduty_event.h"

namespace quell::paging {
namespace {

HumanAction Did(HumanActionKind kind, std::uint32_t page, const std::string& by, TimeMs at = 1000) {
  HumanAction out;
  out.kind = kind;
  out.id = by + std::to_string(at);
  out.via = "pagerduty";
  out.at = at;
  out.incident = "inc";
  out.page = page;
  out.by = by;
  out.foreign = "P" + std::to_string(page);
  return out;
}

TEST_CASE("People book: pages are found by PagerDuty's key and, once named, by its id",
          "[paging]") {
  PeopleBook book;
  CHECK_FALSE(book.Find(PagerDutyDedupKey("inc"), ""));
  book.Paged("inc", 1);
  book.Paged("inc", 2);
  CHECK(book.Find(PagerDutyDedupKey("inc"), "") == PageRef{"inc", 1});
  CHECK(book.Find(PagerDutyDedupKey("inc#2"), "") == PageRef{"inc", 2});
  CHECK_FALSE(book.Find("", "P2"));
  book.Apply(Did(HumanActionKind::kDetails, 2, "Ada"));
  CHECK(book.Find("", "P2") == PageRef{"inc", 2});
  CHECK_FALSE(book.Find("", ""));
}

TEST_CASE("People book: who acknowledged first has it, until the last page is given back",
          "[paging]") {
  PeopleBook book;
  book.Paged("inc", 1);
  book.Paged("inc", 2);
  book.Apply(Did(HumanActionKind::kAcknowledge, 2, "Ada", 1000));
  book.Apply(Did(HumanActionKind::kAcknowledge, 1, "Bob", 2000));
  CHECK(book.Of("inc")->acknowledged == Deed{1000, "Ada", "pagerduty"});
  book.Apply(Did(HumanActionKind::kUnacknowledge, 2, "Ada", 3000));
  CHECK(book.Of("inc")->acknowledged.at == 1000);
  book.Apply(Did(HumanActionKind::kUnacknowledge, 1, "Bob", 4000));
  CHECK(book.Of("inc")->acknowledged.at == 0);
}

TEST_CASE("People book: an incident is resolved when all its pages are, until a new one opens",
          "[paging]") {
  PeopleBook book;
  book.Paged("inc", 1);
  book.Paged("inc", 2);
  CHECK(book.Apply(Did(HumanActionKind::kResolve, 2, "Ada", 1000)).resolved.at == 0);
  CHECK(book.Apply(Did(HumanActionKind::kResolve, 1, "Ada", 2000)).resolved.at == 2000);
  CHECK(book.Paged("inc", 3));
  CHECK(book.Of("inc")->resolved.at == 0);
  CHECK(book.Apply(Did(HumanActionKind::kResolve, 3, "Ada", 3000)).resolved.at == 3000);
  CHECK(book.Apply(Did(HumanActionKind::kReopen, 1, "Ada", 4000)).resolved.at == 0);
  HumanAction all = Did(HumanActionKind::kResolve, 0, "Bob", 5000);
  CHECK(book.Apply(all).resolved == Deed{5000, "Bob", "pagerduty"});
}

TEST_CASE("People book: notes are bounded, the newest stay", "[paging]") {
  PeopleBook book;
  for (TimeMs i = 1; i <= 25; ++i) {
    HumanAction note = Did(HumanActionKind::kNote, 1, "Ada", i);
    note.text = "n" + std::to_string(i);
    book.Apply(note);
  }
  const Attention& kept = *book.Of("inc");
  CHECK(kept.notes.size() == kPeopleNotesMax);
  CHECK(kept.notes.front().text == "n6");
  CHECK(kept.notes_total == 25);
  const std::string json = PeopleJson(kept);
  CHECK(json.find(R"("acknowledged":null)") != std::string::npos);
  CHECK(json.find(R"("by":"Ada","via":"pagerduty","text":"n25"}],"notes_total":25)") !=
        std::string::npos);
}

TEST_CASE("People book: an event is known from its first time on, and old ones are forgotten",
          "[paging]") {
  PeopleBook book;
  CHECK(book.FirstTime("a"));
  CHECK_FALSE(book.FirstTime("a"));
  CHECK(book.Knows("a"));
  for (size_t i = 0; i < kPeopleEventsMax; ++i) book.FirstTime(std::to_string(i));
  CHECK_FALSE(book.Knows("a"));
}

TEST_CASE("People book: the incidents last touched stay", "[paging]") {
  PeopleBook book;
  for (size_t i = 0; i < kPeopleIncidentsMax + 5; ++i) {
    book.Paged("i" + std::to_string(i), 1);
    if (i == 100)
      book.Apply([] {
        HumanAction ack = Did(HumanActionKind::kAcknowledge, 1, "Ada");
        ack.incident = "i0";
        return ack;
      }());
  }
  CHECK(book.Of("i0") != nullptr);
  CHECK(book.Of("i1") == nullptr);
  CHECK_FALSE(book.Find(PagerDutyDedupKey("i1"), ""));
  CHECK(book.Find(PagerDutyDedupKey("i7"), ""));
}

TEST_CASE("People book: a restart forgets nothing", "[paging]") {
  PeopleBook book;
  book.Paged("inc", 1);
  book.Paged("inc", 2);
  book.FirstTime("e1");
  HumanAction ack = Did(HumanActionKind::kAcknowledge, 2, "Ada");
  ack.text = "on it";
  ack.assignees = {"Ada", "Bob"};
  ack.priority = "P1";
  ack.url = "https://x";
  book.Apply(ack);
  ByteWriter out;
  book.Save(out);
  PeopleBook loaded;
  ByteReader in(out.bytes());
  REQUIRE(loaded.Load(in));
  CHECK(in.AtEnd());
  CHECK(*loaded.Of("inc") == *book.Of("inc"));
  CHECK(loaded.Knows("e1"));
  CHECK(loaded.Find("", "P2") == PageRef{"inc", 2});
  CHECK(loaded.Find(PagerDutyDedupKey("inc"), "") == PageRef{"inc", 1});
  for (size_t cut = 0; cut < out.bytes().size(); ++cut) {
    PeopleBook part;
    ByteReader less(std::string_view(out.bytes()).substr(0, cut));
    CHECK_FALSE(part.Load(less));
  }
}

}  // namespace
}  // namespace quell::paging
