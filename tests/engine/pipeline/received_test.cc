// Alerts and silences of others, in the pipeline: what pages, what joins, what is kept quiet.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ingest/alerts/alert_codec.h"
#include "ingest/alerts/silence.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using ingest::JournalRecord;
using ingest::RecordKind;

constexpr DurationMs kFiringMs = 4 * kMinuteMs;

ingest::ReceivedAlert Posted(std::vector<Label> labels, TimeMs starts, TimeMs ends) {
  ingest::ReceivedAlert alert;
  alert.labels = std::move(labels);
  alert.annotations = {{"summary", "p99 is 2.1 s"}};
  alert.starts_at = starts;
  alert.ends_at = ends;
  return alert;
}

JournalRecord AlertsRecord(TimeMs received, const std::vector<ingest::ReceivedAlert>& alerts) {
  std::vector<const ingest::ReceivedAlert*> pointers;
  for (const auto& alert : alerts) pointers.push_back(&alert);
  JournalRecord record;
  record.sequence = 1'000'000;
  record.kind = RecordKind::kAlerts;
  record.received_ms = received;
  ingest::EncodeAlerts(pointers, record.payload);
  return record;
}

JournalRecord SilenceRecord(TimeMs now, const std::string& value, TimeMs ends) {
  ingest::Silence silence;
  silence.id = "00000000-0000-4000-8000-000000000001";
  silence.matchers = {{"alertname", value, false, true}};
  silence.starts_at = silence.updated_at = now;
  silence.ends_at = ends;
  JournalRecord record;
  record.sequence = 1'000'000;
  record.kind = RecordKind::kSilence;
  record.received_ms = now;
  record.payload = ingest::EncodeSilence(silence);
  return record;
}

// Prometheus from `from` on: posts every minute while the rule fires, then that it is over.
std::vector<JournalRecord> Firing(TimeMs from, int minutes, std::vector<Label> labels) {
  std::vector<JournalRecord> out;
  for (int i = 0; i < minutes; ++i) {
    const TimeMs now = from + i * kMinuteMs;
    out.push_back(AlertsRecord(now, {Posted(labels, from, now + kFiringMs)}));
    for (int tick = 1; tick < 4; ++tick)
      out.push_back(AlertsRecord(now + tick * kMinuteMs / 4, {}));
  }
  const TimeMs over = from + minutes * kMinuteMs;
  out.push_back(AlertsRecord(over, {Posted(labels, from, over)}));
  for (int tick = 1; tick < 40; ++tick)
    out.push_back(AlertsRecord(over + tick * 15 * kSecondMs, {}));
  return out;
}

std::vector<store::Effect> Run(Pipeline& pipeline, const std::vector<JournalRecord>& records) {
  for (const JournalRecord& record : records) pipeline.Apply(record);
  return pipeline.TakeEffects();
}

const std::vector<Label> kHigh = {
    {"alertname", "HighLatency"}, {"psp", "acme"}, {"severity", "critical"}};

TEST_CASE("Received: without a single sample an alert pages and resolves", "[pipeline]") {
  const auto pipeline = MakePipeline();
  const auto sent = Notifications(Run(*pipeline, Firing(kMonday, 5, kHigh)));
  REQUIRE(CountAction(sent, "trigger") == 1);
  REQUIRE(CountAction(sent, "resolve") == 1);
  CHECK(sent.front().at == kMonday);  // at once
  CHECK(sent.front().body.find("HighLatency") != std::string::npos);
  CHECK(sent.front().body.find("p99 is 2.1 s") != std::string::npos);
  CHECK(sent.front().key == sent.back().key);
  // Over five minutes after it ended.
  CHECK(sent.back().at >= kMonday + 10 * kMinuteMs);
  CHECK(sent.back().at <= kMonday + 10 * kMinuteMs + 30 * kSecondMs);
}

