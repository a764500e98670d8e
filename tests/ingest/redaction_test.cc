#include "ingest/redaction.h"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "core/file.h"
#include "ingest/series_check.h"
#include "ingest/utf8.h"
#include "tests/support/temp_folder.h"

namespace quell::ingest {
namespace {

const std::string kPan = "4111111111111111";
const std::string kIbanText = "GB82WEST12345698765432";
const std::string kMail = "jane@example.com";
const std::string kKey(Redactor::kKeyBytes, 'k');

Redactor Make(RedactionOptions options = {}, const std::string& key = kKey) {
  auto made = Redactor::Create(std::move(options), key);
  INFO((made.ok() ? "" : made.error().message));
  REQUIRE(made.ok());
  return *std::move(made);
}

Labels Applied(const Redactor& redactor, Labels labels) {
  RedactionCounters counters;
  redactor.Apply(labels, counters);
  return labels;
}

bool IsHashed(std::string_view value) {
  return value.size() == 25 && value.substr(0, 9) == "redacted-";
}

TEST_CASE("Redactor: ordinary labels stay as they are", "[redaction]") {
  const Redactor redactor = Make();
  Labels labels{{"__name__", "payments_total"},
                {"psp", "acme"},
                {"le", "0.6400000000000001"},
                {"path", "/v1/cards/1234567890123"},
                {"pod", "pay-7d9f8b6c5d-x2x4z"}};
  const Labels before = labels;
  RedactionCounters counters;
  CHECK_FALSE(redactor.Apply(labels, counters));
  CHECK(labels == before);
  CHECK(counters.Get(RedactedKind::kCardNumber, RedactedHow::kHashed) == 0);
}

TEST_CASE("Redactor: by default values are hashed, equal ones to equal hashes", "[redaction]") {
  const Redactor redactor = Make();
  Labels labels{{"__name__", "x"}, {"a", kPan},  {"b", "/pay/" + kPan},
                {"c", kIbanText},  {"d", kMail}, {"e", kPan}};
  RedactionCounters counters;
  CHECK(redactor.Apply(labels, counters));
  for (const char* name : {"a", "b", "c", "d", "e"}) CHECK(IsHashed(labels.Get(name)));
  CHECK(labels.Get("a") == labels.Get("e"));
  CHECK(labels.Get("a") != labels.Get("b"));
  CHECK(counters.Get(RedactedKind::kCardNumber, RedactedHow::kHashed) == 3);
  CHECK(counters.Get(RedactedKind::kIban, RedactedHow::kHashed) == 1);
  CHECK(counters.Get(RedactedKind::kEmail, RedactedHow::kHashed) == 1);
  // HMAC-SHA-256 of the value under 32 times 'k', by Python's hmac.
  CHECK(labels.Get("a") == "redacted-68461c4333f0d6ff");
  CHECK(Applied(Make({}, std::string(32, 'x')), {{"a", kPan}}).Get("a") != labels.Get("a"));
  const Labels once = labels;
  CHECK_FALSE(redactor.Apply(labels, counters));
  CHECK(labels == once);
}

TEST_CASE("Redactor: each kind has an action of its own, the strictest decides", "[redaction]") {
  RedactionOptions options;
  options.card_numbers = RedactAction::kDrop;
  options.emails = RedactAction::kKeep;
  const Redactor redactor = Make(options);
  Labels labels{{"a", kPan}, {"b", kIbanText}, {"c", kMail}, {"d", kIbanText + ' ' + kPan}};
  RedactionCounters counters;
  CHECK(redactor.Apply(labels, counters));
  CHECK(labels.Get("a").empty());
  CHECK(IsHashed(labels.Get("b")));
  CHECK(labels.Get("c") == kMail);
  CHECK(labels.Get("d").empty());
  CHECK(counters.Get(RedactedKind::kCardNumber, RedactedHow::kDropped) == 2);
}

TEST_CASE("Redactor: the first rule that matches the name decides", "[redaction]") {
  RedactionOptions options;
  options.rules = {{"order", RedactAction::kKeep},
                   {"order.*|customer_id", RedactAction::kHash},
                   {"session", RedactAction::kDrop}};
  const Redactor redactor = Make(options);
  Labels labels{{"order", kPan},  {"order_ref", "x"}, {"customer_id", "17"},
                {"session", "s"}, {"sessions", "s"},  {"my_order", "x"}};
  RedactionCounters counters;
  CHECK(redactor.Apply(labels, counters));
  CHECK(labels.Get("order") == kPan);  // kept, though a card number
  CHECK(IsHashed(labels.Get("order_ref")));
  CHECK(IsHashed(labels.Get("customer_id")));
  CHECK_FALSE(labels.Has("session"));
  CHECK(labels.Get("sessions") == "s");  // rules are for whole names
  CHECK(labels.Get("my_order") == "x");
  CHECK(counters.Get(RedactedKind::kRule, RedactedHow::kHashed) == 2);
  CHECK(counters.Get(RedactedKind::kRule, RedactedHow::kDropped) == 1);
  const Labels once = labels;
  CHECK_FALSE(redactor.Apply(labels, counters));
  CHECK(labels == once);
  // Looking like a hash is no way around.
  CHECK(Applied(redactor, {{"order_ref", "redacted-" + kPan}}).Get("order_ref") !=
        "redacted-" + kPan);
}

TEST_CASE("Redactor: a finding in a label's name drops the label", "[redaction]") {
  Labels labels{{"card_" + kPan, "1"}, {"jane@example.com", "1"}, {"psp", "acme"}};
  RedactionCounters counters;
  CHECK(Make().Apply(labels, counters));
  CHECK(labels == Labels{{"psp", "acme"}});
  CHECK(counters.Get(RedactedKind::kCardNumber, RedactedHow::kDropped) == 1);
  CHECK(counters.Get(RedactedKind::kEmail, RedactedHow::kDropped) == 1);
}

TEST_CASE("Redactor: a rule for a label whose name is a finding does not save the name",
          "[redaction]") {
  RedactionOptions options;
  options.rules = {{"card.*", RedactAction::kHash}, {"kept.*", RedactAction::kKeep}};
  CHECK(Applied(Make(options), {{"card_" + kPan, "1"}, {"kept_" + kPan, "1"}}) ==
        Labels{{"kept_" + kPan, "1"}});
}

TEST_CASE("Redactor: a metric name keeps what says its type, and is never dropped", "[redaction]") {
  RedactionOptions options;
  options.card_numbers = RedactAction::kDrop;
  options.rules = {{".*", RedactAction::kDrop}};
  const std::string name(
      Applied(Make(options), {{"__name__", "pay_" + kPan + "_seconds_bucket"}}).MetricName());
  INFO(name);
  CHECK(name.substr(0, 13) == "pay_redacted_");
  CHECK(name.substr(29) == "_seconds_bucket");
  CHECK(Applied(Make(), {{"__name__", "pay_total"}}).MetricName() == "pay_total");
  options.rules = {{"__name__", RedactAction::kHash}};
  CHECK(Applied(Make(options), {{"__name__", "pay_total"}}).MetricName().substr(0, 9) ==
        "redacted_");
}

TEST_CASE("Redactor: text and values that are no labels", "[redaction]") {
  RedactionOptions options;
  options.emails = RedactAction::kKeep;
  const Redactor redactor = Make(options);
  RedactionCounters counters;
  CHECK(redactor.Text("card " + kPan + " of " + kMail, counters) ==
        "card [redacted card number] of " + kMail);
  CHECK(counters.Get(RedactedKind::kCardNumber, RedactedHow::kMasked) == 1);
  std::string id = "deploy-" + kPan;
  CHECK(redactor.ApplyValue(id, counters));
  CHECK(IsHashed(id));
  CHECK_FALSE(redactor.ApplyValue(id, counters));
}

TEST_CASE("Redactor: options that cannot work are refused", "[redaction]") {
  const auto refused = [](RedactionOptions options, const std::string& key = kKey) {
    const auto made = Redactor::Create(std::move(options), key);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == ErrorCode::kInvalidArgument);
    return made.error().message;
  };
  CHECK_THAT(refused({}, "short"), Catch::Matchers::Contains("5 bytes"));
  RedactionOptions options;
  options.rules = {{"a(", RedactAction::kHash}};
  CHECK_THAT(refused(options), Catch::Matchers::Contains("a("));
  options.rules = {{"__name__", RedactAction::kDrop}};
  CHECK_THAT(refused(options), Catch::Matchers::Contains("__name__"));
  options.rules.assign(RedactionOptions::kRulesMax + 1, {"a", RedactAction::kHash});
  CHECK_THAT(refused(options), Catch::Matchers::Contains("256"));
}

TEST_CASE("Redaction key: made once, private, the same ever after", "[redaction]") {
  const test::TempFolder folder;
  const std::string path = folder.File("redaction.key");
  const auto made = LoadOrMakeRedactionKey(path);
  REQUIRE(made.ok());
  CHECK(made->size() == Redactor::kKeyBytes);
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600);
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  const auto again = LoadOrMakeRedactionKey(path);
  REQUIRE(again.ok());
  CHECK(*again == *made);
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600);
  const auto other = LoadOrMakeRedactionKey(folder.File("other.key"));
  REQUIRE(other.ok());
  CHECK(*other != *made);
}

