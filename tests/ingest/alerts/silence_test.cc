// The answers are Alertmanager's.
#include "ingest/alerts/silence.h"

#include <catch2/catch.hpp>

#include "ingest/alerts/filter.h"

namespace quell::ingest {
namespace {

constexpr TimeMs kNow = 1'787'000'000'000;

std::string Body(const std::string& matchers, const std::string& more = "") {
  return R"({"matchers":)" + matchers + R"(,"startsAt":"2026-08-22T10:00:00.000Z",)" +
         R"("endsAt":"2026-08-22T12:00:00.000Z","createdBy":"sre","comment":"deploy")" + more + "}";
}

const std::string kOne = R"([{"name":"alertname","value":"High.*","isRegex":true}])";

Silence Made(const std::string& id = "", TimeMs starts = kNow, TimeMs ends = kNow + kHourMs) {
  Silence silence;
  silence.id = id;
  silence.matchers = {{"alertname", "A", false, true}};
  silence.starts_at = starts;
  silence.ends_at = ends;
  return silence;
}

TEST_CASE("Silence body: what amtool sends is read whole", "[alerts]") {
  Silence silence;
  REQUIRE(ParseSilence(Body(R"([{"name":"alertname","value":"High.*","isRegex":true},
      {"name":"psp","value":"acme","isRegex":false,"isEqual":false}])",
                            R"(,"id":"x")"),
                       silence)
              .ok());
  CHECK(silence.id == "x");
  REQUIRE(silence.matchers.size() == 2);
  CHECK(silence.matchers[0] == SilenceMatcher{"alertname", "High.*", true, true});
  CHECK(silence.matchers[1] == SilenceMatcher{"psp", "acme", false, false});
  CHECK(FormatRfc3339(silence.ends_at) == "2026-08-22T12:00:00.000Z");
  CHECK(silence.created_by == "sre");
  CHECK(silence.comment == "deploy");
}

TEST_CASE("Silence body: what is wrong with it is answered as Alertmanager does", "[alerts]") {
  const struct {
    std::string body;
    int status;
    std::string text;
  } rows[] = {
      {"", 422, R"("code":602)"},
      {"[]", 400, R"("code":400,"message":"parsing silence body from \"\" failed)"},
      {"x", 400, R"("code":400)"},
      {"{}", 422, R"({"code":602,"message":"comment in body is required"})"},
      {Body("[]"), 422,
       R"({"code":612,"message":"matchers in body should have at least 1 items"})"},
      {Body("null"), 422, R"({"code":602,"message":"matchers in body is required"})"},
      {Body(R"([{"name":"a","value":"b"}])"), 422,
       R"({"code":602,"message":"matchers.0.isRegex in body is required"})"},
      {Body(R"([{"name":"a","isRegex":false}])"), 422, "matchers.0.value in body is required"},
      {Body(R"([{"name":1,"value":"b","isRegex":false}])"), 400, "name is no string"},
  };
  for (const auto& row : rows) {
    INFO(row.body);
    Silence silence;
    const ApiAnswer answer = ParseSilence(row.body, silence);
    CHECK(answer.status == row.status);
    CHECK(answer.body.find(row.text) != std::string::npos);
  }
}

TEST_CASE("Silence: a new one begins now at the earliest", "[alerts]") {
  const SilencePlan plan = PlanSilence(Made("", kNow - kHourMs), {}, "id-1", kNow);
  REQUIRE(plan.answer.ok());
  CHECK(plan.answer.body == "{\"silenceID\":\"id-1\"}\n");
  REQUIRE(plan.write.size() == 1);
  CHECK(plan.write[0].id == "id-1");
  CHECK(plan.write[0].starts_at == kNow);
  CHECK(StateOf(plan.write[0], kNow) == SilenceState::kActive);
  CHECK(StateOf(plan.write[0], kNow + kHourMs) == SilenceState::kExpired);
}

TEST_CASE("Silence: what cannot be is refused", "[alerts]") {
  const auto check = [](const Silence& silence, int status, const std::string& text) {
    const SilencePlan plan = PlanSilence(silence, {}, "id", kNow);
    CHECK(plan.answer.status == status);
    CHECK(plan.answer.body == "\"" + text + "\"\n");
    CHECK(plan.write.empty());
  };
  check(Made("", kNow - 2, kNow - 1), 400,
        "Failed to create silence: end time can't be in the past");
  check(Made("", kNow + 2, kNow + 2), 400,
        "Failed to create silence: start time must be before end time");
  check(Made("unknown"), 404, "silence not found");
  Silence all = Made();
  all.matchers = {{"a", ".*", true, true}, {"b", "x", false, false}};
  check(all, 400, "invalid silence: at least one matcher must not match the empty string");
  Silence broken = Made();
  broken.matchers = {{"a", "(", true, true}};
  CHECK(PlanSilence(broken, {}, "id", kNow).answer.status == 400);
}

