// A lasting change of noise or of a time of day is said, can be taken back, and is the same over a
// restart.
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
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

constexpr int kMoved = 9 * kMinutesADay;

// A gauge, a point a minute.
std::vector<ingest::JournalRecord> Gauge(int minutes,
                                         const std::function<double(int, Random&)>& value) {
  Random random(5);
  std::vector<ingest::JournalRecord> out;
  for (int i = 0; i < minutes; ++i) {
    const TimeMs time = kMonday + i * kMinuteMs;
    ingest::SampleBatch batch;
    batch.series.push_back({{{"__name__", "pool_connections"}, {"pool", "acme"}}, 0, 1});
    batch.samples.push_back({time, value(i, random)});
    out.push_back(SamplesRecord(static_cast<std::uint64_t>(i) + 1, time + 200, batch));
  }
  return out;
}

// About a hundred; the noise is four times as large from the ninth day.
double Noisier(int minute, Random& random) {
  return 100 + (minute >= kNoisier ? 12 : 3) * random.Normal();
}

// About a hundred, thrice that in a batch from two to half past, from the tenth day at four.
double Nightly(int minute, Random& random) {
  const int hour = minute >= kMoved ? 4 : 2;
  const int since = minute % kMinutesADay - hour * 60;
  return (since >= 0 && since < 30 ? 300 : 100) + 6 * random.Normal();
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
  const auto records = Gauge(kNoisier + 7 * kMinutesADay, Noisier);
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

TEST_CASE("Shift: a nightly batch that moved is said by its hours; undone, it is odd for a week",
          "[pipeline]") {
  const auto records = Gauge(kMoved + 13 * kMinutesADay, Nightly);
  const auto pipeline = MakePipeline();
  size_t next = 0;
  for (; next < kMoved; ++next) pipeline->Apply(records[next]);
  for (const AdoptionRow& row : pipeline->LatestAdoptions(9))
    UNSCOPED_INFO(AdoptionJson("", 0, row));
  CHECK(pipeline->counters().retimed == 0);
  pipeline->TakeEffects();
  // Restored in the midst of the hours that are being learned.
  const size_t amid = kMoved + 2 * kMinutesADay + 4 * 60 + 50;
  for (; next < amid; ++next) pipeline->Apply(records[next]);
  const auto restored = MakePipeline();
  REQUIRE(restored->Load(pipeline->Save()).ok());
  const auto before = pipeline->TakeEffects();
  for (; next < kMoved + 5 * kMinutesADay; ++next) {
    pipeline->Apply(records[next]);
    restored->Apply(records[next]);
  }
  CHECK(pipeline->counters().retimed == 2);
  auto effects = pipeline->TakeEffects();
  CHECK(Text(effects) == Text(restored->TakeEffects()));
  effects.insert(effects.begin(), before.begin(), before.end());
  auto said = Decisions(effects, "adopted");
  for (const Json& it : said) UNSCOPED_INFO(it.dump());
  REQUIRE(said.size() == 2);
  for (const Json& it : said) {
    INFO(it.dump(1));
    CHECK(it.at("shifted") == "time");
    const bool appeared = it.at("hours") == "04:00-04:30";
    CHECK((appeared || it.at("hours") == "02:00-02:30"));
    CHECK(it.at("from").get<double>() == Approx(appeared ? 100 : 300).epsilon(0.3));
    CHECK(it.at("to").get<double>() == Approx(appeared ? 300 : 100).epsilon(0.3));
    const TimeMs first = kMonday + (kMoved + (appeared ? 4 : 2) * 60) * kMinuteMs;
    const TimeMs since = *ParseTime(it.at("since").get<std::string>());
    CHECK(since <= first);  // earlier where such alerts had come before
    CHECK((!appeared || since == first));
    CHECK(*ParseTime(it.at("at").get<std::string>()) <= first + 4 * kDayMs);
  }

  for (Pipeline* each : {pipeline.get(), restored.get()}) {
    const std::uint32_t slot = each->LatestAdoptions(1).front().adoption.what.slot;
    for (const Json& it : said) {
      const std::string id = it.at("adoption").get<std::string>();
      each->Apply({999'999, ingest::RecordKind::kOperation, kMonday, UndoAdoptionJson(id)});
      CHECK(each->CheckAdoption(id).error().code == ErrorCode::kInvalidArgument);
    }
    for (int day = 5; day < 12; ++day) {
      for (int minute = 0; minute < kMinutesADay; ++minute) {
        each->Apply(records[static_cast<size_t>(kMoved + day * kMinutesADay + minute)]);
        if (minute == 2 * 60 + 20) CHECK(each->LastReading(slot).expected > 200);
        if (minute == 4 * 60 + 20) CHECK(each->LastReading(slot).expected < 150);
      }
    }
    CHECK(each->counters().retimed == 2);
    CHECK(each->counters().bad_records == 0);
  }
  const auto after = pipeline->TakeEffects();
  CHECK(Decisions(after, "adoption_undone").size() == 2);
  // Every night the batch is an alert, and none that is routine.
  CHECK(Decisions(after, "alert_fired").size() >= 7);
  for (const store::Effect& effect : after) {
    if (effect.kind != store::EffectKind::kAlert) continue;
    CHECK(Json::parse(effect.body).at("severity") != "info");
  }
  CHECK(Text(after) == Text(restored->TakeEffects()));
  CHECK(pipeline->Save() == restored->Save());
}

TEST_CASE("Shift: a time of day that goes on being learned is one adoption", "[pipeline]") {
  Adoptions adoptions;
  const auto nightly = [](std::uint32_t first, TimeMs at, double from, double to) {
    Adoption out;
    out.at = at;
    out.what = {.slot = 3, .what = detectors::ShiftKind::kTime, .from = from, .to = to};
    out.quarters = 2;
    out.cells = {{first, 7}, {first + 1, 8}};
    return out;
  };
  Labels labels;
  CHECK_FALSE(adoptions.Continue(nightly(8, kMonday, 100, 250)));
  const std::string id = adoptions.Add(nightly(8, kMonday, 100, 250), labels).id;
  CHECK_FALSE(adoptions.Continue(nightly(20, kMonday + kDayMs, 100, 250)));
  CHECK_FALSE(adoptions.Continue(nightly(8, kMonday + kDayMs, 250, 100)));
  CHECK_FALSE(adoptions.Continue(nightly(8, kMonday + 8 * kDayMs, 250, 300)));
  CHECK(adoptions.Continue(nightly(9, kMonday + kDayMs, 250, 300)));
  const Adoption& it = **adoptions.InForce(id);
  CHECK(it.what.from == 100);
  CHECK(it.what.to == 300);
  CHECK(it.cells.size() == 3);
  CHECK(it.cells.back().cell == 10);
  adoptions.MarkUndone(id, kMonday + kDayMs);
  CHECK_FALSE(adoptions.Continue(nightly(8, kMonday + 2 * kDayMs, 100, 300)));
  // One id for each of what a signal adopts at once.
  const std::string fell = adoptions.Add(nightly(8, kMonday, 250, 100), labels).id;
  CHECK(fell != id);
}

}  // namespace
}  // namespace quell::pipeline
