#include "engine/incidents/origins.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace quell::incidents {
namespace {

constexpr TimeMs kOnset = 1787529600000;

// Three PSPs by region and method, and four services by region.
std::vector<Labels> Platform() {
  std::vector<Labels> out;
  for (const char* region : {"eu", "us", "ap"}) {
    for (const char* psp : {"acme", "globex", "initech"}) {
      for (const char* method : {"card", "wallet"}) {
        out.push_back(Labels{{"alertname", "calls"},
                             {"psp", psp},
                             {"region", region},
                             {"method", method},
                             {"service", "gateway"}});
      }
    }
    for (const char* service : {"gateway", "checkout", "ledger", "risk"}) {
      out.push_back(Labels{{"alertname", "http"}, {"service", service}, {"region", region}});
    }
  }
  return out;
}

class Bench {
 public:
  Bench() : population_(Platform()), index_(population_, {}) { incident_.onset = kOnset; }

  // Every lane that carries those labels alerts, so many of its requests failing.
  void Fail(const Labels& where, double share, DurationMs later = 0) {
    for (const Labels& labels : population_) {
      const bool carries = std::all_of(where.begin(), where.end(), [&](const Label& label) {
        return labels.Get(label.name) == label.value;
      });
      if (!carries) continue;
      Member member;
      member.alert.id = incident_.members.size() + 1;
      member.alert.labels = labels;
      member.alert.kind = detectors::SignalKind::kRatio;
      member.alert.sign = 1;
      member.alert.onset = kOnset + later;
      member.alert.evidence.value = share;
      incident_.members.push_back(std::move(member));
    }
  }
  void Announce(ChangeKind kind, DurationMs before, const Labels& scope) {
    incident_.changes.push_back({"change-1", kind, kOnset - before, kOnset - before, scope, "v7"});
  }
  std::vector<Origin> Rank(const TopologyOptions& topology = {}) const {
    return RankOrigins(incident_, index_, Topology(topology));
  }

 private:
  std::vector<Labels> population_;
  ScopeIndex index_;
  Incident incident_;
};

bool Has(const Origin& origin, OriginReason reason) {
  return std::find(origin.reasons.begin(), origin.reasons.end(), reason) != origin.reasons.end();
}

}  // namespace

TEST_CASE("Origins: of a PSP and the services that suffer with it, the PSP", "[incidents]") {
  Bench bench;
  bench.Fail(Labels{{"psp", "acme"}, {"region", "eu"}}, 0.6);
  bench.Fail(Labels{{"alertname", "http"}, {"service", "gateway"}, {"region", "eu"}}, 0.2);
  bench.Fail(Labels{{"service", "checkout"}, {"region", "eu"}}, 0.1, kMinuteMs);
  const auto origins = bench.Rank();
  REQUIRE(IsClear(origins));
  CHECK(origins.front().where == Labels{{"psp", "acme"}, {"region", "eu"}});
  CHECK(origins.front().change.empty());
  for (const OriginReason reason :
       {OriginReason::kFirst, OriginReason::kWhole, OriginReason::kStrongest}) {
    CHECK(Has(origins.front(), reason));
  }
  CHECK_FALSE(Has(origins.front(), OriginReason::kUpstream));
}

TEST_CASE("Origins: where all of a region fails, the region", "[incidents]") {
  Bench bench;
  bench.Fail(Labels{{"region", "us"}}, 0.5);
  const auto origins = bench.Rank();
  REQUIRE(IsClear(origins));
  CHECK(origins.front().where == Labels{{"region", "us"}});
  CHECK(Has(origins.front(), OriginReason::kWhole));
  CHECK(Has(origins.front(), OriginReason::kExplains));
}

TEST_CASE("Origins: with a topology the server that its clients depend on", "[incidents]") {
  Bench bench;
  bench.Fail(Labels{{"alertname", "http"}, {"service", "ledger"}, {"region", "eu"}}, 0.3);
  bench.Fail(Labels{{"service", "checkout"}, {"region", "eu"}}, 0.3, 2 * kMinuteMs);
  const auto without = bench.Rank();
  CHECK((!IsClear(without) || without.front().where == Labels{{"region", "eu"}}));
  TopologyOptions topology;
  topology.edges = {{"checkout", "ledger"}};
  const auto with = bench.Rank(topology);
  REQUIRE(IsClear(with));
  CHECK(with.front().where == Labels{{"region", "eu"}, {"service", "ledger"}});
  CHECK(Has(with.front(), OriginReason::kUpstream));
}

