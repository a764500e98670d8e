// The single kinds of evidence: residual correlation, history, scope fill.
#include <catch2/catch.hpp>
#include <vector>

#include "core/random.h"
#include "engine/incidents/alerting_lanes.h"
#include "engine/incidents/co_occurrence.h"
#include "engine/incidents/correlation.h"
#include "engine/incidents/scope.h"
#include "engine/incidents/scope_index.h"

namespace quell::incidents {
namespace {

constexpr DurationMs kWindow = 10 * kMinuteMs;

// Each in a part of its own: joined by no label.
std::vector<CoOccurrence::Sighting> See(const std::vector<std::uint64_t>& identities) {
  std::vector<CoOccurrence::Sighting> out;
  for (const std::uint64_t id : identities) out.push_back({id, id});
  return out;
}

std::vector<float> Noise(std::uint64_t seed, size_t count) {
  Random random(seed);
  std::vector<float> out;
  for (size_t i = 0; i < count; ++i) out.push_back(static_cast<float>(random.Normal()));
  return out;
}

std::vector<Labels> PspPopulation() {
  std::vector<Labels> out;
  for (const char* psp : {"acme", "globex", "hooli", "stark"}) {
    for (const char* region : {"ap", "eu", "us"}) {
      out.push_back(
          Labels{{"alertname", "ratio"}, {"psp", psp}, {"region", region}, {"env", "prod"}});
    }
  }
  out.push_back(Labels{{"alertname", "depth"}, {"queue", "settlement"}, {"env", "prod"}});
  return out;
}

Member MemberOf(const Labels& labels) {
  Member out;
  out.alert.labels = labels;
  out.alert.signal = labels.Get("alertname");
  return out;
}

}  // namespace

TEST_CASE("Correlation: independent noise is nothing, however often it is tried", "[incidents]") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Correlation r = Correlate(Noise(2 * seed, 64), Noise(2 * seed + 1, 64), 0);
    CHECK(r.strong == 0);
    CHECK(r.jump == 0);
  }
}

TEST_CASE("Correlation: shared movement is found at the stated shift, up to two points off",
          "[incidents]") {
  const std::vector<float> all = Noise(7, 80);
  const std::vector<float> a(all.begin(), all.begin() + 64);
  const std::vector<float> b(all.begin() + 6, all.begin() + 70);  // ends six points later
  CHECK(Correlate(a, b, 6).strong > 0.99);
  CHECK(Correlate(a, b, 4).strong > 0.99);
  CHECK(Correlate(a, b, 2).strong == 0);
  CHECK(Correlate(b, a, -6).strong > 0.99);
}

TEST_CASE("Correlation: fewer than sixteen common points say nothing", "[incidents]") {
  const std::vector<float> all = Noise(7, 64);
  const std::vector<float> few(all.end() - 15, all.end());
  CHECK(Correlate(few, few, 0).strong == 0);
  CHECK(Correlate(all, all, 60).strong == 0);
  CHECK(Correlate(std::vector<float>(64, 1.0F), all, 0).strong == 0);
}

TEST_CASE("Correlation: a jump at the same step counts as a jump, not as shared movement",
          "[incidents]") {
  std::vector<float> a = Noise(1, 64), b = Noise(2, 64);
  for (size_t i = 62; i < 64; ++i) a[i] += 15, b[i] += 15;
  const Correlation r = Correlate(a, b, 0);
  CHECK(r.jump > 0.6);
  CHECK(r.strong == 0);
}

TEST_CASE("CoOccurrence: what began together three times is lifted above chance", "[incidents]") {
  CoOccurrence history(kWindow);
  for (int day = 0; day < 6; day += 2) {
    history.Learn(day * kDayMs, See({1}));
    history.Learn(day * kDayMs + 2 * kMinuteMs, See({2}));
    history.Learn(day * kDayMs + kHourMs, See({3}));
  }
  const auto lift = history.Between(7 * kDayMs, 1, 2);
  CHECK(lift.log_lift > 1);
  CHECK(lift.times == Approx(3).margin(0.4));
  CHECK(history.Between(7 * kDayMs, 2, 1).log_lift == lift.log_lift);
  CHECK(history.Between(7 * kDayMs, 1, 3).log_lift == 0);
  CHECK(history.Between(7 * kDayMs, 1, 1).log_lift == 0);
}

