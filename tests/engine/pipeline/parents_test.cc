#include "engine/pipeline/parents.h"

#include <catch2/catch.hpp>
#include <map>

namespace quell::pipeline {
namespace {

using detectors::SignalKind;

// By slot: the numbers of its parents.
using Family = std::map<detectors::Slot, std::map<std::uint32_t, std::uint32_t>>;

void Add(Parents& parents, Family& family, detectors::Slot slot, const Labels& labels,
         SignalKind kind = SignalKind::kRatio) {
  for (const auto& child : parents.Add(slot, kind, labels)) {
    family[child.slot][child.level] = child.number;
  }
}

Labels Lane(const char* service, const char* zone, const char* psp) {
  return {{"alertname", "payments_total:failure_ratio"},
          {"app", service},
          {"zone", zone},
          {"provider", psp}};
}

}  // namespace

TEST_CASE("Parents: the third child makes a parent, of the region and of the service",
          "[pipeline]") {
  Parents parents;
  Family family;
  Add(parents, family, 0, Lane("pay", "eu", "acme"));
  Add(parents, family, 1, Lane("pay", "eu", "globex"));
  CHECK(family.empty());
  Add(parents, family, 2, Lane("pay", "us", "acme"));
  REQUIRE(family.size() == 3);  // the service has three, no region has
  CHECK(family[0].count(0) == 0);
  CHECK(family[0][1] == family[2][1]);
  Add(parents, family, 3, Lane("pay", "eu", "initech"));
  REQUIRE(family[0].count(0) == 1);
  CHECK(family[0][0] == family[3][0]);
  CHECK(family[0][0] != family[0][1]);
  CHECK(family[2].count(0) == 0);
  CHECK(family[3][1] == family[2][1]);
}

TEST_CASE("Parents: other services, other metrics and other kinds are no siblings", "[pipeline]") {
  Parents parents;
  Family family;
  Add(parents, family, 0, Lane("pay", "eu", "acme"));
  Add(parents, family, 1, Lane("pay", "eu", "globex"));
  Add(parents, family, 2, Lane("checkout", "eu", "initech"));
  Labels latency = Lane("pay", "eu", "initech");
  latency.Set("alertname", "payments_seconds:latency");
  Add(parents, family, 3, latency, SignalKind::kQuantile);
  Labels volume = Lane("pay", "eu", "hooli");
  volume.Set("alertname", "payments_total:volume");
  Add(parents, family, 4, volume, SignalKind::kRate);
  CHECK(family.empty());
}

TEST_CASE("Parents: volumes have parents of their own, gauges none", "[pipeline]") {
  Parents parents;
  Family family;
  for (detectors::Slot slot = 0; slot < 3; ++slot) {
    const char* psp = slot == 0 ? "acme" : slot == 1 ? "globex" : "initech";
    Labels volume = Lane("pay", "eu", psp);
    volume.Set("alertname", "payments_total:volume");
    Labels gauge = Lane("pay", "eu", psp);
    gauge.Set("alertname", "pool");
    Add(parents, family, 3 * slot, Lane("pay", "eu", psp));
    Add(parents, family, 3 * slot + 1, volume, SignalKind::kRate);
    Add(parents, family, 3 * slot + 2, gauge, SignalKind::kGauge);
  }
  CHECK(family[0] == family[1]);  // numbers begin with 1 for either
  CHECK(family[1] == family[7]);
  CHECK(family.count(2) == 0);
}

TEST_CASE("Parents: lanes without a place are siblings within the service", "[pipeline]") {
  Parents parents;
  Family family;
  for (detectors::Slot slot = 0; slot < 3; ++slot) {
    Add(parents, family, slot, {{"alertname", "x:failure_ratio"}, {"psp", std::to_string(slot)}});
  }
  REQUIRE(family.size() == 3);
  CHECK(family[0].count(0) == 0);
  CHECK(family[0][1] == 1);
}

}  // namespace quell::pipeline
