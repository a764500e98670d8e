// What people do to incidents, in the pipeline: what is kept, what is sent, what stays quiet.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/incidents/feedback_book.h"
#include "ingest/alerts/alert_codec.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using ingest::JournalRecord;
using paging::HumanAction;
using paging::HumanActionKind;

// A pipeline to which alerts are posted, minute by minute.
class World {
 public:
  std::unique_ptr<Pipeline> pipeline = MakePipeline();
  std::vector<JournalRecord> records;
  TimeMs now = kMonday;

  // A minute in which these fire: {service, severity}; the others end.
  void Minute(const std::vector<std::pair<std::string, std::string>>& firing) {
    std::vector<ingest::ReceivedAlert> alerts;
    for (const auto& [service, severity] : firing) {
      ingest::ReceivedAlert alert;
      alert.labels = {{"alertname", "Down"}, {"service", service}, {"severity", severity}};
      alert.starts_at = kMonday;
      alert.ends_at = now + 90 * kSecondMs;
      alerts.push_back(alert);
    }
    std::vector<const ingest::ReceivedAlert*> pointers;
    for (const auto& alert : alerts) pointers.push_back(&alert);
    JournalRecord record;
    record.kind = ingest::RecordKind::kAlerts;
    record.received_ms = now;
    ingest::EncodeAlerts(pointers, record.payload);
    Apply(record);
    now += kMinuteMs;
  }
  void Minutes(int count, const std::vector<std::pair<std::string, std::string>>& firing) {
    for (int i = 0; i < count; ++i) Minute(firing);
  }
  void Do(HumanAction action) {
    action.id = action.id.empty() ? "e" + std::to_string(records.size()) : action.id;
    action.at = now;
    action.by = "Ada";
    JournalRecord record;
    record.kind = ingest::RecordKind::kOperation;
    record.received_ms = now;
    record.payload = paging::HumanActionJson(action);
    Apply(record);
  }
  void Do(HumanActionKind kind, const std::string& incident, const std::string& via = "pagerduty") {
    HumanAction action;
    action.kind = kind;
    action.incident = incident;
    action.via = via;
    Do(action);
  }
  void Apply(const JournalRecord& record) {
    records.push_back(record);
    pipeline->Apply(record);
    for (store::Effect& effect : pipeline->TakeEffects()) effects.push_back(std::move(effect));
  }
  // Of everything so far: "trigger resolve ..." in order.
  std::string Sent() const {
    std::string out;
    for (const store::Effect& effect : effects) {
      if (effect.kind != store::EffectKind::kOutbox) continue;
      const auto action = nlohmann::json::parse(effect.body).at("action").get<std::string>();
      if (action != "update") out += (out.empty() ? "" : " ") + action;
    }
    return out;
  }
  std::string Key(size_t index = 0) const { return pipeline->incidents().Open().at(index)->key; }
  std::vector<store::Effect> effects;
};

TEST_CASE("People: acknowledged at PagerDuty shows, and sends nothing", "[pipeline]") {
  World world;
  world.Minutes(2, {{"ledger", "critical"}});
  world.Do(HumanActionKind::kAcknowledge, world.Key());
  CHECK(world.Sent() == "trigger");
  const auto* attention = world.pipeline->people().Of(world.Key());
  REQUIRE(attention != nullptr);
  CHECK(attention->acknowledged.by == "Ada");
  CHECK(Text(world.effects).find("people_acknowledge") != std::string::npos);
}

TEST_CASE("People: resolved at PagerDuty, what fires on and again pages nobody; its end resolves",
          "[pipeline]") {
  World world;
  world.Minutes(3, {{"ledger", "error"}});
  world.Do(HumanActionKind::kResolve, world.Key());
  world.Minutes(10, {{"ledger", "error"}});
  world.Minutes(2, {});
  world.Minutes(3, {{"ledger", "error"}});
  CHECK(world.Sent() == "trigger");
  CHECK(world.pipeline->people().Of(world.Key())->resolved.by == "Ada");
  world.Minutes(10, {});
  CHECK(world.Sent() == "trigger resolve");
  CHECK(world.pipeline->incidents().Open().empty());
  // Over: the next time is a new one.
  world.Minutes(2, {{"ledger", "error"}});
  CHECK(world.Sent() == "trigger resolve trigger");
}

TEST_CASE("People: resolved at PagerDuty, what is worse since opens a linked page", "[pipeline]") {
  World world;
  world.Minutes(3, {{"ledger", "error"}});
  world.Do(HumanActionKind::kResolve, world.Key());
  world.Minutes(2, {{"ledger", "critical"}});
  CHECK(world.Sent() == "trigger trigger");
  CHECK(world.pipeline->people().Of(world.Key())->resolved.at == 0);
  CHECK(world.pipeline->linked_pages() == 1);
}