TEST_CASE("CoOccurrence: what labels have joined teaches nothing", "[incidents]") {
  CoOccurrence history(kWindow);
  using Sightings = std::vector<CoOccurrence::Sighting>;
  for (int day = 0; day < 8; day += 2) {
    history.Learn(day * kDayMs, Sightings{{1, 77}, {2, 77}, {3, 78}});
  }
  CHECK(history.Between(8 * kDayMs, 1, 2).log_lift == 0);
  CHECK(history.Between(8 * kDayMs, 1, 3).log_lift > 1);
}

TEST_CASE("CoOccurrence: what mostly begins alone does not belong together", "[incidents]") {
  CoOccurrence history(kWindow);
  for (int day = 0; day < 20; ++day) {
    history.Learn(day * kDayMs, See({1}));
    history.Learn(day * kDayMs + (day < 4 ? 0 : 5 * kHourMs), See({2}));
  }
  CHECK(history.Between(20 * kDayMs, 1, 2).log_lift == 0);
}

TEST_CASE("CoOccurrence: once is chance", "[incidents]") {
  CoOccurrence history(kWindow);
  history.Learn(0, See({9}));
  history.Learn(3 * kDayMs, See({1, 2}));
  CHECK(history.Between(4 * kDayMs, 1, 2).log_lift == 0);
}

TEST_CASE("CoOccurrence: an alert that always fires glues nothing", "[incidents]") {
  CoOccurrence history(kWindow);
  for (TimeMs now = 0; now < 3 * kDayMs; now += kWindow) {
    history.Learn(now, See({1}));
    if (now % (12 * kHourMs) == 0) history.Learn(now, See({2}));
  }
  CHECK(history.Between(3 * kDayMs, 1, 2).log_lift == 0);
}

TEST_CASE("CoOccurrence: months later little is left", "[incidents]") {
  CoOccurrence history(kWindow);
  for (int day = 0; day < 6; day += 2) {
    history.Learn(day * kDayMs, See({1, 2}));
  }
  CHECK(history.Between(6 * kDayMs, 1, 2).log_lift > 1);
  CHECK(history.Between(200 * kDayMs, 1, 2).log_lift == 0);
}

TEST_CASE("CoOccurrence: memory is bounded and storms teach nothing", "[incidents]") {
  CoOccurrence history(kWindow);
  std::vector<std::uint64_t> storm;
  for (std::uint64_t id = 1; id <= 400; ++id) storm.push_back(id);
  for (int day = 0; day < 4; ++day) history.Learn(day * kDayMs, See(storm));
  CHECK(history.empty());
  for (std::uint64_t id = 0; id < 30000; ++id) {
    history.Learn(10 * kDayMs + static_cast<TimeMs>(id) * kHourMs, See({1000 + id}));
  }
  ByteWriter out;
  history.Save(out);
  CHECK(out.bytes().size() < 21000 * 24);
}

TEST_CASE("ScopeIndex: constant pairs tell nothing, rare ones much", "[incidents]") {
  const std::vector<Labels> population = PspPopulation();
  const ScopeIndex index(population, {});
  const LaneId acme_eu = index.LaneOf(population[1]);
  const std::vector<FamilyId> family = {index.FamilyOf(acme_eu)};
  for (const PairId pair : index.PairsOf(acme_eu)) {
    const Label& label = index.PairLabel(pair);
    CHECK(index.Constant(pair) == (label.name == "env"));
    const double telling = index.Telling(std::vector<PairId>{pair}, family);
    if (label.name == "psp") CHECK(telling == Approx(std::log(4.0)));
    if (label.name == "region") CHECK(telling == Approx(std::log(3.0)));
    if (label.name == "env") CHECK(telling == 0);
  }
  CHECK(index.TellingPair(index.PairsOf(acme_eu)) == "psp=acme");
}

