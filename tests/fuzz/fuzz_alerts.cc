// Posted alerts, silences and filters, and their journal records: what is accepted is within the
// limits, sound, and read again as it was; anything else is an answer or an error.
#include <algorithm>

#include "ingest/alerts/alert_check.h"
#include "ingest/alerts/alert_codec.h"
#include "ingest/alerts/alert_parser.h"
#include "ingest/alerts/filter.h"
#include "ingest/alerts/silence.h"
#include "ingest/utf8.h"
#include "tests/fuzz/fuzz_target.h"

namespace quell::fuzz {
namespace {

constexpr TimeMs kNow = 1'787'000'000'000;

const ingest::Redactor& TheRedactor() {
  static const ingest::Redactor kRedactor =
      *ingest::Redactor::Create({}, std::string(ingest::Redactor::kKeyBytes, 'k'));
  return kRedactor;
}

void CheckAlerts(std::string_view body) {
  ingest::AlertLimits limits;
  limits.alerts_max = 50;
  limits.labels_max = 8;
  static ingest::RedactionCounters redacted;
  static ingest::AlertParser parser(limits);
  ingest::ApiAnswer answer = parser.Parse(body);
  if (answer.ok()) answer = ingest::CheckRequired(parser.alerts());
  if (!answer.ok()) {
    FUZZ_REQUIRE(answer.status >= 400 && answer.status < 500 && !answer.body.empty());
    return;
  }
  const auto checked =
      ingest::CheckAlerts(parser.alerts(), kNow, kMinuteMs, limits, TheRedactor(), redacted);
  FUZZ_REQUIRE(checked.valid.size() + checked.invalid == parser.alerts().size());
  FUZZ_REQUIRE(checked.answer.status == (checked.invalid == 0 ? 200 : 400));
  std::string payload;
  ingest::EncodeAlerts(checked.valid, payload);
  const auto rows = ingest::DecodeAlerts(payload);
  FUZZ_REQUIRE(rows.ok() && rows->size() == checked.valid.size());
  for (size_t i = 0; i < rows->size(); ++i) {
    const ingest::ReceivedAlert& alert = *checked.valid[i];
    const ingest::AlertText text = ingest::DecodeAlertText((*rows)[i].text);
    FUZZ_REQUIRE(!alert.labels.empty() && alert.labels.size() <= limits.labels_max);
    FUZZ_REQUIRE(std::equal(alert.labels.begin(), alert.labels.end(), text.labels.begin(),
                            text.labels.end()));
    FUZZ_REQUIRE(text.labels.Fingerprint() == (*rows)[i].fingerprint);
    FUZZ_REQUIRE(text.generator_url == alert.generator_url);
    FUZZ_REQUIRE(alert.ends_at >= alert.starts_at);
    for (const Label& label : text.labels) FUZZ_REQUIRE(ingest::IsValidUtf8(label.value));
  }
}

void CheckSilence(std::string_view body) {
  ingest::Silence silence;
  if (!ingest::ParseSilence(body, silence).ok()) return;
  const ingest::SilencePlan plan = ingest::PlanSilence(silence, {}, "new", kNow);
  FUZZ_REQUIRE(plan.answer.ok() == !plan.write.empty());
  for (const ingest::Silence& written : plan.write) {
    const auto again = ingest::DecodeSilence(ingest::EncodeSilence(written));
    FUZZ_REQUIRE(again.ok() && again->matchers == written.matchers);
    for (const auto& matcher : written.matchers) FUZZ_REQUIRE(ingest::CompileMatcher(matcher).ok());
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  ingest::ReceivedAlert alert;
  alert.labels = {{"alertname", "A"}, {"psp", "acme"}};
  const ingest::ReceivedAlert* pointer = &alert;
  std::string record;
  ingest::EncodeAlerts({&pointer, 1}, record);
  ingest::Silence silence;
  silence.matchers = {{"psp", "a.*", true, true}};
  return {
      R"([{"labels":{"alertname":"A","psp":"acme"},"annotations":{"summary":"p99 \u00b5"},)"
      R"("startsAt":"2026-08-22T10:00:00.000Z","endsAt":"2026-08-22T10:04:00+02:00",)"
      R"("generatorURL":"http://p/graph?g0.expr=up","x":{"y":[1,null,{"z":-1e9}]}}])",
      R"([{"Labels":{"a":"4111111111111111","b":null}},{"labels":{"0":"x"}},{"labels":{}}])",
      R"({"id":"12345678-9abc-4def-8123-456789abcdef","matchers":[{"name":"a","value":"b.*",)"
      R"("isRegex":true,"isEqual":false},{"name":"c","value":"d","isRegex":false}],)"
      R"("startsAt":"2026-08-22T10:00:00Z","endsAt":"2027-08-22T12:00:00Z","createdBy":"s","comment":"d"})",
      R"(alertname=~"High|\"Low\"")",
      record,
      ingest::EncodeSilence(silence)};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const std::string_view bytes = fuzz::View(data, size);
  fuzz::CheckAlerts(bytes);
  fuzz::CheckSilence(bytes);
  if (const auto filter = ingest::ParseFilter(bytes); filter.ok()) {
    const std::vector<Matcher> filters = {*filter};
    FUZZ_REQUIRE(ingest::PassesFilters(filters, Labels{{filter->name(), "x"}}) ||
                 !filter->MatchesValue("x"));
  }
  if (const auto rows = ingest::DecodeAlerts(bytes); rows.ok()) {
    for (const ingest::AlertRow& row : *rows) {
      const auto text = ingest::DecodeAlertText(row.text);
      FUZZ_REQUIRE(text.labels.size() <= row.text.size());
    }
  }
  if (const auto silence = ingest::DecodeSilence(bytes); silence.ok()) {
    const auto again = ingest::DecodeSilence(ingest::EncodeSilence(*silence));
    FUZZ_REQUIRE(again.ok() && again->matchers == silence->matchers);
  }
  return 0;
}