TEST_CASE("People: resolved over the API, the pages resolve at once and not again", "[pipeline]") {
  World world;
  world.Minutes(3, {{"ledger", "error"}});
  world.Do(HumanActionKind::kResolve, world.Key(), "api");
  CHECK(world.Sent() == "trigger resolve");
  world.Minutes(5, {{"ledger", "error"}});
  world.Minutes(10, {});
  CHECK(world.Sent() == "trigger resolve");
}

TEST_CASE("People: acknowledged over the API, open pages are told each time somebody says so",
          "[pipeline]") {
  World world;
  world.Minutes(3, {{"ledger", "error"}});
  const std::string key = world.Key();
  world.Do(HumanActionKind::kAcknowledge, key, "api");
  CHECK(world.Sent() == "trigger acknowledge");
  const store::Effect& told = world.effects.back();
  CHECK(told.id == key);
  CHECK(told.urgency == store::Urgency::kAcknowledge);
  CHECK(told.deed.what == "page_acknowledge");
  world.Do(HumanActionKind::kAcknowledge, key);  // PagerDuty's webhook, echoing it
  world.Do(HumanActionKind::kUnacknowledge, key, "api");
  CHECK(world.Sent() == "trigger acknowledge");

  world.Minutes(15, {{"ledger", "critical"}});
  REQUIRE(world.Sent() == "trigger acknowledge trigger");
  world.Do(HumanActionKind::kAcknowledge, key, "api");
  CHECK(world.Sent() == "trigger acknowledge trigger acknowledge acknowledge");
  CHECK(world.effects.back().id == key + "#2");
}

TEST_CASE("People: of pages that are over no acknowledgement is told", "[pipeline]") {
  World world;
  world.Minutes(3, {{"ledger", "error"}});
  const std::string key = world.Key();
  world.Minutes(15, {{"ledger", "critical"}});
  HumanAction one;
  one.kind = HumanActionKind::kResolve;
  one.incident = key;
  one.page = 1;
  one.via = "pagerduty";
  world.Do(one);
  world.Do(HumanActionKind::kAcknowledge, key, "api");
  CHECK(world.Sent() == "trigger trigger acknowledge");
  CHECK(world.effects.back().id == key + "#2");
  world.Do(HumanActionKind::kResolve, key, "api");
  const std::string over = world.Sent();
  world.Do(HumanActionKind::kAcknowledge, key, "api");
  CHECK(world.Sent() == over);
  world.Minutes(10, {});
  world.Do(HumanActionKind::kAcknowledge, key, "api");
  CHECK(world.Sent() == over);
}

TEST_CASE("People: our own resolve told back leaves it to who resolved it", "[pipeline]") {
  World world;
  world.Minutes(3, {{"ledger", "error"}});
  const std::string key = world.Key();
  world.Do(HumanActionKind::kResolve, key, "api");
  const TimeMs then = world.pipeline->people().Of(key)->resolved.at;
  world.Minute({{"ledger", "error"}});
  HumanAction echo;
  echo.kind = HumanActionKind::kResolve;
  echo.incident = key;
  echo.page = 1;
  echo.via = "pagerduty";
  echo.person = false;
  world.Do(echo);
  CHECK(world.pipeline->people().Of(key)->resolved.at == then);
  CHECK(world.pipeline->people().Of(key)->resolved.via == "api");
}

TEST_CASE("People: our own resolve told back is nobody's", "[pipeline]") {
  World world;
  world.Minutes(2, {{"ledger", "error"}});
  const std::string key = world.Key();
  world.Minutes(10, {});
  HumanAction echo;
  echo.kind = HumanActionKind::kResolve;
  echo.incident = key;
  echo.via = "pagerduty";
  echo.person = false;
  world.Do(echo);
  CHECK(world.pipeline->people().Of(key)->resolved.at == 0);
}

TEST_CASE("People: the same event twice is done once", "[pipeline]") {
  World world;
  world.Minutes(2, {{"ledger", "error"}});
  HumanAction note;
  note.kind = HumanActionKind::kNote;
  note.id = "twice";
  note.incident = world.Key();
  note.text = "it is DNS";
  world.Do(note);
  world.Do(note);
  CHECK(world.pipeline->people().Of(world.Key())->notes.size() == 1);
}