TEST_CASE("Origins: a deploy just before is likelier than the place alone, one long before is not",
          "[incidents]") {
  const Labels ledger{{"service", "ledger"}, {"region", "eu"}};
  Bench bench;
  bench.Fail(ledger, 0.4);
  bench.Announce(ChangeKind::kDeploy, 3 * kMinuteMs, ledger);
  const auto origins = bench.Rank();
  REQUIRE(IsClear(origins));
  CHECK(origins.front().change == "change-1");
  CHECK(origins.front().where == ledger);
  CHECK(Has(origins.front(), OriginReason::kChangeBefore));
  CHECK(OriginWords(origins.front()).find("deploy of region=eu, service=ledger") == 0);

  Bench stale;
  stale.Fail(ledger, 0.4);
  stale.Announce(ChangeKind::kDeploy, 31 * kMinuteMs, ledger);
  CHECK(stale.Rank().front().change.empty());
  Bench elsewhere;
  elsewhere.Fail(ledger, 0.4);
  elsewhere.Announce(ChangeKind::kDeploy, 3 * kMinuteMs, Labels{{"region", "eu"}});
  CHECK(elsewhere.Rank().front().change.empty());  // the rest of the region is well
}

TEST_CASE("Origins: of lanes that share nothing the origin is unclear", "[incidents]") {
  Bench bench;
  bench.Fail(Labels{{"psp", "acme"}, {"region", "eu"}, {"method", "card"}}, 0.4);
  bench.Fail(Labels{{"service", "risk"}, {"region", "us"}}, 0.4);
  bench.Fail(Labels{{"service", "ledger"}, {"region", "ap"}}, 0.4);
  const auto origins = bench.Rank();
  CHECK_FALSE(IsClear(origins));
  CHECK(OriginSentence(origins).find("Likely origin: unclear; perhaps ") == 0);
}

TEST_CASE("Origins: confidences are shares of one, the likeliest first", "[incidents]") {
  for (const double share : {0.1, 0.9}) {
    Bench bench;
    bench.Fail(Labels{{"psp", "acme"}, {"method", "card"}}, 0.4);
    bench.Fail(Labels{{"service", "gateway"}, {"region", "eu"}}, share, kMinuteMs);
    double sum = 0;
    for (const Origin& origin : bench.Rank()) {
      CHECK(origin.confidence >= 0.05);
      sum += origin.confidence;
    }
    CHECK(sum <= 1.02);
  }
}

TEST_CASE("Origins: an effect is a share of requests, or of the larger of both", "[incidents]") {
  Alert alert;
  alert.kind = detectors::SignalKind::kRatio;
  alert.evidence.value = 0.4;
  alert.evidence.expected = 0.1;
  CHECK(EffectOf(alert) == Approx(0.3));
  alert.kind = detectors::SignalKind::kQuantile;
  alert.evidence.n = 200;
  alert.evidence.k = 60;
  alert.explanation.windows[0].expected_k = 10;
  CHECK(EffectOf(alert) == Approx(0.25));
  alert.kind = detectors::SignalKind::kRate;
  CHECK(EffectOf(alert) == Approx(0.75));
  alert.received.from = "prometheus";
  CHECK(EffectOf(alert) == 1);
}

TEST_CASE("Origins: words name the reasons", "[incidents]") {
  Origin origin;
  origin.where = Labels{{"psp", "acme"}};
  origin.confidence = 0.87;
  origin.reasons = {OriginReason::kFirst, OriginReason::kUpstream};
  CHECK(OriginWords(origin) == "psp=acme (0.87: began first, others depend on it)");
  CHECK(OriginSentence({origin}) ==
        "Likely origin: psp=acme (0.87: began first, others depend on it).");
  CHECK(OriginSentence({}).empty());
  CHECK(OriginReasonName(kLastOriginReason) == "change_before");
}

}  // namespace quell::incidents
