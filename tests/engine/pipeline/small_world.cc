#include "tests/engine/pipeline/small_world.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "ingest/remote_write.h"

namespace quell::pipeline {
namespace {

constexpr std::array<const char*, 4> kLanes = {"acme", "globex", "initech", "umbrella"};
constexpr std::array<const char*, 3> kOutcomes = {"approved", "declined", "error"};
constexpr std::array<const char*, 5> kEdges = {"0.1", "0.25", "0.5", "1", "+Inf"};
constexpr std::array<double, 5> kBelowEdge = {0.4, 0.8, 0.93, 0.99, 1};
constexpr size_t kSeriesPerLane = kOutcomes.size() + kEdges.size() + 1;

}  // namespace

void SmallWorld::Step(size_t lane, const Lane& fare, double expected) {
  Series* series = series_.data() + lane * kSeriesPerLane;
  const std::uint64_t count = random_.Poisson(expected * fare.volume);
  const std::uint64_t failed = random_.Binomial(count, fare.failing);
  const std::uint64_t declined = random_.Binomial(count - failed, 0.08);
  series[0].value += static_cast<double>(count - failed - declined);
  series[1].value += static_cast<double>(declined);
  series[2].value += static_cast<double>(failed);
  std::uint64_t left = count;
  std::uint64_t below = 0;
  double share_left = 1;
  for (size_t i = 0; i < kEdges.size(); ++i) {
    const double share = kBelowEdge[i] - (i == 0 ? 0 : kBelowEdge[i - 1]);
    const std::uint64_t here = random_.Binomial(left, std::min(1.0, share / share_left));
    below += here;
    left -= here;
    share_left -= share;
    series[3 + i].value += static_cast<double>(below);
  }
  series[8].value = 20 + 3 * random_.Normal();
}

std::vector<ingest::JournalRecord> SmallWorld::Records(int steps, const Story& story) {
  for (const char* lane : kLanes) {
    for (const char* outcome : kOutcomes) {
      series_.push_back({{{"__name__", "payments_total"}, {"psp", lane}, {"outcome", outcome}}});
    }
    for (const char* edge : kEdges) {
      series_.push_back(
          {{{"__name__", "call_duration_seconds_bucket"}, {"psp", lane}, {"le", edge}}});
    }
    series_.push_back({{{"__name__", "queue_depth"}, {"psp", lane}}});
  }
  std::vector<ingest::JournalRecord> out;
  for (int step = 0; step < steps; ++step) {
    const TimeMs time = kMonday + step * kStep;
    const double day = static_cast<double>(step) / 2880 * 2 * std::numbers::pi;
    ingest::SampleBatch batch;
    for (size_t lane = 0; lane < kLanes.size(); ++lane) {
      const Lane fare = story(kLanes[lane], step);
      Step(lane, fare, 300 * (1 - 0.4 * std::cos(day)));
      if (!fare.reports) continue;
      for (size_t i = 0; i < kSeriesPerLane; ++i) {
        const Series& series = series_[lane * kSeriesPerLane + i];
        const auto at = static_cast<std::uint32_t>(batch.samples.size());
        batch.series.push_back({series.labels, at, at + 1});
        batch.samples.push_back({time, series.value});
      }
    }
    out.push_back(SamplesRecord(static_cast<std::uint64_t>(step) + 1, time + 200, batch));
  }
  return out;
}

ingest::JournalRecord SamplesRecord(std::uint64_t sequence, TimeMs received,
                                    const ingest::SampleBatch& batch) {
  return {sequence, ingest::RecordKind::kSamples, received, ingest::EncodeBatch(batch)};
}

ingest::JournalRecord TickRecord(std::uint64_t sequence, TimeMs received) {
  return {sequence, ingest::RecordKind::kTick, received, ""};
}

PipelineOptions VolumesMustReport() {
  signals::SignalDef def;
  def.name = "volume";
  def.kind = detectors::SignalKind::kRate;
  signals::ApplyKindDefaults(def);
  def.selector = *Selector::Parse("payments_total");
  def.by = {"psp"};
  def.missing = signals::Missing::kAlert;
  PipelineOptions options;
  options.definitions.push_back(std::move(def));
  return options;
}

std::unique_ptr<Pipeline> MakePipeline(const PipelineOptions& options) {
  auto pipeline = Pipeline::Create(options, nullptr);
  REQUIRE(pipeline.ok());
  return *std::move(pipeline);
}

std::string Text(const std::vector<store::Effect>& effects) {
  std::string out;
  for (const store::Effect& effect : effects) {
    out += std::to_string(effect.sequence) + ' ' + std::to_string(static_cast<int>(effect.kind)) +
           ' ' + FormatRfc3339(effect.at) + ' ' + effect.id + ' ' + effect.body + '\n';
  }
  return out;
}

std::vector<Sent> Notifications(const std::vector<store::Effect>& effects) {
  std::vector<Sent> out;
  for (const store::Effect& effect : effects) {
    if (effect.kind != store::EffectKind::kOutbox) continue;
    const auto json = nlohmann::json::parse(effect.body);
    if (json.contains("page_key")) continue;  // a further page of an incident
    out.push_back({json.at("action").get<std::string>(), effect.at, effect.id, effect.body});
  }
  return out;
}

size_t CountAction(const std::vector<Sent>& sent, const std::string& action) {
  return static_cast<size_t>(std::count_if(sent.begin(), sent.end(),
                                           [&](const Sent& one) { return one.action == action; }));
}

}  // namespace quell::pipeline
