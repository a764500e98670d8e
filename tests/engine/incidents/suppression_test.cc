// What Quell mutes of its own accord is bounded; a critical alert of a new kind always pages.
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "core/random.h"
#include "engine/incidents/feedback.h"
#include "engine/incidents/noise_book.h"
#include "engine/incidents/suppression_book.h"
#include "tests/engine/incidents/scenario.h"

namespace quell::incidents {
namespace {

constexpr TimeMs kNow = 1000 * kHourMs;
constexpr DurationMs kStepMs = 30 * kSecondMs;

Labels LaneOf(int i) { return Labels{{"alertname", "ratio"}, {"psp", "psp" + std::to_string(i)}}; }

Alert AlertOf(AlertId id, const Labels& labels, TimeMs at, Severity severity) {
  Alert alert;
  alert.id = id;
  alert.labels = labels;
  alert.fingerprint = labels.Fingerprint();
  alert.signal = labels.Get("alertname");
  alert.what = "failure ratio";
  alert.unit = "ratio";
  alert.kind = detectors::SignalKind::kRatio;
  alert.sign = 1;
  alert.onset = alert.starts_at = at;
  alert.severity = severity;
  return alert;
}

Feedback Said(int number, FeedbackVerdict verdict, const Labels& labels, TimeMs at) {
  Feedback feedback;
  feedback.id = std::to_string(number);
  feedback.incident = "incident-" + std::to_string(number);
  feedback.at = at;
  feedback.verdict = verdict;
  feedback.members.push_back({static_cast<AlertId>(number), 0, labels, at, at});
  return feedback;
}

// Steps every 30 seconds from kNow on; what it was told, in words.
struct World {
  explicit World(IncidentOptions with = {}) : options(with), engine(options) {}

  std::vector<IncidentEvent> Step(std::vector<Alert> fired, std::vector<Alert> cleared = {}) {
    now += kStepMs;
    if (reload) {
      ByteWriter writer;
      engine.Save(writer);
      ByteReader reader(writer.bytes());
      auto loaded = IncidentEngine::Load(reader, options);
      REQUIRE(loaded.ok());
      engine = *std::move(loaded);
    }
    IncidentEngine::StepInput input;
    input.now = now;
    input.fired = std::move(fired);
    input.cleared = std::move(cleared);
    auto events = engine.Step(std::move(input), population);
    for (Outcome& outcome : engine.TakeOutcomes()) {
      if (outcome.settled) settled.push_back(outcome.reason);
    }
    for (const IncidentEvent& event : events) {
      if (event.kind == IncidentEventKind::kPage) {
        ++pages;
        paged_at = event.at;
      }
      if (event.kind == IncidentEventKind::kResolve) ++resolves;
    }
    return events;
  }
  Alert Fire(const Labels& labels, Severity severity) {
    return AlertOf(next_id++, labels, now + kStepMs, severity);
  }
  // One alert for `steps` steps, then calm until its incident is over.
  TimeMs Episode(const Labels& labels, Severity severity, int steps) {
    Alert alert = Fire(labels, severity);
    Step({alert});
    const TimeMs began = now;
    for (int i = 1; i < steps; ++i) Step({});
    alert.ends_at = now + kStepMs;
    Step({}, {alert});
    for (int i = 0; i < 11; ++i) Step({});
    return began;
  }
  void Teach(const Labels& labels, int times) {
    for (int i = 0; i < times; ++i) {
      engine.AddFeedback(Said(++said, FeedbackVerdict::kNotAnIncident, labels, now));
    }
  }

