// A step with many points is judged while the samples of the next one come in.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/random.h"
#include "engine/pipeline/pipeline.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr int kLanes = 400;

// Queues of many lanes; from `stuck` on those of every tenth lane only grow.
void Feed(Pipeline& pipeline, int steps, int stuck, bool ask) {
  std::vector<signals::SeriesId> series;
  std::vector<double> depth(kLanes, 50);
  Random random(7);
  for (int lane = 0; lane < kLanes; ++lane) {
    series.push_back(pipeline.Intern(Labels({{"__name__", "settlement_queue_depth"},
                                             {"lane", std::to_string(lane)},
                                             {"service", "ledger"}})));
  }
  for (int step = 0; step < steps; ++step) {
    const TimeMs now = kMonday + step * kStep;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      depth[lane] = step >= stuck && lane % 10 == 0 ? depth[lane] + 40 : 45 + 10 * random.Uniform();
      pipeline.Observe(series[lane], now, depth[lane]);
    }
    pipeline.AdvanceTo(now);
    if (ask) CHECK(pipeline.counters().steps <= static_cast<std::uint64_t>(step));
  }
}

TEST_CASE("Pipeline: when it is asked what was decided changes nothing", "[pipeline]") {
  const auto at_once = MakePipeline();
  const auto later = MakePipeline();
  constexpr int kSteps = 500;
  Feed(*at_once, kSteps, 450, true);
  Feed(*later, kSteps, 450, false);
  const auto effects = at_once->TakeEffects();
  const auto same = later->TakeEffects();
  REQUIRE(effects.size() > 10);
  REQUIRE(effects.size() == same.size());
  for (size_t i = 0; i < effects.size(); ++i) CHECK(effects[i].body == same[i].body);
  CHECK(at_once->counters().points > 100'000);
  CHECK(at_once->Save() == later->Save());
}

TEST_CASE("Pipeline: it may go while a step is being judged", "[pipeline]") {
  const auto pipeline = MakePipeline();
  Feed(*pipeline, 50, 50, false);
}

}  // namespace
}  // namespace quell::pipeline
