#include "engine/api/metrics.h"

#include <catch2/catch.hpp>

namespace quell::api {
namespace {

TEST_CASE("Metrics: signals are counted by state and by whether they can be judged", "[api]") {
  EngineStatus status;
  status.census.signals[0][0] = 7;  // live, enough
  status.census.signals[1][3] = 2;  // zero, few requests
  status.policy.nobody_cares = 5;
  status.pipeline.outcomes[static_cast<size_t>(incidents::PageReason::kSilenced)] = 4;
  const HttpCounters http;
  const std::string text = RenderMetrics(status, http, {}, {}, {}, 0, 0);
  const auto has = [&](const char* line) {
    INFO(line);
    CHECK(text.find(line) != std::string::npos);
  };
  has("quell_signals{state=\"live\",evidence=\"enough\"} 7\n");
  has("quell_signals{state=\"zero\",evidence=\"few_requests\"} 2\n");
  has("quell_signals{state=\"retired\",evidence=\"stale\"} 0\n");
  has("quell_alert_outcomes_total{reason=\"silenced\"} 4\n");
  has("quell_alert_outcomes_total{reason=\"paged\"} 0\n");
  has("quell_candidates_total{reason=\"nobody_cares\"} 5\n");
}

}  // namespace
}  // namespace quell::api