  IncidentOptions options;
  FixedPopulation population{{LaneOf(0), LaneOf(1), LaneOf(2), LaneOf(3)}};
  IncidentEngine engine;
  TimeMs now = kNow;
  TimeMs paged_at = 0;
  AlertId next_id = 1;
  int pages = 0, resolves = 0, said = 0;
  bool reload = false;
  std::vector<PageReason> settled;
};

}  // namespace

TEST_CASE("Suppression: what people called no incident three times is known noise", "[incidents]") {
  World world;
  world.Teach(LaneOf(0), 2);
  world.Episode(LaneOf(0), Severity::kError, 3);
  CHECK(world.pages == 1);
  world.Teach(LaneOf(0), 1);
  world.Episode(LaneOf(0), Severity::kError, 3);
  CHECK(world.pages == 1);
  CHECK(world.settled.back() == PageReason::kKnownNoise);
  world.Episode(LaneOf(1), Severity::kError, 3);  // equal kind, another scope
  CHECK(world.pages == 2);
  world.engine.AddFeedback(Said(99, FeedbackVerdict::kReal, LaneOf(0), world.now));
  world.Episode(LaneOf(0), Severity::kError, 3);
  CHECK(world.pages == 3);
}

TEST_CASE("Suppression: noise is forgotten by and by", "[incidents]") {
  FeedbackBook book;
  for (int i = 0; i < 3; ++i) {
    book.Add(Said(i, FeedbackVerdict::kNotAnIncident, LaneOf(0), kNow));
  }
  // The last word on an incident counts once.
  book.Add(Said(3, FeedbackVerdict::kNotAnIncident, LaneOf(1), kNow));
  for (int i = 4; i < 7; ++i) {
    Feedback again = Said(i, FeedbackVerdict::kNotAnIncident, LaneOf(1), kNow);
    again.incident = "incident-3";
    book.Add(again);
  }
  NoiseBook noise{NoiseOptions{}};
  noise.Learn(book);
  CHECK(noise.Known(LaneOf(0), kNow + 29 * kDayMs));
  CHECK_FALSE(noise.Known(LaneOf(0), kNow + 31 * kDayMs));
  CHECK_FALSE(noise.Known(LaneOf(1), kNow));
  CHECK_FALSE(noise.Known(LaneOf(2), kNow));
}

TEST_CASE("Suppression: a critical alert pages within the bound, whatever was learned of it",
          "[incidents]") {
  for (const bool reload : {false, true}) {
    for (const DurationMs bound : {DurationMs{0}, kMinuteMs, 5 * kMinuteMs}) {
      IncidentOptions options;
      options.suppression.critical_bound_ms = bound;
      World world(options);
      world.Teach(LaneOf(0), 50);
      world.reload = reload;
      const TimeMs began = world.Episode(LaneOf(0), Severity::kCritical, 15);
      CAPTURE(bound, reload);
      REQUIRE(world.pages == 1);
      CHECK(world.paged_at - began <= bound);
      CHECK(world.paged_at - began >= bound - kStepMs);  // it was muted until then
      CHECK(world.resolves == 1);
      // What is known noise never counts as told: the next one is bounded, too.
      world.Episode(LaneOf(0), Severity::kCritical, 15);
      CHECK(world.pages == 2);
    }
  }
}

TEST_CASE("Suppression: flapping that turns critical pages within the bound", "[incidents]") {
  World world;
  for (int i = 0; i < 6; ++i) world.Episode(LaneOf(0), Severity::kError, 4);
  REQUIRE(world.pages == 4);
  REQUIRE(world.settled.back() == PageReason::kFlapping);
  const TimeMs began = world.Episode(LaneOf(0), Severity::kCritical, 4);
  CHECK(world.pages == 5);
  CHECK(world.paged_at - began <= kMinuteMs);
  world.Episode(LaneOf(0), Severity::kCritical, 4);  // that much was told
  CHECK(world.pages == 5);
}

TEST_CASE("Suppression: the mutes of one identity have a budget of time and of number",
          "[incidents]") {
  IncidentOptions options;
  options.suppression.count_max = 5;
  World often(options);
  often.Teach(LaneOf(0), 3);
  for (int i = 0; i < 12; ++i) often.Episode(LaneOf(0), Severity::kError, 2);
  CHECK(often.pages == 2);  // the sixth and the twelfth
  World lasting;
  lasting.Teach(LaneOf(0), 3);
  const TimeMs began = lasting.Episode(LaneOf(0), Severity::kError, 10 * 120);
  CHECK(lasting.pages == 1);
  CHECK(lasting.paged_at - began >= options.suppression.time_max_ms);
  CHECK(lasting.paged_at - began <= options.suppression.time_max_ms + kStepMs);
}

TEST_CASE("Suppression: an alert muted in an open incident is looked at again", "[incidents]") {
  World world;
  world.Teach(LaneOf(0), 3);
  // Two names at one place join.
  const Labels other{{"alertname", "latency"}, {"psp", "psp0"}};
  world.Step({world.Fire(other, Severity::kError)});
  REQUIRE(world.pages == 1);
  const Alert noise = world.Fire(LaneOf(0), Severity::kCritical);
  const auto first = world.Step({noise});
  REQUIRE(world.engine.Open().size() == 1);
  const auto reason = [&] { return world.engine.Open()[0]->members.back().reason; };
  CHECK(reason() == PageReason::kKnownNoise);
  world.Step({});
  const auto second = world.Step({});  // a minute after it began
  REQUIRE(second.size() == 1);
  CHECK(second[0].kind == IncidentEventKind::kUpdate);
  CHECK(reason() == PageReason::kDuplicateOf);
}

TEST_CASE("Suppression: a mute never takes away the resolve of what paged", "[incidents]") {
  for (const int by : {0, 1, 2}) {
    World world;
    Alert alert = world.Fire(LaneOf(0), Severity::kCritical);
    world.Step({alert});
    REQUIRE(world.pages == 1);
    if (by == 0) world.Teach(LaneOf(0), 10);
    if (by == 1) {
      Change change;
      change.id = "m";
      change.kind = ChangeKind::kMaintenance;
      change.start = world.now;
      change.end = world.now + kHourMs;
      world.engine.AddChange(change);
    }
    if (by == 2) {
      ingest::Silence silence;
      silence.id = "00000000-0000-4000-8000-000000000001";
      silence.matchers = {{"psp", ".*", true, true}};
      silence.starts_at = silence.updated_at = world.now;
      silence.ends_at = world.now + kHourMs;
      world.engine.SetSilence(silence, 10);
    }
    for (int i = 0; i < 4; ++i) world.Step({});
    alert.ends_at = world.now + kStepMs;
    world.Step({}, {alert});
    for (int i = 0; i < 11; ++i) world.Step({});
    CAPTURE(by);
    CHECK(world.resolves == 1);
  }
}

TEST_CASE("Suppression: a deploy is named and mutes nothing", "[incidents]") {
  World world;
  Change change;
  change.id = "d";
  change.kind = ChangeKind::kDeploy;
  change.start = world.now;
  change.end = world.now + kHourMs;
  world.engine.AddChange(change);
  const auto events = world.Step({world.Fire(LaneOf(0), Severity::kWarning)});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == IncidentEventKind::kPage);
  REQUIRE(events[0].incident.changes.size() == 1);
  CHECK(events[0].incident.changes[0].id == "d");
}

