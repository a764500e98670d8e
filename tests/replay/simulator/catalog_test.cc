#include "replay/simulator/catalog.h"

#include <catch2/catch.hpp>
#include <set>

#include "replay/simulator/inject.h"
#include "tests/replay/simulator/collector.h"

namespace quell::simulator {

TEST_CASE("Catalogue: every kind has consequences and a place that the platform has",
          "[simulator]") {
  const auto topology = Topology::Create(SimulatorOptions{});
  REQUIRE(topology.ok());
  Sampler sampler(3);
  std::set<std::string_view> names;
  for (const auto table : {IncidentKinds(), LookalikeKinds()}) {
    for (const Kind& kind : table) {
      CAPTURE(kind.name);
      CHECK(names.insert(kind.name).second);
      CHECK(FindKind(kind.name) == &kind);
      REQUIRE(kind.fits(*topology));
      for (int round = 0; round < 20; ++round) {
        const Scope scope = kind.place(*topology, sampler);
        const Event event = MakeEvent(kind, *topology, scope, kDayMs, kDayMs + kHourMs, sampler);
        const size_t consequences = event.effects.size() + event.gaps.size() +
                                    event.restarts.size() + event.holidays.size();
        CHECK(consequences > 0);
        CHECK(event.end >= event.start);
        CHECK(event.incident == IsIncident(kind));
        CHECK(event.severity.empty() != event.incident);
        if (event.incident) CHECK_FALSE(topology->ScopeLabels(event.scope).empty());
      }
    }
  }
  CHECK(names.size() >= 30);
}

TEST_CASE("Effect: strength follows its shape and only the covered part of an interval counts",
          "[simulator]") {
  Effect effect;
  effect.start = 1000;
  effect.end = 2000;
  CHECK(Strength(effect, 0, 1000) == 0);
  CHECK(Strength(effect, 500, 1500) == Approx(0.5));
  CHECK(Strength(effect, 1200, 1700) == Approx(1.0));
  CHECK(Strength(effect, 2000, 2500) == 0);
  effect.shape = Shape::kRamp;
  CHECK(Strength(effect, 1250, 1251) < Strength(effect, 1750, 1751));
  effect.shape = Shape::kFlap;
  effect.flap_ms = 200;
  CHECK(Strength(effect, 1010, 1020) == 1);
  CHECK(Strength(effect, 1110, 1120) == 0);
}

TEST_CASE("Inject: a well-formed text gives kind, scope and times", "[simulator]") {
  const auto topology = Topology::Create(SimulatorOptions{});
  REQUIRE(topology.ok());
  const auto injection =
      ParseInjection("psp_outage,psp=acme;region=eu,+1d2h,20m", *topology, 5 * kDayMs);
  REQUIRE(injection.ok());
  CHECK(injection->kind->name == "psp_outage");
  CHECK(injection->start == 6 * kDayMs + 2 * kHourMs);
  CHECK(injection->end - injection->start == 20 * kMinuteMs);
  CHECK(injection->scope == Scope{-1, 0, 0, -1, -1, -1});
}

TEST_CASE("Inject: errors quote the text and name what is wrong with it", "[simulator]") {
  const auto topology = Topology::Create(SimulatorOptions{});
  REQUIRE(topology.ok());
  const auto error_of = [&](const std::string& text) {
    const auto injection = ParseInjection(text, *topology, 0);
    return injection.ok() ? std::string() : injection.error().message;
  };
  using Catch::Contains;
  CHECK_THAT(error_of("psp_outrage,all,+1h,5m"),
             Contains("psp_outrage") && Contains("psp_outage") && Contains("one_step_blip"));
  CHECK_THAT(error_of("psp_outage,psp=nobody,+1h,5m"), Contains("psp=nobody"));
  CHECK_THAT(error_of("psp_outage,psp=acme,yesterday,5m"), Contains("at"));
  CHECK_THAT(error_of("psp_outage,psp=acme,+1h,5 parsecs"), Contains("5 parsecs"));
  CHECK_THAT(error_of("psp_outage,psp=acme,+1h,0s"), Contains("duration"));
  CHECK_THAT(error_of("psp_outage"), Contains("kind,scope,at,duration"));
}

}  // namespace quell::simulator