TEST_CASE("Silence: an active one is moved; other matchers make another and end it", "[alerts]") {
  const Silence former = Made("old", kNow - kMinuteMs);
  const SilencePlan moved =
      PlanSilence(Made("old", kNow - kMinuteMs, kNow + 9 * kHourMs), former, "new", kNow);
  REQUIRE(moved.write.size() == 1);
  CHECK(moved.write[0].id == "old");
  CHECK(moved.write[0].starts_at == kNow - kMinuteMs);
  CHECK(moved.write[0].ends_at == kNow + 9 * kHourMs);

  Silence other = Made("old", kNow - kMinuteMs);
  other.matchers[0].value = "B";
  const SilencePlan edited = PlanSilence(other, former, "new", kNow);
  REQUIRE(edited.write.size() == 2);
  CHECK(edited.write[0].id == "old");
  CHECK(StateOf(edited.write[0], kNow) == SilenceState::kExpired);
  CHECK(edited.write[1].id == "new");

  // One that is over is made anew.
  const Silence over = Made("old", kNow - 2 * kHourMs, kNow - kHourMs);
  const SilencePlan again = PlanSilence(Made("old"), over, "new", kNow);
  REQUIRE(again.write.size() == 1);
  CHECK(again.write[0].id == "new");
}

TEST_CASE("Silence: ended early it is over, and only once", "[alerts]") {
  const auto active = Ended(Made("a", kNow - 1), kNow);
  REQUIRE(active);
  CHECK(StateOf(*active, kNow) == SilenceState::kExpired);
  CHECK_FALSE(Ended(*active, kNow));
  const auto pending = Ended(Made("a", kNow + kMinuteMs), kNow);
  REQUIRE(pending);
  CHECK(pending->starts_at == kNow);
  CHECK(StateOf(*pending, kNow + 2 * kMinuteMs) == SilenceState::kExpired);
}

TEST_CASE("Silence: its record is read again, damage is an error", "[alerts]") {
  Silence silence = Made("id");
  silence.matchers.push_back({"b", "c.*", true, false});
  silence.comment = "why";
  const std::string payload = EncodeSilence(silence);
  const auto read = DecodeSilence(payload);
  REQUIRE(read.ok());
  CHECK(read->matchers == silence.matchers);
  CHECK(read->ends_at == silence.ends_at);
  CHECK(read->comment == "why");
  for (size_t cut = 0; cut < payload.size(); ++cut) {
    CHECK_FALSE(DecodeSilence(std::string_view(payload).substr(0, cut)).ok());
  }
}

TEST_CASE("Silence: identifiers are UUIDs", "[alerts]") {
  CHECK(IsUuid("12345678-9abc-4def-8123-456789ABCDEF"));
  for (const char* text :
       {"", "x", "12345678-9abc-4def-8123-456789abcde", "12345678x9abc-4def-8123-456789abcdef",
        "g2345678-9abc-4def-8123-456789abcdef"}) {
    CHECK_FALSE(IsUuid(text));
  }
}

bool Passes(const std::string& filter, const Labels& labels) {
  const auto parsed = ParseFilter(filter);
  INFO(filter << ": " << (parsed.ok() ? "" : parsed.error().message));
  REQUIRE(parsed.ok());
  const std::vector<Matcher> filters = {*parsed};
  return PassesFilters(filters, labels);
}

TEST_CASE("Filters: they narrow as Alertmanager's do", "[alerts]") {
  const Labels labels{{"alertname", "High"}, {"psp", "ac\"me"}};
  CHECK(Passes("alertname=High", labels));
  CHECK(Passes(" alertname = \"High\" ", labels));
  CHECK(Passes(R"(psp="ac\"me")", labels));
  CHECK_FALSE(Passes("alertname=~\"Hi\"", labels));
  CHECK(Passes("alertname=~\"Hi.*\"", labels));
  CHECK(Passes("alertname!~Low|Mid", labels));
  CHECK(Passes("alertname!=Low", labels));
  CHECK_FALSE(Passes("alertname!=\"High\"", labels));
  // Of what is absent.
  CHECK(Passes("team=\"\"", labels));
  CHECK_FALSE(Passes("alertname=\"\"", labels));
  CHECK_FALSE(Passes("team!=\"\"", labels));
  CHECK(Passes("alertname!=\"\"", labels));
  CHECK(Passes("team!=x", labels));
}

TEST_CASE("Filters: what is none is refused", "[alerts]") {
  for (const char* text : {"", "a", "=b", "0a=b", "a=\"b", "a=b\"", "a=\"b\"c\"", "a=~(", "a>b"}) {
    INFO(text);
    CHECK_FALSE(ParseFilter(text).ok());
  }
  CHECK(ParseFilter("a").error().message == "bad matcher format: a");
}

}  // namespace
}  // namespace quell::ingest
