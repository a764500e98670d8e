#include "replay/simulator/topology.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/replay/simulator/collector.h"

namespace quell::simulator {

TEST_CASE("Topology: the series count is what the simulator really makes", "[simulator]") {
  for (const char* dialect : {"payments", "gateway", "otel"}) {
    SimulatorOptions options = QuietOptions();
    options.dialect = dialect;
    options.duration_ms = kMinuteMs;
    const auto simulator = Simulator::Create(options);
    REQUIRE(simulator.ok());
    Collector collector;
    REQUIRE((*simulator)->Run(options.start, options.start + kMinuteMs, collector).ok());
    CHECK(collector.series().size() == (*simulator)->topology().SeriesCount());
  }
}

TEST_CASE("Topology: --series comes near to the wish at any size", "[simulator]") {
  for (const int wish : {60, 200, 1000, 2500, 10000, 50000}) {
    SimulatorOptions options;
    options.series = wish;
    const auto topology = Topology::Create(options);
    REQUIRE(topology.ok());
    const double count = static_cast<double>(topology->SeriesCount());
    CAPTURE(wish, count);
    CHECK(std::abs(count - wish) / wish < (wish < 100 ? 0.5 : 0.05));
  }
}

TEST_CASE("Topology: errors name the flag and the value", "[simulator]") {
  const auto error_of = [](auto&& change) {
    SimulatorOptions options;
    change(options);
    const auto simulator = Simulator::Create(options);
    return simulator.ok() ? std::string() : simulator.error().message;
  };
  using Catch::Contains;
  CHECK_THAT(error_of([](auto& o) { o.services = 99; }), Contains("--services") && Contains("99"));
  CHECK_THAT(error_of([](auto& o) { o.psps = 0; }), Contains("--psps") && Contains("0"));
  CHECK_THAT(error_of([](auto& o) { o.series = 3; }), Contains("--series") && Contains("3"));
  CHECK_THAT(error_of([](auto& o) { o.dialect = "klingon"; }),
             Contains("--dialect") && Contains("klingon"));
  CHECK_THAT(error_of([](auto& o) { o.interval_ms = 5; }), Contains("--interval"));
  CHECK_THAT(error_of([](auto& o) { o.noise = -1; }), Contains("--noise"));
  CHECK_THAT(error_of([](auto& o) { o.noise = std::nan(""); }), Contains("--noise"));
  CHECK_THAT(error_of([](auto& o) { o.incidents_per_week = 1e9; }),
             Contains("--incidents-per-week"));
}

TEST_CASE("Topology: PSP shares fall from most of the traffic to half a percent", "[simulator]") {
  SimulatorOptions options;
  options.psps = 6;
  const auto topology = Topology::Create(options);
  REQUIRE(topology.ok());
  CHECK(topology->PspShare(-1, 0) > 0.4);
  CHECK(topology->PspShare(-1, 5) < 0.01);
  double sum = 0;
  for (int psp = 0; psp < 6; ++psp) sum += topology->PspShare(0, psp);
  CHECK(sum == Approx(1.0));
}

TEST_CASE("Topology: a scope is read from text and back to labels", "[simulator]") {
  const auto topology = Topology::Create(SimulatorOptions{});
  REQUIRE(topology.ok());
  const auto scope = topology->ParseScope("psp=acme;region=eu");
  REQUIRE(scope.ok());
  CHECK(topology->ScopeLabels(*scope) == Labels{{"psp", "acme"}, {"region", "eu"}});
  CHECK(topology->ParseScope("all")->psp == -1);
  const auto bad = topology->ParseScope("psp=nobody");
  REQUIRE_FALSE(bad.ok());
  CHECK_THAT(bad.error().message, Catch::Contains("psp=nobody"));
  CHECK_FALSE(topology->ParseScope("colour=red").ok());
}

}  // namespace quell::simulator