TEST_CASE("Suppression: no history of flaps and noise hides a new critical alert", "[incidents]") {
  int bounded = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    World world;
    world.Teach(LaneOf(static_cast<int>(random.Next() % 2)), 3);
    std::map<int, TimeMs> told;  // as critical, by lane
    for (int i = 0; i < 40; ++i) {
      const int lane = static_cast<int>(random.Next() % 3);
      const bool critical = random.Next() % 8 == 0;
      const int steps = static_cast<int>(2 + random.Next() % 5);
      const bool lately = told.contains(lane) && world.now - told[lane] < 6 * kHourMs;
      const int before = world.pages;
      const TimeMs began =
          world.Episode(LaneOf(lane), critical ? Severity::kCritical : Severity::kError, steps);
      CAPTURE(seed, i, lane);
      CHECK(world.resolves == world.pages);
      if (!critical) continue;
      if (world.pages > before) told[lane] = world.paged_at;
      if (lately || steps < 3) continue;
      REQUIRE(world.pages == before + 1);
      CHECK(world.paged_at - began <= kMinuteMs);
      ++bounded;
    }
  }
  CHECK(bounded > 30);
}

namespace {

constexpr int kServices = 60, kRegions = 2;

Labels CallerOf(int service, int region) {
  return Labels{{"alertname", "p95"},
                {"service", "s" + std::to_string(service)},
                {"zone", "z" + std::to_string(service) + "-" + std::to_string(region)}};
}

// acme fails everywhere and goes on; every service calls it.
World Upstream(const IncidentOptions& with = {}) {
  IncidentOptions options = with;
  std::vector<Labels> lanes = {LaneOf(0), LaneOf(1), LaneOf(2), LaneOf(3)};
  for (int service = 0; service < kServices; ++service) {
    options.topology.edges.push_back({"s" + std::to_string(service), "psp0"});
    for (int region = 0; region < kRegions; ++region) lanes.push_back(CallerOf(service, region));
  }
  World world(options);
  world.population = FixedPopulation(std::move(lanes));
  Alert alert = world.Fire(LaneOf(0), Severity::kCritical);
  alert.evidence.value = 0.6;
  alert.evidence.expected = 0.01;
  alert.evidence.tail_probability = 1e-12;
  world.Step({alert});
  for (int i = 0; i < 28; ++i) world.Step({});
  return world;
}

size_t CountInhibited(const World& world) {
  size_t out = 0;
  for (const Incident* incident : world.engine.Open()) {
    for (const Member& member : incident->members) {
      out += member.reason == PageReason::kInhibited ? 1 : 0;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("Suppression: one origin inhibits a hundred alerts; the next one pages", "[incidents]") {
  World world = Upstream();
  REQUIRE(world.pages == 1);
  std::vector<Alert> fired;
  for (int i = 0; i < 100; ++i) {
    fired.push_back(world.Fire(CallerOf(i / kRegions, i % kRegions), Severity::kError));
  }
  world.Step(std::move(fired));
  CHECK(CountInhibited(world) == 100);
  CHECK(world.pages == 1);
  world.Step({world.Fire(CallerOf(55, 0), Severity::kError)});
  for (int i = 0; i < 4; ++i) world.Step({});
  CHECK(world.pages == 2);
}

TEST_CASE("Suppression: an alert that is inhibited again and again pages at last", "[incidents]") {
  IncidentOptions options;
  options.suppression.count_max = 2;
  World world = Upstream(options);
  for (int i = 0; i < 2; ++i) {
    world.Episode(CallerOf(0, 0), Severity::kError, 3);
    CHECK(world.settled.back() == PageReason::kInhibited);
  }
  CHECK(world.pages == 1);
  world.Episode(CallerOf(0, 0), Severity::kError, 3);
  CHECK(world.pages == 2);
}

}  // namespace quell::incidents