TEST_CASE("People: a merge folds one incident into the other, and the label is kept",
          "[pipeline]") {
  World world;
  world.Minutes(60, {{"ledger", "error"}});  // too far apart to join by themselves
  world.Minutes(2, {{"ledger", "error"}, {"fraud", "critical"}});
  REQUIRE(world.pipeline->incidents().Open().size() == 2);
  const std::string before = world.Sent();
  const std::string elder = world.Key(0);
  HumanAction merge;
  merge.kind = HumanActionKind::kMerge;
  merge.incident = world.Key(1);
  merge.other = elder;
  merge.via = "pagerduty";
  merge.feedback.emplace();
  merge.feedback->id = "m1";
  merge.feedback->at = world.now;
  merge.feedback->verdict = incidents::FeedbackVerdict::kMerge;
  merge.feedback->incident = merge.incident;
  merge.feedback->other = elder;
  world.Do(merge);
  REQUIRE(world.pipeline->incidents().Open().size() == 1);
  CHECK(world.Key() == elder);
  CHECK(world.pipeline->incidents().feedback().latest().size() == 1);
  // The younger's page resolves; nobody is called about what both told.
  CHECK(world.Sent() == before + " resolve");
  world.Minutes(2, {{"ledger", "error"}, {"fraud", "critical"}});
  CHECK(world.Sent() == before + " resolve");
  world.Minutes(10, {});
  CHECK(world.Sent() == before + " resolve resolve");
}

TEST_CASE(
    "People: a split gives alerts away to an incident of their own, whose page names the other's",
    "[pipeline]") {
  World world;
  const std::vector<std::pair<std::string, std::string>> both = {{"ledger", "error"},
                                                                 {"fraud", "error"}};
  world.Minutes(60, {{"ledger", "error"}});  // too far apart to join by themselves
  world.Minutes(2, both);
  HumanAction merge;
  merge.kind = HumanActionKind::kMerge;
  merge.incident = world.Key(1);
  merge.other = world.Key(0);
  world.Do(merge);
  REQUIRE(world.pipeline->incidents().Open().size() == 1);
  const incidents::Incident& whole = *world.pipeline->incidents().Open().front();
  const std::string key = whole.key;
  HumanAction split;
  split.kind = HumanActionKind::kFeedback;
  split.incident = key;
  split.via = "api";
  split.alerts = {whole.members.back().alert.id};
  split.feedback.emplace();
  split.feedback->id = "s1";
  split.feedback->verdict = incidents::FeedbackVerdict::kSplit;
  split.feedback->incident = key;
  const std::string before = world.Sent();
  world.Do(split);
  REQUIRE(world.pipeline->incidents().Open().size() == 2);
  CHECK(world.Key(0) == key);
  CHECK(world.Sent() == before + " trigger");
  const std::string said = Text(world.effects);
  CHECK(said.find("split it off: another trouble") != std::string::npos);
  CHECK(said.find("\"linked_incident\":\"" + key) != std::string::npos);
  CHECK(said.find("\"split_from\":\"" + key) != std::string::npos);
  CHECK(said.find("\"reason\":\"people\"") != std::string::npos);
  world.Minutes(2, both);
  CHECK(world.Sent() == before + " trigger");
  world.Minutes(10, {});
  CHECK(world.Sent() == before + " trigger resolve resolve");
}

TEST_CASE("People: a restart in between changes nothing", "[pipeline]") {
  const auto run = [](bool restart) {
    World world;
    const auto turn = [&] {
      if (!restart) return;
      auto next = MakePipeline();
      REQUIRE(next->Load(world.pipeline->Save()).ok());
      world.pipeline = std::move(next);
    };
    world.Minutes(2, {{"ledger", "error"}});
    turn();
    world.Do(HumanActionKind::kAcknowledge, world.Key());
    turn();
    world.Do(HumanActionKind::kResolve, world.Key());
    turn();
    world.Minutes(3, {{"ledger", "error"}});
    turn();
    world.Minutes(3, {{"ledger", "critical"}});
    turn();
    world.Do(HumanActionKind::kResolve, world.Key(), "api");
    turn();
    world.Minutes(10, {});
    return Text(world.effects);
  };
  const std::string straight = run(false);
  CHECK(straight == run(true));
  CHECK(straight.find("people_resolve") != std::string::npos);
}

TEST_CASE("Changes go to the outbox where a receiver shows them, unless they are long over",
          "[pipeline]") {
  for (const bool tell : {false, true}) {
    PipelineOptions options;
    options.tell_changes = tell;
    World world;
    world.pipeline = MakePipeline(options);
    JournalRecord record;
    record.kind = ingest::RecordKind::kChange;
    record.received_ms = kMonday;
    for (const TimeMs start : {kMonday, kMonday - kWeekMs}) {
      record.payload = R"({"kind":"deploy","service":"a","time":")" + FormatRfc3339(start) + "\"}";
      world.Apply(record);
    }
    CHECK(world.Sent() == (tell ? "change" : ""));
  }
}

TEST_CASE("People: about an incident that nobody knows nothing breaks", "[pipeline]") {
  World world;
  world.Do(HumanActionKind::kResolve, "0000", "api");
  HumanAction merge;
  merge.kind = HumanActionKind::kMerge;
  merge.incident = "0000";
  merge.other = "0001";
  world.Do(merge);
  CHECK(world.Sent().empty());
}

}  // namespace
}  // namespace quell::pipeline
