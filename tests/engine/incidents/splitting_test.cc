// An incident that turns out to be two troubles, or is said to be two.
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "engine/incidents/incident_engine.h"
#include "tests/engine/incidents/scenario.h"

namespace quell::incidents {
namespace {

constexpr TimeMs kStart = 1'772'409'600'000;

std::vector<float> Noise(std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out;
  for (int i = 0; i < 64; ++i) out.push_back(static_cast<float>(random.Normal()));
  return out;
}

// The lanes of acme and globex have nothing in common.
Labels LaneOf(const std::string& name, const std::string& psp, int number) {
  return Labels{{"alertname", name},
                {"psp", psp},
                {psp == "acme" ? "method" : "bank", "n" + std::to_string(number)}};
}

std::vector<Labels> AllLanes() {
  std::vector<Labels> out;
  for (const char* psp : {"acme", "globex", "hooli", "stark"}) {
    for (int method = 0; method < 6; ++method) out.push_back(LaneOf("failures", psp, method));
  }
  return out;
}

// An engine, its population and what it told.
class House {
 public:
  explicit House(bool reload = false) : reload_(reload) {}

  // What fires now; a minute passes.
  void Minute(std::vector<Alert> fired, std::vector<Alert> cleared = {}) {
    IncidentEngine::StepInput input;
    input.now = now;
    input.fired = std::move(fired);
    input.cleared = std::move(cleared);
    Step(std::move(input));
    now += kMinuteMs;
  }
  void Split(const std::vector<AlertId>& alerts) {
    IncidentEngine::StepInput input;
    input.now = now;
    input.between = true;
    input.splits.emplace_back(engine.Open().front()->id, alerts);
    Step(std::move(input));
  }
  void Merge(IncidentId elder, IncidentId younger) {
    IncidentEngine::StepInput input;
    input.now = now;
    input.between = true;
    input.merges.emplace_back(elder, younger);
    Step(std::move(input));
  }
  Alert Fire(const std::string& psp, int method, std::vector<float> z) {
    Alert alert;
    alert.id = ++last_id;
    alert.labels = LaneOf("failures", psp, method);
    alert.fingerprint = alert.labels.Fingerprint();
    alert.signal = "failures";
    alert.what = "failure ratio";
    alert.kind = detectors::SignalKind::kRatio;
    alert.severity = Severity::kError;
    alert.sign = 1;
    alert.onset = alert.starts_at = now;
    alert.recent_z = std::move(z);
    return alert;
  }
  // acme and globex, joined by residuals that move together at first.
  void TwoJoined() {
    const std::vector<float> together = Noise(7);
    Minute({Fire("acme", 0, together), Fire("globex", 0, together)});
    REQUIRE(engine.Open().size() == 1);
  }
  // Four more of each, that do not, or that do; then one more of acme.
  void Others(bool together = false) {
    std::vector<Alert> fired;
    for (int number = 1; number < 5; ++number) {
      const auto seed = static_cast<std::uint64_t>(number);
      fired.push_back(Fire("acme", number, Noise(100 + seed)));
      fired.push_back(Fire("globex", number, Noise(together ? 100 + seed : 200 + seed)));
    }
    Minute(std::move(fired));
    Minute({Fire("acme", 5, Noise(105))});
  }
  std::string Told() const {
    std::string out;
    for (const IncidentEvent& event : events) {
      if (event.kind == IncidentEventKind::kUpdate) continue;
      out += (out.empty() ? "" : " ") + std::string(IncidentEventKindName(event.kind)) + "#" +
             std::to_string(event.incident.id);
    }
    return out;
  }
  // "1: acme/1 globex/2; 2: ..." of what is open.
  std::string Open() const {
    std::string out;
    for (const Incident* incident : engine.Open()) {
      out += std::to_string(incident->id) + ":";
      for (const Member& member : incident->members) {
        out += " " + std::string(member.alert.labels.Get("psp")) + "/" +
               std::to_string(member.alert.id) + " (" + member.why_joined + ")";
      }
      out += "; ";
    }
    return out;
  }
  const Incident& At(size_t index) const { return *engine.Open().at(index); }

  TimeMs now = kStart;
  AlertId last_id = 0;
  IncidentEngine engine{IncidentOptions{}};
  std::vector<IncidentEvent> events;

 private:
  void Step(IncidentEngine::StepInput input) {
    for (IncidentEvent& event : engine.Step(std::move(input), population_)) {
      events.push_back(std::move(event));
    }
    if (!reload_) return;
    ByteWriter saved;
    engine.Save(saved);
    ByteReader reader(saved.bytes());
    auto loaded = IncidentEngine::Load(reader, IncidentOptions{});
    REQUIRE(loaded.ok());
    engine = *std::move(loaded);
  }

