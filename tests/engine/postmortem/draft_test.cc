// A store with one incident as the pipeline would have left it, and the drafts made from it.
#include "engine/postmortem/draft.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "core/file.h"
#include "engine/incidents/feedback.h"
#include "engine/paging/notification.h"
#include "engine/paging/people_book.h"
#include "engine/pipeline/records.h"
#include "engine/postmortem/impact.h"
#include "engine/postmortem/timeline.h"
#include "tests/engine/paging/sample_incident.h"

namespace quell::postmortem {
namespace {

using paging::kTenOClock;
using store::Effect;
using store::EffectKind;

const std::string kKey = "00ff12";

class Recording {
 public:
  explicit Recording(const incidents::Incident& incident) : incident_(incident) {
    auto opened = store::OpenSqliteStore(":memory:");
    REQUIRE(opened.ok());
    store_ = *std::move(opened);
    Add(EffectKind::kIncident, incident.opened_at, kKey, pipeline::IncidentJson(incident));
    for (const incidents::Member& member : incident.members) {
      const std::string id = std::to_string(member.alert.id);
      Add(EffectKind::kAlert, member.alert.starts_at, id, pipeline::AlertJson(member.alert));
      Effect outcome = Make(EffectKind::kOutcome, member.alert.starts_at, id,
                            std::string(incidents::PageReasonName(member.reason)));
      outcome.incident_key = kKey;
      effects_.push_back(std::move(outcome));
    }
  }

  Effect Make(EffectKind kind, TimeMs at, std::string id, std::string body) {
    return {.sequence = ++sequence_,
            .kind = kind,
            .at = at,
            .id = std::move(id),
            .body = std::move(body)};
  }
  void Add(EffectKind kind, TimeMs at, std::string id, std::string body) {
    effects_.push_back(Make(kind, at, std::move(id), std::move(body)));
  }
  void Page(paging::Action action, TimeMs at, TimeMs delivered) {
    const auto kind = incidents::IncidentEventKind::kPage;
    const auto told = paging::MakeNotification(action, {kind, at, incident_}, "");
    Add(EffectKind::kOutbox, at, kKey, paging::ToJson(told));
    store::DeliveryRow row;
    row.sequence = sequence_;
    row.receiver = "on-call";
    row.state = store::OutboxState::kDelivered;
    row.attempts = 2;
    row.first_attempt_ms = at;
    row.last_attempt_ms = delivered;
    deliveries_.push_back(row);
  }
  void Deed(TimeMs at, const std::string& what, const std::string& who) {
    Effect effect = Make(EffectKind::kDeed, at, kKey, what);
    effect.deed = {
        .what = what, .actor = who, .detail = "via api, said SHA-256 0", .by_people = true};
    effects_.push_back(std::move(effect));
  }
  store::Store& Commit() {
    REQUIRE(store_->Commit("here", effects_).ok());
    for (const auto& row : deliveries_) REQUIRE(store_->UpdateDelivery(row, {"on-call"}).ok());
    return *store_;
  }