TEST_CASE("Received: nobody says that it is over, and it ends all the same", "[pipeline]") {
  const auto pipeline = MakePipeline();
  std::vector<JournalRecord> records = {
      AlertsRecord(kMonday, {Posted(kHigh, kMonday, kMonday + kFiringMs)})};
  for (int i = 1; i < 60; ++i)
    records.push_back(TickRecord(1000 + i, kMonday + i * 15 * kSecondMs));
  const auto sent = Notifications(Run(*pipeline, records));
  CHECK(CountAction(sent, "trigger") == 1);
  CHECK(CountAction(sent, "resolve") == 1);
}

TEST_CASE("Received: alerts for information do not page, and say why", "[pipeline]") {
  const auto pipeline = MakePipeline();
  const auto effects =
      Run(*pipeline, Firing(kMonday, 3, {{"alertname", "Watchdog"}, {"severity", "none"}}));
  CHECK(Notifications(effects).empty());
  CHECK(Text(effects).find("below_budget") != std::string::npos);
}

TEST_CASE("Received: a silence keeps it quiet, its end lets it page", "[pipeline]") {
  for (const bool ends_early : {false, true}) {
    const auto pipeline = MakePipeline();
    const TimeMs until = ends_early ? kMonday + 2 * kMinuteMs : kMonday + kHourMs;
    std::vector<JournalRecord> records = {SilenceRecord(kMonday - 1, "HighLatency", until)};
    for (auto& record : Firing(kMonday, 5, kHigh)) records.push_back(record);
    const auto effects = Run(*pipeline, records);
    const auto sent = Notifications(effects);
    CHECK(CountAction(sent, "trigger") == (ends_early ? 1U : 0U));
    CHECK(CountAction(sent, "resolve") == (ends_early ? 1U : 0U));
    CHECK((Text(effects).find("\"silenced\"") != std::string::npos) == !ends_early);
    CHECK(pipeline->counters().silenced == (ends_early ? 0U : 1U));
    if (ends_early) {
      CHECK(sent.front().at >= until);
      CHECK(sent.front().at <= until + 20 * kSecondMs);
    }
  }
}

TEST_CASE("Received: a silence made after the page does not take the resolve away", "[pipeline]") {
  const auto pipeline = MakePipeline();
  auto records = Firing(kMonday, 5, kHigh);
  records.insert(records.begin() + 2,
                 SilenceRecord(kMonday + 20 * kSecondMs, "HighLatency", kMonday + kHourMs));
  const auto sent = Notifications(Run(*pipeline, records));
  CHECK(CountAction(sent, "trigger") == 1);
  CHECK(CountAction(sent, "resolve") == 1);
}

constexpr int kSteps = 1900;
constexpr int kOutage = 1500;

std::vector<JournalRecord> Outage() {
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "acme" && step >= kOutage && step < kOutage + 40) lane.failing = 0.4;
    return lane;
  };
  return SmallWorld(21).Records(kSteps, story);
}

// Both in order of receipt.
std::vector<JournalRecord> Merged(const std::vector<JournalRecord>& a,
                                  const std::vector<JournalRecord>& b) {
  std::vector<JournalRecord> out;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out),
             [](const auto& x, const auto& y) { return x.received_ms < y.received_ms; });
  return out;
}

TEST_CASE("Received: an alert of Prometheus joins what Quell found at the same place",
          "[pipeline]") {
  const TimeMs at = kMonday + (kOutage + 5) * kStep;
  const auto pipeline = MakePipeline();
  const auto effects = Run(*pipeline, Merged(Outage(), Firing(at, 8, kHigh)));
  const auto sent = Notifications(effects);
  CHECK(CountAction(sent, "trigger") == 1);
  CHECK(CountAction(sent, "resolve") == 1);
  // One incident, both in it.
  bool both = false;
  for (const store::Effect& effect : effects) {
    both = both || (effect.kind == store::EffectKind::kIncident &&
                    effect.body.find("HighLatency") != std::string::npos &&
                    effect.body.find("failure ratio") != std::string::npos);
  }
  CHECK(both);
}

