// The answers are Alertmanager's, as measured of version 0.25.
#include "ingest/alerts/alert_parser.h"

#include <catch2/catch.hpp>

#include "ingest/alerts/alert_check.h"
#include "ingest/alerts/alert_codec.h"

namespace quell::ingest {
namespace {

constexpr TimeMs kNow = 1'787'000'000'000;
constexpr DurationMs kTimeout = 5 * kMinuteMs;

struct Outcome {
  int status = 0;
  std::string body;
  std::vector<ReceivedAlert> kept;
};

Outcome Post(const std::string& body, const AlertLimits& limits = {},
             const RedactionOptions& redaction = {}) {
  const Redactor redactor = *Redactor::Create(redaction, std::string(Redactor::kKeyBytes, 'k'));
  RedactionCounters redacted;
  AlertParser parser(limits);
  ApiAnswer answer = parser.Parse(body);
  if (answer.ok()) answer = CheckRequired(parser.alerts());
  if (!answer.ok()) return {answer.status, answer.body, {}};
  const CheckedAlerts checked =
      CheckAlerts(parser.alerts(), kNow, kTimeout, limits, redactor, redacted);
  Outcome out{checked.answer.status, checked.answer.body, {}};
  for (const ReceivedAlert* alert : checked.valid) out.kept.push_back(*alert);
  return out;
}

Outcome PostLabels(const std::string& labels) { return Post(R"([{"labels":)" + labels + "}]"); }

TEST_CASE("Alert body: what Prometheus sends is read whole", "[alerts]") {
  const Outcome out = Post(R"([{"labels":{"alertname":"HighLatency","service":"ledger"},
      "annotations":{"summary":"p99 \u00b5 2.1s"},"startsAt":"2026-08-22T10:00:00.000Z",
      "endsAt":"2026-08-22T10:04:00.000Z","generatorURL":"http://prom/graph?g0.expr=up",
      "unknown":{"deep":[1,{"labels":{"a":"b"}},null]}}])");
  REQUIRE(out.status == 200);
  CHECK(out.body.empty());
  REQUIRE(Post("[]").status == 200);
}

TEST_CASE("Alert body: fields arrive as posted", "[alerts]") {
  const Outcome out = Post(R"([{"Labels":{"b":"2","alertname":"A","gone":"","nil":null},
      "annotations":{"summary":"s"},"startsAt":"2026-08-22T10:00:00.123456789Z",
      "endsAt":"2026-08-22T12:04:00.5+02:00","generatorURL":"/graph"}])");
  REQUIRE(out.status == 200);
  REQUIRE(out.kept.size() == 1);
  CHECK(out.kept[0].labels == std::vector<Label>{{"alertname", "A"}, {"b", "2"}});
  CHECK(out.kept[0].annotations == std::vector<Label>{{"summary", "s"}});
  CHECK(FormatRfc3339(out.kept[0].starts_at) == "2026-08-22T10:00:00.123Z");
  CHECK(FormatRfc3339(out.kept[0].ends_at) == "2026-08-22T10:04:00.500Z");
  CHECK_FALSE(out.kept[0].timeout);
  CHECK(out.kept[0].generator_url == "/graph");
}

TEST_CASE("Alert body: missing times become now, and an end that is a guess", "[alerts]") {
  // Year 1 is how Go's programs write "not given".
  for (const std::string ends :
       {"", R"(,"endsAt":null)", R"(,"endsAt":"0001-01-01T00:00:00.000Z")"}) {
    const Outcome out = Post(R"([{"labels":{"alertname":"A"})" + ends + "}]");
    REQUIRE(out.kept.size() == 1);
    CHECK(out.kept[0].starts_at == kNow);
    CHECK(out.kept[0].ends_at == kNow + kTimeout);
    CHECK(out.kept[0].timeout);
  }
  const Outcome ended = Post(R"([{"labels":{"a":"b"},"endsAt":"2026-08-22T10:00:00Z"}])");
  REQUIRE(ended.kept.size() == 1);
  CHECK(ended.kept[0].starts_at == ended.kept[0].ends_at);
  CHECK_FALSE(ended.kept[0].timeout);
}