  bool reload_;
  FixedPopulation population_{AllLanes()};
};

std::set<std::string> PspsOf(const Incident& incident) {
  std::set<std::string> out;
  for (const Member& member : incident.members) out.emplace(member.alert.labels.Get("psp"));
  return out;
}

}  // namespace

TEST_CASE("Split: what nothing connects any more becomes an incident of its own", "[incidents]") {
  House house;
  house.TwoJoined();
  const std::string key = house.At(0).key;
  house.Others();
  INFO(house.Open());
  REQUIRE(house.engine.Open().size() == 2);
  CHECK(house.At(0).key == key);
  CHECK(PspsOf(house.At(0)) == std::set<std::string>{"acme"});
  CHECK(PspsOf(house.At(1)) == std::set<std::string>{"globex"});
  CHECK(house.At(1).members.size() == 5);
  CHECK(house.At(1).split_from == key);
  CHECK(house.At(0).split_into == house.At(1).key);
  CHECK(house.At(0).split_reason == SplitReason::kNoCommonEvidence);
  CHECK(house.At(1).split_reason == SplitReason::kNoCommonEvidence);
  CHECK(house.Told() == "page#1 split#1 page#2");
}

TEST_CASE("Split: the two stay two, whatever their evidence becomes", "[incidents]") {
  House house;
  house.TwoJoined();
  house.Others();
  REQUIRE(house.engine.Open().size() == 2);
  const std::vector<float> together = Noise(9);
  for (int i = 0; i < 5; ++i) {
    house.Minute({house.Fire("acme", 5, together), house.Fire("globex", 5, together)});
  }
  CHECK(house.engine.Open().size() == 2);
  CHECK(house.Told() == "page#1 split#1 page#2");
}

TEST_CASE("Split: residuals that go on moving together keep it one", "[incidents]") {
  House house;
  house.TwoJoined();
  house.Others(true);
  INFO(house.Open());
  CHECK(house.engine.Open().size() == 1);
}

TEST_CASE("Split: each part ends by itself, and its page resolves", "[incidents]") {
  House house;
  house.TwoJoined();
  house.Others();
  REQUIRE(house.engine.Open().size() == 2);
  std::vector<Alert> over;
  for (const Member& member : house.At(1).members) {
    over.push_back(member.alert);
    over.back().ends_at = house.now;
  }
  house.Minute({}, std::move(over));
  for (int i = 0; i < 6; ++i) house.Minute({});
  CHECK(house.Told() == "page#1 split#1 page#2 resolve#2");
  CHECK(house.engine.Open().size() == 1);
}

TEST_CASE("Split: a person's word splits what labels would join", "[incidents]") {
  House house;
  std::vector<Alert> all;
  for (int method = 0; method < 6; ++method) all.push_back(house.Fire("acme", method, {}));
  house.Minute(std::move(all));
  REQUIRE(house.engine.Open().size() == 1);
  house.Split({5, 6, 77});
  REQUIRE(house.engine.Open().size() == 2);
  CHECK(house.At(0).members.size() == 4);
  CHECK(house.At(1).members.size() == 2);
  CHECK(house.At(1).split_reason == SplitReason::kPeople);
  CHECK(house.Told() == "page#1 split#1 page#2");
  for (int i = 0; i < 5; ++i) house.Minute({house.Fire("acme", i, {})});
  CHECK(house.engine.Open().size() == 2);
  // All of it, or what is none of it, is no split.
  house.Split({1, 2, 3, 4, 7, 8, 9, 10, 11});
  house.Split({99});
  CHECK(house.engine.Open().size() == 2);
}

TEST_CASE("Split: what merges people have seen is not split by evidence", "[incidents]") {
  House house;
  house.TwoJoined();
  house.Minute({house.Fire("hooli", 5, Noise(2))});
  REQUIRE(house.engine.Open().size() == 2);
  house.Merge(1, 2);
  REQUIRE(house.engine.Open().size() == 1);
  house.Others();
  CHECK(house.engine.Open().size() == 1);
  CHECK(house.Told() == "page#1 page#2 merge#2");
}

TEST_CASE("Split: a restart at any moment changes nothing", "[incidents]") {
  const auto run = [](bool reload) {
    House house(reload);
    house.TwoJoined();
    house.Others();
    house.Minute({house.Fire("globex", 5, Noise(3))});
    house.Split({1});
    for (int i = 0; i < 3; ++i) house.Minute({});
    CHECK(house.Told() == "page#1 split#1 page#2 split#1 page#3");
    return ToBytes(house.events);
  };
  CHECK(run(false) == run(true));
}

}  // namespace quell::incidents
