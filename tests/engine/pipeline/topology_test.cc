// Who calls whom, learned from the series of a service graph.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

// A minute of calls is 240 requests, one in forty of which fails.
std::vector<ingest::JournalRecord> Graph(int steps) {
  std::vector<ingest::JournalRecord> out;
  for (int step = 0; step < steps; ++step) {
    const TimeMs time = kMonday + step * kStep;
    ingest::SampleBatch batch;
    for (const auto& [client, server] : std::vector<std::pair<std::string, std::string>>{
             {"checkout", "gateway"}, {"gateway", "acme"}}) {
      for (const bool failed : {false, true}) {
        const Labels labels{{"__name__", std::string("traces_service_graph_request_") +
                                             (failed ? "failed_total" : "total")},
                            {"client", client},
                            {"server", server}};
        const auto at = static_cast<std::uint32_t>(batch.samples.size());
        batch.series.push_back({labels, at, at + 1});
        batch.samples.push_back({time, step * (failed ? 3.0 : 120.0)});
      }
    }
    out.push_back(SamplesRecord(static_cast<std::uint64_t>(step) + 1, time + 200, batch));
  }
  return out;
}

size_t Hops(Pipeline& pipeline) { return pipeline.incidents().topology().Hops("checkout", "acme"); }

TEST_CASE("Topology: a service graph in the journal teaches who calls whom", "[pipeline]") {
  const auto pipeline = MakePipeline();
  const auto records = Graph(40);
  for (size_t i = 0; i < 8; ++i) pipeline->Apply(records[i]);
  CHECK(Hops(*pipeline) == 0);  // not for long enough
  for (size_t i = 8; i < records.size(); ++i) pipeline->Apply(records[i]);
  CHECK(Hops(*pipeline) == 2);
  CHECK(pipeline->signals().signals().size() == 4);  // a failure ratio and a volume an edge
}

TEST_CASE("Topology: a restart in the midst of learning changes no byte", "[pipeline]") {
  const auto records = Graph(40);
  const auto straight = MakePipeline();
  for (const auto& record : records) straight->Apply(record);
  for (const size_t cut : {6U, 11U, 30U}) {
    const auto before = MakePipeline();
    for (size_t i = 0; i < cut; ++i) before->Apply(records[i]);
    const auto restored = MakePipeline();
    REQUIRE(restored->Load(before->Save()).ok());
    for (size_t i = cut; i < records.size(); ++i) restored->Apply(records[i]);
    CHECK(Hops(*restored) == 2);
    CHECK(restored->Save() == straight->Save());
  }
}

TEST_CASE("Topology: with learning off the graph is judged, and teaches nothing", "[pipeline]") {
  PipelineOptions options;
  options.incidents.topology.learn = false;
  const auto pipeline = MakePipeline(options);
  for (const auto& record : Graph(40)) pipeline->Apply(record);
  CHECK(Hops(*pipeline) == 0);
}

}  // namespace
}  // namespace quell::pipeline