// The pages of alerts that are posted at one moment.
size_t PagesOf(const std::vector<std::vector<Label>>& alerts) {
  const auto pipeline = MakePipeline();
  std::vector<JournalRecord> records;
  for (const auto& labels : alerts) {
    for (auto& record : Firing(kMonday, 3, labels)) records.push_back(record);
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.received_ms < b.received_ms; });
  return CountAction(Notifications(Run(*pipeline, records)), "trigger");
}

TEST_CASE("Received: alerts of one place are one page, those of two places are two", "[pipeline]") {
  const Label critical = {"severity", "critical"};
  const Label cluster = {"cluster", "prod"};
  CHECK(PagesOf({{{"alertname", "HighLatency"}, cluster, {"psp", "acme"}, critical},
                 {{"alertname", "HighFailures"}, cluster, {"psp", "acme"}, critical}}) == 1);
  CHECK(PagesOf({{{"alertname", "HighLatency"}, cluster, {"psp", "acme"}, critical},
                 {{"alertname", "HighLatency"}, cluster, {"psp", "globex"}, critical}}) == 2);
  CHECK(
      PagesOf({{{"alertname", "Down"}, cluster, {"psp", "acme"}, {"instance", "i1"}, critical},
               {{"alertname", "Down"}, cluster, {"psp", "acme"}, {"instance", "i2"}, critical}}) ==
      1);
  // What they share says nothing.
  CHECK(PagesOf({{{"alertname", "DiskFull"}, cluster, {"node", "n7"}, critical},
                 {{"alertname", "CertificateExpires"}, cluster, {"domain", "x.org"}, critical}}) ==
        2);
}

TEST_CASE("Received: the severity joins nothing", "[pipeline]") {
  std::vector<std::vector<Label>> alerts;
  for (const char* node : {"n1", "n2", "n3"}) {
    alerts.push_back({{"alertname", "Slow"}, {"node", node}, {"severity", "info"}});
  }
  alerts.push_back({{"alertname", "A"}, {"psp", "acme"}, {"severity", "critical"}});
  alerts.push_back({{"alertname", "B"}, {"psp", "globex"}, {"severity", "critical"}});
  CHECK(PagesOf(alerts) == 2);
}

TEST_CASE("Received: Quell's own anomalies are silenced alike", "[pipeline]") {
  const auto records = Outage();
  const auto plain = MakePipeline();
  const auto before = Run(*plain, records);
  REQUIRE(CountAction(Notifications(before), "trigger") == 1);
  // The name under which the anomaly fired.
  const std::string text = Text(before);
  const size_t at = text.find("\"alertname\":\"");
  REQUIRE(at != std::string::npos);
  std::string name = text.substr(at + 13);
  name.resize(name.find('"'));

  const auto silenced = MakePipeline();
  ingest::Silence silence;
  silence.id = "00000000-0000-4000-8000-000000000001";
  silence.matchers = {{"psp", "acme", false, true}};
  silence.starts_at = kMonday;
  silence.ends_at = kMonday + 7 * kDayMs;
  JournalRecord record;
  record.kind = RecordKind::kSilence;
  record.received_ms = kMonday;
  record.payload = ingest::EncodeSilence(silence);
  const auto after = Run(*silenced, Merged({record}, records));
  CHECK(Notifications(after).empty());
  CHECK(Text(after).find("\"silenced\"") != std::string::npos);
}