TEST_CASE("Redaction key: a damaged or unreachable one is an error that names it", "[redaction]") {
  const test::TempFolder folder;
  const std::string path = folder.File("redaction.key");
  REQUIRE(WriteFileAtomic(path, "short").ok());
  const auto damaged = LoadOrMakeRedactionKey(path);
  REQUIRE_FALSE(damaged.ok());
  CHECK(damaged.error().code == ErrorCode::kCorrupt);
  CHECK_THAT(damaged.error().message, Catch::Matchers::Contains(path));
  const auto nowhere = LoadOrMakeRedactionKey(folder.File("no/such/redaction.key"));
  REQUIRE_FALSE(nowhere.ok());
  CHECK_THAT(nowhere.error().message, Catch::Matchers::Contains("no/such"));
}

TEST_CASE("Error texts: what they quote of series is masked before it is cut", "[redaction]") {
  CHECK(Quoted("x" + kPan) == "\"x[redacted card number]\"");
  // Cut in the middle of the number fourteen of its digits would be left.
  const std::string text = std::string(45, '.') + ' ' + kPan;
  CHECK_THAT(Quoted(text, 60), !Catch::Matchers::Contains("4111"));
  const std::string_view name = "card_4111111111111111";
  const std::vector<LabelView> labels = {{name, "1"}, {"a", "jane@example.com"}};
  CHECK(DescribeSeries(labels) ==
        "{card_[redacted card number]=\"1\",a=\"[redacted e-mail "
        "address]\"}");
}

}  // namespace
}  // namespace quell::ingest