TEST_CASE("Alert body: what is no list of alerts is answered 400 with a code", "[alerts]") {
  for (const std::string body :
       {"{}", "not json", "[1]", "[null]", R"(["x"])", "[[]]", R"([{"labels":1}])",
        R"([{"labels":{"a":1}}])", R"([{"labels":{"a":{}}}])", R"([{"labels":["a"]}])",
        R"([{"labels":{"a":"b"},"startsAt":"yesterday"}])",
        R"([{"labels":{"a":"b"},"startsAt":7}])", R"([{"labels":{"a":"b"}}] x)",
        R"([{"labels":{"a":"b"})"}) {
    INFO(body);
    const Outcome out = Post(body);
    CHECK(out.status == 400);
    CHECK(out.body.rfind(R"({"code":400,"message":"parsing alerts body from \"\" failed, because )",
                         0) == 0);
    CHECK(out.kept.empty());
  }
}

TEST_CASE("Alert body: required and checked fields are answered as Alertmanager does", "[alerts]") {
  const Outcome none = Post(R"([{"labels":{"a":"b"}},{"annotations":{}}])");
  CHECK(none.status == 422);
  CHECK(none.body == R"({"code":602,"message":"1.labels in body is required"})");
  CHECK(none.kept.empty());
  const Outcome url = Post(R"([{"labels":{"a":"b"},"generatorURL":"no uri"}])");
  CHECK(url.status == 422);
  CHECK(url.body.rfind(R"({"code":601,"message":"0.generatorURL in body must be of type uri: )",
                       0) == 0);
  CHECK(Post("").status == 422);
}

TEST_CASE("Alert body: invalid alerts are answered 400 as text", "[alerts]") {
  const auto check = [](const std::string& labels, const std::string& body) {
    INFO(labels);
    const Outcome out = PostLabels(labels);
    CHECK(out.status == 400);
    CHECK(out.body == body + "\n");
    CHECK(out.kept.empty());
  };
  check("{}", R"("at least one label pair required")");
  check(R"({"a":""})", R"("at least one label pair required")");
  check(R"({"0bad-name":"x"})", R"("invalid label set: invalid name \"0bad-name\"")");
  check(R"({"a b":"x"})", R"("invalid label set: invalid name \"a b\"")");
  const Outcome swapped = Post(
      R"([{"labels":{"a":"b"},"startsAt":"2026-08-22T10:00:00Z","endsAt":"2026-08-22T09:00:00Z"}])");
  CHECK(swapped.status == 400);
  CHECK(swapped.body == "\"start time must be before end time\"\n");
}

TEST_CASE("Alert body: the valid alerts of a mixed batch are kept", "[alerts]") {
  const Outcome out =
      Post(R"([{"labels":{"0":"x"}},{"labels":{"alertname":"GoodInMixedBatch"}},{"labels":{}}])");
  CHECK(out.status == 400);
  CHECK(out.body ==
        "\"invalid label set: invalid name \\\"0\\\"; at least one label pair required\"\n");
  REQUIRE(out.kept.size() == 1);
  CHECK(out.kept[0].labels[0].value == "GoodInMixedBatch");
}

TEST_CASE("Alert body: bytes that are no characters are replaced, not refused", "[alerts]") {
  const Outcome out = PostLabels("{\"a\":\"x\xFFy\xC3\"}");
  REQUIRE(out.kept.size() == 1);
  CHECK(out.kept[0].labels[0].value == "x\xEF\xBF\xBDy\xEF\xBF\xBD");
}

TEST_CASE("Alert body: what is too large is refused, the rest kept", "[alerts]") {
  AlertLimits limits;
  limits.labels_max = 2;
  limits.value_bytes_max = 10;
  limits.alerts_max = 3;
  const Outcome out = Post(R"([{"labels":{"a":"1","b":"2","c":"3","d":"4"}},
      {"labels":{"a":"12345678901"}},{"labels":{"a":"1234567890"}}])",
                           limits);
  CHECK(out.status == 400);
  CHECK(out.body.find("alerts.labels_max") != std::string::npos);
  CHECK(out.body.find("alerts.value_bytes_max") != std::string::npos);
  REQUIRE(out.kept.size() == 1);
  const Outcome many = Post(R"([{"labels":{"a":"1"}},{"labels":{"a":"2"}},{"labels":{"a":"3"}},
      {"labels":{"a":"4"}}])",
                            limits);
  CHECK(many.status == 413);
  CHECK(many.kept.empty());
}