TEST_CASE("Received: restored at any record, the effects and the state are the same",
          "[pipeline]") {
  const TimeMs at = kMonday + (kOutage - 10) * kStep;
  std::vector<JournalRecord> alerts;
  for (int i = 0; i < 40; ++i) {
    std::vector<Label> labels = {{"alertname", "A" + std::to_string(i % 7)},
                                 {"instance", "i" + std::to_string(i)},
                                 {"severity", i % 3 == 0 ? "critical" : "warning"}};
    for (auto& record : Firing(at + i * 7 * kSecondMs, 2 + i % 5, labels)) alerts.push_back(record);
  }
  std::stable_sort(alerts.begin(), alerts.end(),
                   [](const auto& a, const auto& b) { return a.received_ms < b.received_ms; });
  alerts.push_back(SilenceRecord(alerts.back().received_ms + 1, "A3", kMonday + kDayMs));
  const auto records = Merged(Outage(), alerts);

  const auto straight = MakePipeline();
  std::vector<store::Effect> effects;
  std::vector<std::pair<size_t, std::pair<std::string, size_t>>> cuts;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i > kOutage - 20 && i % 97 == 0) cuts.push_back({i, {straight->Save(), effects.size()}});
    straight->Apply(records[i]);
    for (auto& effect : straight->TakeEffects()) effects.push_back(std::move(effect));
  }
  const std::string end = straight->Save();
  REQUIRE(CountAction(Notifications(effects), "trigger") >= 1);
  REQUIRE(cuts.size() > 5);
  for (const auto& [cut, saved] : cuts) {
    INFO("cut before record " << cut);
    const auto restored = MakePipeline();
    REQUIRE(restored->Load(saved.first).ok());
    std::vector<JournalRecord> rest(records.begin() + static_cast<std::ptrdiff_t>(cut),
                                    records.end());
    const auto again = Run(*restored, rest);
    const std::vector<store::Effect> expected(
        effects.begin() + static_cast<std::ptrdiff_t>(saved.second), effects.end());
    CHECK(Text(again) == Text(expected));
    CHECK(restored->Save() == end);
  }
}

TEST_CASE("Received: a storm is decided in portions, criticals first", "[pipeline]") {
  const auto pipeline = MakePipeline();
  std::vector<ingest::ReceivedAlert> storm;
  for (int i = 0; i < 3000; ++i) {
    storm.push_back(Posted({{"alertname", "Down"},
                            {"instance", "i" + std::to_string(i)},
                            {"severity", i == 2999 ? "critical" : "warning"}},
                           kMonday, kMonday + kHourMs));
  }
  const auto first = Run(*pipeline, {AlertsRecord(kMonday, storm)});
  CHECK(pipeline->received().waiting() == 3000 - 256);
  CHECK(Text(first).find("i2999") != std::string::npos);
  std::vector<JournalRecord> later;
  for (int i = 1; i <= 20; ++i) later.push_back(AlertsRecord(kMonday + i * kSecondMs, {}));
  Run(*pipeline, later);
  CHECK(pipeline->received().waiting() == 0);
  CHECK(pipeline->counters().received_alerts == 3000);
}

TEST_CASE("Received: a clock that goes back keeps nothing from paging", "[pipeline]") {
  const auto pipeline = MakePipeline();
  const TimeMs back = kMonday - kHourMs;
  const std::vector<Label> other = {{"alertname", "Down"}, {"psp", "globex"}};
  const auto sent = Notifications(
      Run(*pipeline, {AlertsRecord(kMonday, {Posted(kHigh, kMonday, kMonday + kFiringMs)}),
                      AlertsRecord(back, {Posted(other, back, back + kFiringMs)})}));
  CHECK(CountAction(sent, "trigger") == 2);
  CHECK(sent.back().at == kMonday);
}

TEST_CASE("Received: damaged records are counted and skipped", "[pipeline]") {
  const auto pipeline = MakePipeline();
  JournalRecord record = AlertsRecord(kMonday, {Posted(kHigh, kMonday, kMonday + kFiringMs)});
  record.payload.resize(record.payload.size() - 1);
  JournalRecord silence = SilenceRecord(kMonday, "A", kMonday + kHourMs);
  silence.payload += 'x';
  CHECK(Run(*pipeline, {record, silence}).empty());
  CHECK(pipeline->counters().bad_records == 2);
}

}  // namespace
}  // namespace quell::pipeline
