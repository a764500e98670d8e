#include "engine/pipeline/drifts.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

constexpr DurationMs kMinuteStep = kMinuteMs;
constexpr int kDay = 1440;

PipelineOptions Options() {
  PipelineOptions options;
  options.signals.step_ms = kMinuteStep;
  return options;
}

// Pools and a volume with the shape of a day and of a week, and correlated noise. From day
// `changes` on one pool is higher, one less steady, and the third as it was.
class Seasons {
 public:
  explicit Seasons(int changes) : changes_(changes) {}
  void Run(Pipeline& pipeline, int from, int to) {
    for (int minute = from; minute < to; ++minute) {
      const TimeMs at = kMonday + (minute + 1) * kMinuteStep;
      const double hour = 2 * M_PI * minute / kDay;
      // Quieter at the weekend, which comes and goes over eight hours.
      const double weekday = static_cast<double>(minute % (7 * kDay)) / kDay;
      const double weekend = std::clamp(3 * std::min(weekday - 4.8, 7 - weekday), 0.0, 1.0);
      const double shape = (1 - 0.5 * std::cos(hour)) * (1 - 0.05 * weekend);
      const bool changed = minute / kDay >= changes_;
      for (const char* pool : {"same", "higher", "wilder"}) {
        double& noise = noise_[pool];
        noise = 0.9 * noise + 0.44 * random_.Normal();
        const double factor = changed && std::string(pool) == "wilder" ? 0.12 : 0.04;
        const double level = changed && std::string(pool) == "higher" ? 1.15 : 1;
        const auto series = pipeline.Intern(Labels({{"__name__", "pool_in_use"}, {"pool", pool}}));
        pipeline.Observe(series, at, 40 * level * shape * std::exp(factor * noise));
      }
      count_ += static_cast<double>(random_.Poisson(600 * shape));
      const auto requests = pipeline.Intern(Labels({{"__name__", "requests_total"}}));
      pipeline.Observe(requests, at, count_);
      pipeline.AdvanceTo(at + 15 * kSecondMs);
    }
  }

 private:
  int changes_;
  Random random_{11};
  std::map<std::string, double> noise_;
  double count_ = 0;
};

std::map<std::string, detectors::DriftAdvice> Advice(Pipeline& pipeline) {
  std::map<std::string, detectors::DriftAdvice> out;
  for (const DriftReading& reading : pipeline.drifts().Read(pipeline.event_time())) {
    const auto& labels = pipeline.signals().signals()[reading.slot].labels;
    const std::string pool(labels.Get("pool"));
    out[pool.empty() ? "volume" : pool] = detectors::AdviceOf(reading.verdict);
  }
  return out;
}

TEST_CASE("Drifts: a level and a spread that change are found, the week's shape is none",
          "[pipeline]") {
  using detectors::DriftAdvice;
  const int changes = 17;  // a Thursday
  const auto pipeline = MakePipeline(Options());
  Seasons seasons(changes);
  std::uint64_t advised = 0;
  seasons.Run(*pipeline, 0, changes * kDay + 10);
  {
    const DriftCounters& counters = pipeline->drifts().counters();
    advised = counters.watch + counters.retrain;
    INFO(counters.verdicts << " verdicts, " << advised << " advised");
    CHECK(counters.verdicts >= 30);
    CHECK(advised <= 3);
  }
  seasons.Run(*pipeline, changes * kDay + 10, (changes + 1) * kDay + 10);
  const auto advice = Advice(*pipeline);
  REQUIRE(advice.size() == 4);
  CHECK(advice.at("same") == DriftAdvice::kNone);
  CHECK(advice.at("volume") == DriftAdvice::kNone);
  CHECK(advice.at("higher") == DriftAdvice::kRetrain);
  CHECK(advice.at("wilder") != DriftAdvice::kNone);
  // Two days after the last samples nothing is said any more.
  CHECK(pipeline->drifts().Read(pipeline->event_time() + 2 * kDayMs).empty());
}

TEST_CASE("Drifts: a restart goes on where it was", "[pipeline]") {
  const auto straight = MakePipeline(Options());
  Seasons seasons(20);
  seasons.Run(*straight, 0, 19 * kDay + 123);
  const std::string snapshot = straight->Save();
  const auto restored = MakePipeline(Options());
  REQUIRE(restored->Load(snapshot).ok());
  CHECK(restored->Save() == snapshot);
  Seasons same = seasons;
  seasons.Run(*straight, 19 * kDay + 123, 21 * kDay + 5);
  same.Run(*restored, 19 * kDay + 123, 21 * kDay + 5);
  CHECK(restored->drifts().counters().verdicts > 0);
  CHECK(restored->Save() == straight->Save());
}

// Ten days of two signals, the last that is watched and the one after it.
TEST_CASE("Drifts: the 20,001st signal is left out and counted, and costs the others nothing",
          "[pipeline]") {
  auto bank = detectors::DetectorBank::Create({});
  REQUIRE(bank.ok());
  detectors::SignalSpec spec;
  spec.kind = detectors::SignalKind::kGauge;
  spec.interval_ms = kMinuteStep;
  constexpr auto kBeyond = static_cast<detectors::Slot>(Drifts::kSignalsMax);
  for (spec.group = 0; spec.group <= kBeyond; ++spec.group) bank->AddSignal(spec);
  Drifts drifts;
  Drifts alone;
  Random random(3);
  for (int minute = 0; minute < 10 * kDay; ++minute) {
    const TimeMs end = kMonday + (minute + 1) * kMinuteStep;
    const double value = 40 + random.Normal();
    const std::array<detectors::Point, 2> points = {
        {{.slot = kBeyond - 1, .value = value}, {.slot = kBeyond, .value = value}}};
    std::array<detectors::Verdict, 2> verdicts;
    bank->Observe(end, points, verdicts);
    alone.Observe(points[0], end, false, *bank);
    for (const detectors::Point& point : points) drifts.Observe(point, end, false, *bank);
  }
  CHECK(drifts.size() == Drifts::kSignalsMax);
  CHECK(Drifts::LeftOut(bank->size()) == 1);
  CHECK(Drifts::LeftOut(kBeyond) == 0);
  CHECK(drifts.counters().refused == 10 * kDay);
  CHECK(alone.counters().refused == 0);
  const auto read = drifts.Read(kMonday + 10 * kDayMs);
  REQUIRE(read.size() == 1);
  CHECK(read.front().slot == kBeyond - 1);
  const auto same = alone.Read(kMonday + 10 * kDayMs);
  REQUIRE(same.size() == 1);
  CHECK(read.front().verdict.psi == same.front().verdict.psi);
  CHECK(drifts.counters().verdicts == alone.counters().verdicts);

  ByteWriter out;
  drifts.Save(out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  Drifts restored;
  REQUIRE(restored.Load(in, bank->size()));
  CHECK(restored.counters().refused == drifts.counters().refused);
  ByteWriter again;
  restored.Save(again);
  CHECK(again.Take() == bytes);
}

}  // namespace
}  // namespace quell::pipeline
