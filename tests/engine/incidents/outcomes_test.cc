// Every alert ends with one outcome, whatever merged, was muted, overflowed or was restored.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "core/random.h"
#include "tests/engine/incidents/random_incidents.h"
#include "tests/engine/incidents/scenario.h"

namespace quell::incidents {
namespace {

constexpr DurationMs kStepMs = 30 * kSecondMs;

ingest::Silence SilenceOf(const Label& label, TimeMs from, TimeMs to) {
  ingest::Silence silence;
  silence.id = "00000000-0000-4000-8000-" + std::to_string(100'000'000'000 + from % 1'000'000'000);
  silence.matchers = {{label.name, label.value, false, true}};
  silence.starts_at = silence.updated_at = from;
  silence.ends_at = to;
  return silence;
}

struct Ending {
  std::vector<Outcome> outcomes;
  std::map<AlertId, PageReason> final_reason;  // as the last event of its incident says
  std::map<AlertId, std::string> final_incident;
  std::set<AlertId> listed;  // by a page or an update
};

// The stream with silences, windows, deploys, flapping lanes and outages of monitoring on top.
Ending Play(const Stream& stream, std::uint64_t seed, size_t reload_every) {
  const FixedPopulation population(stream.population);
  Random random(seed);
  IncidentOptions options;
  IncidentEngine engine(options);
  std::map<TimeMs, IncidentEngine::StepInput> inputs;
  TimeMs last = 0;
  for (const Alert& alert : stream.alerts) {
    Alert firing = alert;
    firing.ends_at = 0;
    inputs[alert.starts_at].fired.push_back(firing);
    inputs[alert.ends_at].cleared.push_back(alert);
    last = std::max(last, alert.ends_at);
  }
  Ending out;
  size_t step = 0;
  for (TimeMs now = stream.alerts.front().starts_at; now <= last + kHourMs; now += kStepMs) {
    const auto roll = random.Next() % 60;
    const Alert& some = stream.alerts[random.Next() % stream.alerts.size()];
    const Label label = *(some.labels.begin() + 1);
    if (roll == 0) engine.SetSilence(SilenceOf(label, now, now + 20 * kMinuteMs), 100);
    if (roll == 1) {
      Change change;
      change.id = std::to_string(step);
      change.kind = step % 2 == 0 ? ChangeKind::kMaintenance : ChangeKind::kDeploy;
      change.start = now;
      change.end = now + 15 * kMinuteMs;
      change.scope.Set(label.name, label.value);
      engine.AddChange(change);
    }
    IncidentEngine::StepInput input = inputs[now];
    input.now = now;
    input.scrape_outage = roll == 2;
    for (const IncidentEvent& event : engine.Step(std::move(input), population)) {
      const bool over =
          event.kind == IncidentEventKind::kResolve || event.kind == IncidentEventKind::kSuppress;
      for (const Member& member : event.incident.members) {
        if (over) {
          out.final_reason[member.alert.id] = member.reason;
          out.final_incident[member.alert.id] = event.incident.key;
        } else {
          out.listed.insert(member.alert.id);
        }
      }
    }
    for (Outcome& outcome : engine.TakeOutcomes()) out.outcomes.push_back(std::move(outcome));
    ++step;
    if (reload_every != 0 && step % reload_every == 0) {
      ByteWriter writer;
      engine.Save(writer);
      ByteReader reader(writer.bytes());
      auto loaded = IncidentEngine::Load(reader, options);
      REQUIRE(loaded.ok());
      engine = *std::move(loaded);
    }
  }
  CHECK(engine.Open().empty());
  return out;
}

}  // namespace

TEST_CASE("Outcomes: every alert ends with exactly one, and it is what its incident says",
          "[incidents]") {
  std::map<PageReason, int> met;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Stream stream = MakeStream(seed, 12, 9);
    const Ending ending = Play(stream, seed, 0);
    std::map<AlertId, int> settled;
    for (const Outcome& outcome : ending.outcomes) {
      CAPTURE(seed, outcome.alert);
      CHECK(settled[outcome.alert] == 0);  // nothing is told after the last word
      if (!outcome.settled) continue;
      ++settled[outcome.alert];
      ++met[outcome.reason];
      CHECK(ending.final_reason.at(outcome.alert) == outcome.reason);
      CHECK(ending.final_incident.at(outcome.alert) == outcome.incident);
    }
    CHECK(settled.size() == stream.alerts.size());
    for (const auto& [alert, times] : settled) CHECK(times == 1);
  }
  for (const PageReason reason : {PageReason::kPaged, PageReason::kDuplicateOf,
                                  PageReason::kMaintenance, PageReason::kSilenced}) {
    CAPTURE(PageReasonName(reason));
    CHECK(met[reason] > 0);
  }
}

TEST_CASE("Outcomes: a restart in between changes none of them", "[incidents]") {
  const Stream stream = MakeStream(3, 12, 9);
  const auto lines = [](const Ending& ending) {
    std::vector<std::string> out;
    for (const Outcome& o : ending.outcomes) {
      out.push_back(std::to_string(o.at) + ' ' + std::to_string(o.alert) + ' ' + o.incident + ' ' +
                    std::string(PageReasonName(o.reason)) + (o.settled ? " settled" : ""));
    }
    return out;
  };
  const auto straight = lines(Play(stream, 3, 0));
  CHECK(straight.size() > stream.alerts.size());
  CHECK(lines(Play(stream, 3, 1)) == straight);
}

TEST_CASE("Outcomes: what is muted says so while it fires", "[incidents]") {
  const FixedPopulation population({Labels{{"alertname", "ratio"}, {"psp", "acme"}}});
  IncidentEngine engine{IncidentOptions{}};
  const TimeMs now = 1000 * kHourMs;
  engine.SetSilence(SilenceOf({"psp", "acme"}, now, now + kHourMs), 100);
  Alert alert;
  alert.id = 1;
  alert.labels = Labels{{"alertname", "ratio"}, {"psp", "acme"}};
  alert.fingerprint = alert.labels.Fingerprint();
  alert.onset = alert.starts_at = now;
  IncidentEngine::StepInput input;
  input.now = now;
  input.fired = {alert};
  CHECK(engine.Step(std::move(input), population).empty());
  const auto first = engine.TakeOutcomes();
  REQUIRE(first.size() == 1);
  CHECK(first[0].reason == PageReason::kSilenced);
  CHECK_FALSE(first[0].settled);
  CHECK(engine.TakeOutcomes().empty());  // told once
  input = {};
  input.now = now + kHourMs;
  REQUIRE(engine.Step(std::move(input), population).size() == 1);
  const auto second = engine.TakeOutcomes();
  REQUIRE(second.size() == 1);
  CHECK(second[0].reason == PageReason::kPaged);
}

}  // namespace quell::incidents
