// A lasting change of noise is said, can be taken back, and is the same over a restart.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/random.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using Json = nlohmann::json;

constexpr int kMinutesADay = 1440;
constexpr int kNoisier = 8 * kMinutesADay;

// A gauge of about a hundred, a point a minute; its noise is four times as large from the ninth
// day.
std::vector<ingest::JournalRecord> Noisier(int minutes) {
  Random random(5);
  std::vector<ingest::JournalRecord> out;
  for (int i = 0; i < minutes; ++i) {
    const TimeMs time = kMonday + i * kMinuteMs;
    ingest::SampleBatch batch;
    batch.series.push_back({{{"__name__", "pool_connections"}, {"pool", "acme"}}, 0, 1});
    batch.samples.push_back({time, 100 + (i >= kNoisier ? 12 : 3) * random.Normal()});
    out.push_back(SamplesRecord(static_cast<std::uint64_t>(i) + 1, time + 200, batch));
  }
  return out;
}

std::vector<Json> Decisions(const std::vector<store::Effect>& effects, const std::string& name) {
  std::vector<Json> out;
  for (const store::Effect& effect : effects) {
    if (effect.kind != store::EffectKind::kDecision) continue;
    Json json = Json::parse(effect.body);
    if (json.value("decision", "") == name) out.push_back(std::move(json));
  }
  return out;
}

TEST_CASE("Shift: noise that has grown for good is a decision; undone, it is held as it was",
          "[pipeline]") {
  const auto records = Noisier(kNoisier + 7 * kMinutesADay);
  const auto pipeline = MakePipeline();
  size_t next = 0;
  while (next < records.size() && pipeline->counters().rescaled == 0) {
    pipeline->Apply(records[next++]);
  }
  REQUIRE(pipeline->counters().rescaled == 1);
  CHECK(pipeline->counters().adopted == 0);
  const auto effects = pipeline->TakeEffects();
  const auto said = Decisions(effects, "adopted");
  REQUIRE(said.size() == 1);
  const Json& it = said.front();
  INFO(it.dump(1));
  CHECK(it.at("shifted") == "scale");
  CHECK(it.at("from").get<double>() == Approx(3).epsilon(0.25));
  CHECK(it.at("to").get<double>() == Approx(12).epsilon(0.25));
  const TimeMs since = *ParseTime(it.at("since").get<std::string>());
  const TimeMs began = kMonday + kNoisier * kMinuteMs;
  CHECK(since >= began);
  CHECK(since <= began + kDayMs);
  CHECK(*ParseTime(it.at("at").get<std::string>()) - since >= 3 * kDayMs);

  const std::string id = it.at("adoption").get<std::string>();
  REQUIRE(pipeline->LatestAdoptions(10).size() == 1);
  CHECK(pipeline->LatestAdoptions(10).front().adoption.id == id);
  const auto restored = MakePipeline();
  REQUIRE(restored->Load(pipeline->Save()).ok());
  const std::uint32_t slot = pipeline->LatestAdoptions(1).front().adoption.what.slot;
  for (Pipeline* each : {pipeline.get(), restored.get()}) {
    REQUIRE(each->CheckAdoption(id).ok());
    each->Apply({999'999, ingest::RecordKind::kOperation, kMonday, UndoAdoptionJson(id)});
    CHECK(each->CheckAdoption(id).error().code == ErrorCode::kInvalidArgument);
    for (size_t i = next; i < next + 2 * kMinutesADay; ++i) each->Apply(records[i]);
    const Reading held = each->LastReading(slot);
    CHECK(held.high - held.low < 25);  // 5.2 standard deviations of three, and some doubt
    CHECK(each->counters().rescaled == 1);
    CHECK(each->counters().bad_records == 0);
  }
  const auto after = pipeline->TakeEffects();
  CHECK(Decisions(after, "adoption_undone").size() == 1);
  CHECK(Text(after) == Text(restored->TakeEffects()));
  CHECK(pipeline->Save() == restored->Save());
}

}  // namespace
}  // namespace quell::pipeline