 private:
  incidents::Incident incident_;
  std::unique_ptr<store::Store> store_;
  std::uint64_t sequence_ = 0;
  std::vector<Effect> effects_;
  std::vector<store::DeliveryRow> deliveries_;
};

incidents::Incident Outage() {
  incidents::Incident incident = paging::SampleEvent(incidents::IncidentEventKind::kPage).incident;
  incident.key = kKey;
  incident.state = incidents::IncidentState::kResolved;
  incident.opened_at = kTenOClock + 90 * kSecondMs;
  incident.paged_at = kTenOClock + 2 * kMinuteMs;
  incident.resolved_at = kTenOClock + 40 * kMinuteMs;
  for (incidents::Member& member : incident.members) {
    member.alert.ends_at = kTenOClock + 35 * kMinuteMs;
  }
  incident.members[2].reason = incidents::PageReason::kSilenced;
  incidents::Origin origin;
  origin.where = Labels{{"psp", "acme"}};
  origin.confidence = 0.8;
  origin.reasons = {incidents::OriginReason::kFirst};
  incident.origins = {origin};
  return incident;
}

paging::Attention People() {
  paging::Attention people;
  people.acknowledged = {kTenOClock + 6 * kMinuteMs, "Ben", "pagerduty"};
  people.notes = {{{kTenOClock + 10 * kMinuteMs, "Ada", "api"}, "calling acme"}};
  people.notes_total = 3;
  return people;
}

store::Store& Fill(Recording& recording) {
  recording.Page(paging::Action::kTrigger, kTenOClock + 2 * kMinuteMs, kTenOClock + 125000);
  recording.Deed(kTenOClock + 4 * kMinuteMs, "people_acknowledge", "Ada");
  recording.Deed(kTenOClock + 5 * kMinuteMs, "people_unacknowledge", "Ada");
  recording.Deed(kTenOClock + 6 * kMinuteMs, "people_acknowledge", "Ben");
  recording.Add(EffectKind::kPeople, kTenOClock + 10 * kMinuteMs, kKey,
                paging::PeopleJson(People()));
  incidents::Feedback said;
  said.id = "f1";
  said.at = kTenOClock + kHourMs;
  said.incident = kKey;
  said.by = "Ada";
  said.via = "api";
  said.reason = "acme was down";
  recording.Add(EffectKind::kFeedback, said.at, kKey, incidents::FeedbackJson(said));
  recording.Page(paging::Action::kResolve, kTenOClock + 40 * kMinuteMs, kTenOClock + 2401000);
  return recording.Commit();
}

std::string Exported(store::Store& store, Format format) {
  const auto text = Export(store, kKey, format);
  REQUIRE(text.ok());
  return *text;
}

// Compares with tests/golden/postmortem/<name>; QUELL_UPDATE_GOLDEN=1 rewrites it instead.
TEST_CASE("Postmortem: the draft of one incident matches its golden file", "[postmortem]") {
  Recording recording(Outage());
  store::Store& store = Fill(recording);
  const std::string text = Exported(store, Format::kMarkdown);
  const std::string path = std::string(QUELL_SOURCE_DIR) + "/tests/golden/postmortem/outage.md";
  if (std::getenv("QUELL_UPDATE_GOLDEN") != nullptr) REQUIRE(WriteFileAtomic(path, text).ok());
  const auto golden = ReadFile(path);
  REQUIRE(golden.ok());
  CHECK(*golden == text);
}

TEST_CASE("Postmortem: times are those that are recorded, the first acknowledgement counts",
          "[postmortem]") {
  Recording recording(Outage());
  const Json draft = Json::parse(Exported(Fill(recording), Format::kJson));
  CHECK(draft["seconds"]["onset_to_page"] == 90);
  CHECK(draft["seconds"]["page_to_acknowledge"] == 120);
  CHECK(draft["seconds"]["page_to_resolve"] == 38 * 60);
  CHECK(draft["times"]["acknowledged_at"] == "2026-08-22T10:04:00.000Z");
  std::string before;
  size_t wall = 0;
  for (const Json& moment : draft["timeline"]) {
    CHECK(before <= moment["at"]);
    before = moment["at"];
    wall += moment["wall_clock"] == true ? 1 : 0;
  }
  CHECK(wall == 2);
  CHECK(
      draft["outcomes"].dump() ==
      R"([{"reason":"duplicate_of","alerts":1},{"reason":"paged","alerts":1},{"reason":"silenced","alerts":1}])");
}

TEST_CASE("Postmortem: what is not recorded is said not to be known", "[postmortem]") {
  incidents::Incident incident = Outage();
  incident.members.erase(incident.members.begin() + 1);  // the one that counts failures
  incident.paged_at = incident.resolved_at = 0;
  incident.origins.clear();
  incident.changes.clear();
  Recording recording(incident);
  store::Store& store = recording.Commit();
  const Json draft = Json::parse(Exported(store, Format::kJson));
  CHECK(draft["impact"]["failed_requests"].is_null());
  CHECK(draft["seconds"]["onset_to_page"].is_null());
  CHECK(draft["times"]["acknowledged_at"].is_null());
  const std::string text = Exported(store, Format::kMarkdown);
  for (const char* words : {"Not known: no alert", "None stood out.", "None that was announced",
                            "| Page to end | not known |", "## Root cause"}) {
    INFO(words);
    CHECK(text.find(words) != std::string::npos);
  }
  CHECK(Export(store, "00aa", Format::kJson).error().code == ErrorCode::kNotFound);
}

TEST_CASE("Postmortem: failed requests are those above what is expected, never added twice",
          "[postmortem]") {
  std::vector<RecordedAlert> alerts(4);
  const auto set = [&](size_t i, const char* signal, const char* psp, double k, double n) {
    incidents::Alert& alert = alerts[i].alert;
    alert.signal = signal;
    alert.labels = Labels{{"psp", psp}};
    alert.kind = detectors::SignalKind::kRatio;
    alert.unit = "ratio";
    alert.sign = 1;
    alert.evidence.k = k;
    alert.evidence.n = n;
    alert.evidence.expected = 0.01;
  };
  set(0, "payments", "acme", 110, 1000);    // 100
  set(1, "payments", "acme", 60, 1000);     // the same series once more
  set(2, "payments", "other", 30, 1000);    // 20, but its fast window says 50
  set(3, "gateway", "acme", 5010, 501000);  // as expected
  alerts[2].windows = Json::parse(
      R"([{"agrees":true,"k":80,"expected_k":30},{"agrees":false,"k":900,"expected_k":0}])");
  const Impact impact = ImpactOf(alerts);
  REQUIRE(impact.failed);
  CHECK(*impact.failed == 150);
  REQUIRE(impact.signals.size() == 1);
  CHECK(impact.signals[0].series == 2);
  CHECK(impact.words.starts_with("At least about 150 failed requests"));
  alerts.resize(1);
  alerts[0].alert.sign = -1;  // fewer failures than usual
  CHECK_FALSE(ImpactOf(alerts).failed);
}

TEST_CASE("Postmortem: hostile labels, names and notes are inert in every format", "[postmortem]") {
  const std::string hostile =
      "</td><script>alert(1)</script>\x1b]0;x\x07\xe2\x80\xae|`\n# h " + std::string(5000, 'z');
  incidents::Incident incident = Outage();
  incident.summary = incident.scope_note = hostile;
  incident.scope.Set("psp", hostile);
  incident.changes[0].note = hostile;
  for (incidents::Member& member : incident.members) {
    member.alert.labels.Set("psp", hostile);
    member.why_joined = hostile;
  }
  Recording recording(incident);
  paging::Attention people = People();
  people.acknowledged.by = people.notes[0].text = hostile;
  recording.Add(EffectKind::kPeople, kTenOClock, kKey, paging::PeopleJson(people));
  store::Store& store = recording.Commit();
  for (const Format format : {Format::kMarkdown, Format::kHtml, Format::kJson}) {
    const std::string text = Exported(store, format);
    CHECK(text == Exported(store, format));
    CHECK(text.size() < 100'000);
    for (const char c : text) REQUIRE((static_cast<unsigned char>(c) >= 0x20 || c == '\n'));
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
    CHECK(text.find(std::string(kTextMax + 1, 'z')) == std::string::npos);
    if (format == Format::kJson) continue;
    const size_t tag = text.find("<script");
    CHECK((tag == std::string::npos || text[tag - 1] == '\\'));
    CHECK(text.find("\n# h") == std::string::npos);
  }
}

TEST_CASE("Postmortem: a storm is cut in the middle of its timeline, and counted", "[postmortem]") {
  incidents::Incident incident = Outage();
  const incidents::Member one = incident.members[1];
  for (incidents::AlertId id = 10; id < 410; ++id) {
    incident.members.push_back(one);
    incident.members.back().alert.id = id;
  }
  incident.changes.clear();
  Recording recording(incident);
  store::Store& store = recording.Commit();
  const Json draft = Json::parse(Exported(store, Format::kJson));
  CHECK(draft["alerts"].size() == kMembersMax);
  CHECK(draft["alerts_total"] == 403);
  CHECK(draft["timeline"].size() == kTimelineMax);
  CHECK(draft["timeline_total"] > 800);
  CHECK(draft["timeline"].back()["text"] == "incident resolved");
  CHECK(Exported(store, Format::kMarkdown).find("303 more alerts") != std::string::npos);
}

}  // namespace
}  // namespace quell::postmortem
