#include "engine/api/change_redaction.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/incidents/change_json.h"

namespace quell::api {
namespace {

const std::string kPan = "4111111111111111";

ingest::Redactor Make(ingest::RedactionOptions options = {}) {
  auto made = ingest::Redactor::Create(std::move(options), std::string(32, 'k'));
  REQUIRE(made.ok());
  return *std::move(made);
}

// The change that is left, which must still parse, without any finding.
incidents::Change Redacted(const std::string& json, const ingest::Redactor& redactor) {
  ingest::RedactionCounters counters;
  const std::string out = RedactChange(json, redactor, counters);
  INFO(out);
  CHECK_FALSE(ingest::NextCardNumber(out));
  CHECK_FALSE(ingest::NextEmail(out));
  const auto change = incidents::ParseChangeJson(out, "test");
  INFO((change.ok() ? "" : change.error().message));
  REQUIRE(change.ok());
  return *change;
}

TEST_CASE("Change redaction: an ordinary change keeps all it says", "[redaction]") {
  const std::string json =
      R"({"id":17,"kind":"deploy","time":1755856800.25,"end":"2025-08-23T00:00:00Z",)"
      R"("note":"v2","service":"pay"})";
  const auto before = incidents::ParseChangeJson(json, "test");
  REQUIRE(before.ok());
  const incidents::Change after = Redacted(json, Make());
  CHECK(after.id == before->id);
  CHECK(after.kind == before->kind);
  CHECK(after.start == before->start);
  CHECK(after.end == before->end);
  CHECK(after.note == before->note);
  CHECK(after.scope == before->scope);
}

TEST_CASE("Change redaction: every part is redacted, however it is written", "[redaction]") {
  const incidents::Change change =
      Redacted(R"({"id":4111111111111111,"kind":"4111 1111 1111 1111","time":1755856800,)"
               R"("note":"card \u0034111111111111111 of jane@example.com",)"
               R"("a":"4111111111111111","card_4111111111111111":"x","psp":"acme"})",
               Make());
  CHECK(change.id.substr(0, 9) == "redacted-");
  CHECK(change.note == "card [redacted card number] of [redacted e-mail address]");
  CHECK(change.scope.Get("psp") == "acme");
  // As a series' label would be.
  Labels labels{{"a", kPan}};
  ingest::RedactionCounters counters;
  Make().Apply(labels, counters);
  CHECK(change.scope.Get("a") == labels.Get("a"));
}

TEST_CASE("Change redaction: what only a raw reader would see is gone as well", "[redaction]") {
  ingest::RedactionCounters counters;
  const std::string out =
      RedactChange(R"({"time":1,"note":"4111111111111111","note":"x"})", Make(), counters);
  CHECK(out == R"({"note":"x","time":1})");
}

TEST_CASE("Change redaction: a dropped label does not widen the scope", "[redaction]") {
  ingest::RedactionOptions options;
  options.rules = {{"session", ingest::RedactAction::kDrop}};
  const incidents::Change change =
      Redacted(R"({"time":1,"session":"s1","jane@example.com":"1"})", Make(options));
  CHECK(change.scope.Get("session") == "redacted");
  CHECK(change.scope.size() == 2);
}

}  // namespace
}  // namespace quell::api
