#include "engine/incidents/feedback.h"

#include <catch2/catch.hpp>

#include "engine/incidents/feedback_book.h"

namespace quell::incidents {
namespace {

Feedback Said(const std::string& id, const std::string& incident, FeedbackVerdict verdict,
              TimeMs at) {
  Feedback out;
  out.id = id;
  out.at = at;
  out.verdict = verdict;
  out.incident = incident;
  out.by = "Ada \xC3\x96zil";
  out.via = "api";
  out.reason = "nightly \"batch\"\n";
  out.scope = Labels{{"psp", "acme"}};
  out.members = {{7, 0, Labels{{"psp", "acme"}, {"service", "ledger"}}, 1000, 31000}};
  out.members_total = 3;
  return out;
}

}  // namespace

TEST_CASE("feedback reads as it was written") {
  Feedback said = Said("a", "k1", FeedbackVerdict::kMerge, 1'800'000'000'000);
  said.other = "k2";
  said.members.push_back({9, 1, Labels{{"psp", "stark"}}, 2000, 32000});
  const auto read = ParseFeedbackJson(FeedbackJson(said));
  REQUIRE(read.ok());
  CHECK(*read == said);
}

TEST_CASE("what is no feedback is refused by its field") {
  const std::string good = FeedbackJson(Said("a", "k1", FeedbackVerdict::kReal, 1000));
  REQUIRE(ParseFeedbackJson(good).ok());
  const auto without = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const auto read = ParseFeedbackJson(text);
    return read.ok() ? std::string() : read.error().message;
  };
  CHECK(without("\"id\":\"a\"", "\"id\":7") == "feedback: id");
  CHECK(without("\"real\"", "\"fine\"").find("not_an_incident") != std::string::npos);
  CHECK(without("\"psp\":\"acme\"", "\"psp\":[]") == "feedback: scope.psp");
  CHECK(without("\"members\":[", "\"members\":[7,") == "feedback: members");
  CHECK_FALSE(ParseFeedbackJson("[]").ok());
  CHECK_FALSE(ParseFeedbackJson("{").ok());
}

TEST_CASE("of many members those beyond the bound are only counted") {
  Feedback said = Said("a", "k1", FeedbackVerdict::kReal, 1000);
  said.members.assign(30, said.members.front());
  const auto read = ParseFeedbackJson(FeedbackJson(said));
  REQUIRE(read.ok());
  CHECK(read->members.size() == kFeedbackMembersMax);
  CHECK(read->members_total == kFeedbackMembersMax);
}

TEST_CASE("texts are cut between characters") {
  CHECK(CutText("abc", 3) == "abc");
  CHECK(CutText("ab\xC3\x96", 3) == "ab");
  CHECK(CutText("\xC3\x96", 1).empty());
}

TEST_CASE("the same feedback twice counts once") {
  FeedbackBook book;
  CHECK(book.Add(Said("a", "k1", FeedbackVerdict::kReal, 1)));
  CHECK_FALSE(book.Add(Said("a", "k1", FeedbackVerdict::kExpected, 2)));
  REQUIRE(book.latest().size() == 1);
  CHECK(book.latest().front().verdict == FeedbackVerdict::kReal);
}

TEST_CASE("the book keeps the newest") {
  FeedbackBook book;
  for (size_t i = 0; i < kFeedbackMax + 3; ++i) {
    book.Add(Said("id" + std::to_string(i), "k", FeedbackVerdict::kReal, static_cast<TimeMs>(i)));
  }
  CHECK(book.latest().size() == kFeedbackMax);
  CHECK(book.latest().front().id == "id3");
}

TEST_CASE("incidents are counted by their last word, in their own scope, since a time") {
  FeedbackBook book;
  constexpr auto kNot = FeedbackVerdict::kNotAnIncident;
  book.Add(Said("1", "a", kNot, 10));
  book.Add(Said("2", "b", kNot, 20));
  book.Add(Said("3", "b", kNot, 21));
  book.Add(Said("4", "c", kNot, 30));
  book.Add(Said("5", "c", FeedbackVerdict::kReal, 31));
  Feedback elsewhere = Said("6", "d", kNot, 40);
  elsewhere.scope = Labels{{"psp", "stark"}};
  book.Add(elsewhere);
  book.Add(Said("7", "a", FeedbackVerdict::kMerge, 50));
  const Labels acme{{"psp", "acme"}};
  CHECK(book.Incidents(kNot, acme, 0) == 2);
  CHECK(book.Incidents(kNot, acme, 11) == 1);
  CHECK(book.Incidents(FeedbackVerdict::kReal, acme, 0) == 1);
  CHECK(book.Incidents(kNot, Labels{}, 0) == 0);
}

TEST_CASE("feedback is part of the incident engine's state") {
  IncidentEngine engine{IncidentOptions{}};
  CHECK(engine.AddFeedback(Said("a", "k1", FeedbackVerdict::kExpected, 1000)));
  ByteWriter out;
  engine.Save(out);
  ByteReader in(out.bytes());
  auto loaded = IncidentEngine::Load(in, IncidentOptions{});
  REQUIRE(loaded.ok());
  CHECK(loaded->feedback().latest() == engine.feedback().latest());
  CHECK_FALSE(loaded->AddFeedback(Said("a", "k1", FeedbackVerdict::kReal, 2000)));
}

}  // namespace quell::incidents