TEST_CASE("ScopeIndex: counts are those of the lanes that match, asked anew or again",
          "[incidents]") {
  const std::vector<Labels> population = PspPopulation();
  const Labels outside = {{"alertname", "disk"}, {"host", "h1"}, {"env", "prod"}};
  const Labels twin = {{"__name__", "x"}, {"host", "h1"}, {"env", "prod"}};
  const ScopeIndex index(population, std::vector<const Labels*>{&outside});
  CHECK(index.lanes() == 14);
  CHECK(index.LaneOf(twin) == index.LaneOf(outside));
  CHECK(!index.Knows(Labels{{"alertname", "disk"}, {"host", "h2"}, {"env", "prod"}}));
  AlertingLanes alerting(index);
  for (const LaneId lane : {1U, 2U, 2U, 4U, 12U}) alerting.Add(lane);

  const std::vector<std::vector<FamilyId>> families = {{}, {0}, {1}, {0, 1}, {0, 1, 2}};
  for (int time = 0; time < 2; ++time) {
    for (PairId a = 0; a < index.pairs(); ++a) {
      for (PairId b = a; b < index.pairs(); ++b) {
        const Pairs pairs = a == b ? Pairs{a} : Pairs{a, b};
        for (const auto& of : families) {
          Lanes lanes;
          size_t alert = 0;
          for (LaneId lane = 0; lane < index.lanes(); ++lane) {
            if (!index.Matches(lane, pairs, of)) continue;
            lanes.push_back(lane);
            alert += alerting.Has(lane) ? 1 : 0;
          }
          CHECK(index.Matching(pairs, of) == lanes);
          CHECK(index.CountMatching(pairs, of) == lanes.size());
          CHECK(alerting.CountIn(pairs, of) == alert);
        }
      }
    }
  }
  CHECK(index.CountMatching({}, families[3]) == 13);
  CHECK(alerting.CountIn({}, families[3]) == 4);
}

TEST_CASE("ScopeCounts: a full memory starts anew and counts again", "[incidents]") {
  ScopeCounts counts;
  size_t asked = 0;
  const auto of = [&](std::uint32_t pair) {
    return counts.Of(std::vector{pair}, {}, [&] { return ++asked, size_t{pair} * 3; });
  };
  for (std::uint32_t pair = 0; pair < 65536; ++pair) of(pair);
  CHECK(of(7) == 21);
  CHECK(asked == 65536);
  CHECK(of(65536) == 196608);
  CHECK(of(7) == 21);
  CHECK(asked == 65538);
  // Long ones fill it, too: sixteen of 65,536 families and what is between.
  const std::vector<std::uint32_t> many(65536, 1);
  for (std::uint32_t pair = 0; pair < 15; ++pair) {
    counts.Of(std::vector{pair}, many, [] { return size_t{1}; });
  }
  CHECK(of(7) == 21);
  CHECK(asked == 65538);
  counts.Of(std::vector{99U}, many, [] { return size_t{1}; });
  CHECK(of(7) == 21);
  CHECK(asked == 65539);
  // What is a pair and what a family is told apart.
  CHECK(counts.Of({}, std::vector<std::uint32_t>{7}, [] { return size_t{1}; }) == 1);
}

TEST_CASE("ChooseScope: names the narrowest scope that most members fill", "[incidents]") {
  const std::vector<Labels> population = PspPopulation();
  const ScopeIndex index(population, {});
  std::vector<Member> members = {MemberOf(population[0]), MemberOf(population[1]),
                                 MemberOf(population[2])};
  CHECK(ChooseScope(members, index).scope == Labels{{"psp", "acme"}});
  CHECK(ChooseScope(members, index).words == "psp=acme, all regions");
  CHECK(ChooseScope(members, index).note.empty());

  members.push_back(MemberOf(population[12]));
  CHECK(ChooseScope(members, index).scope == Labels{{"psp", "acme"}});
  CHECK(ChooseScope(members, index).note.find("queue=settlement") != std::string::npos);

  members.resize(2);
  CHECK(ChooseScope(members, index).words == "psp=acme, 2 of 3 regions (ap, eu)");
  members.resize(1);
  CHECK(ChooseScope(members, index).scope == Labels{{"psp", "acme"}, {"region", "ap"}});
}

TEST_CASE("ChooseScope: where all labels are constant they are the scope", "[incidents]") {
  const std::vector<Labels> population = {Labels{{"alertname", "ratio"}, {"service", "payments"}},
                                          Labels{{"alertname", "p95"}, {"service", "payments"}}};
  const ScopeIndex index(population, {});
  CHECK(ChooseScope(std::vector<Member>{MemberOf(population[0])}, index).scope ==
        Labels{{"service", "payments"}});
}

}  // namespace quell::incidents