TEST_CASE("Alert body: a parser used again forgets what it read", "[alerts]") {
  AlertParser parser(AlertLimits{});
  REQUIRE(parser
              .Parse(R"([{"labels":{"a":"1","b":"2"},"annotations":{"s":"t"},
      "generatorURL":"/x","endsAt":"2026-08-22T10:00:00Z"},{"labels":{"c":"3"}}])")
              .ok());
  REQUIRE(parser.Parse(R"([{"labels":{"z":"9"}}])").ok());
  REQUIRE(parser.alerts().size() == 1);
  const ReceivedAlert& alert = parser.alerts()[0];
  CHECK(alert.labels == std::vector<Label>{{"z", "9"}});
  CHECK(alert.annotations.empty());
  CHECK(alert.generator_url.empty());
  CHECK(alert.ends_at == 0);
}

TEST_CASE("Alert body: card numbers reach nobody", "[alerts]") {
  const Outcome out = Post(R"([{"labels":{"alertname":"A","card":"4111111111111111"},
      "annotations":{"summary":"card 4111111111111111 fails"},
      "generatorURL":"http://p/graph?card=4111111111111111"}])");
  REQUIRE(out.kept.size() == 1);
  CHECK(out.kept[0].labels[1].value.rfind("redacted-", 0) == 0);
  CHECK(out.kept[0].annotations[0].value.find("4111") == std::string::npos);
  CHECK(out.kept[0].generator_url.find("4111") == std::string::npos);
}

TEST_CASE("Alert record: what is written is read again", "[alerts]") {
  const Outcome out = Post(R"([{"labels":{"alertname":"Min"}},
      {"labels":{"severity":"critical","alertname":"HighLatency","service":"ledger","cluster":"c1"},
       "annotations":{"summary":"s","runbook":"r"},"generatorURL":"/g"}])");
  REQUIRE(out.kept.size() == 2);
  std::string payload;
  EncodeAlerts(std::vector<const ReceivedAlert*>{&out.kept[0], &out.kept[1]}, payload);
  const auto rows = DecodeAlerts(payload);
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 2);
  // Fingerprints of a live Alertmanager.
  CHECK((*rows)[0].fingerprint == 0x5bdac2709f50992aULL);
  CHECK((*rows)[1].fingerprint == 0xf34d5495bdc3c2c4ULL);
  const AlertText text = DecodeAlertText((*rows)[1].text);
  CHECK(text.labels.Fingerprint() == (*rows)[1].fingerprint);
  CHECK(text.labels.Get("service") == "ledger");
  CHECK(text.annotations.Get("runbook") == "r");
  CHECK(text.generator_url == "/g");
  CHECK((*rows)[1].starts_at == kNow);
  CHECK((*rows)[1].timeout);
  // Damage is an error, never a crash.
  for (size_t cut = 0; cut < payload.size(); ++cut) {
    CHECK_FALSE(DecodeAlerts(std::string_view(payload).substr(0, cut)).ok());
  }
  CHECK(DecodeAlertText("\x05").labels.empty());
}

TEST_CASE("Alert body: media types other than JSON are refused", "[alerts]") {
  CHECK(CheckMediaType("application/json").ok());
  CHECK(CheckMediaType("Application/JSON; charset=utf-8").ok());
  const ApiAnswer text = CheckMediaType("text/plain");
  CHECK(text.status == 415);
  CHECK(
      text.body ==
      R"({"code":415,"message":"unsupported media type \"text/plain\", only [application/json] are allowed"})");
  CHECK(CheckMediaType("").status == 415);
}

}  // namespace
}  // namespace quell::ingest
