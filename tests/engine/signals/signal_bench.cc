#include "tests/engine/signals/signal_bench.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace quell::signals {
namespace {

TimeMs At(double seconds) { return kStart + static_cast<TimeMs>(std::llround(seconds * 1000)); }

Selector Parsed(const std::string& text) {
  auto selector = Selector::Parse(text);
  REQUIRE(selector.ok());
  return *std::move(selector);
}

SignalDef Named(const std::string& name, detectors::SignalKind kind) {
  SignalDef def;
  def.name = name;
  def.kind = kind;
  ApplyKindDefaults(def);
  return def;
}

}  // namespace

SignalBench::SignalBench(std::vector<SignalDef> definitions, SignalOptions options)
    : engine(std::move(definitions), options) {}

void SignalBench::Sample(const Labels& labels, double seconds, double value) {
  // As the pipeline does: a sample waits until the steps before its own have closed.
  CloseTo(std::ceil(seconds / 30) * 30 - 30);
  engine.Observe(engine.Intern(labels), At(seconds), value);
}

void SignalBench::Histogram(const Labels& labels, double seconds, ingest::HistogramSample sample) {
  CloseTo(std::ceil(seconds / 30) * 30 - 30);
  sample.time = At(seconds);
  engine.ObserveHistogram(engine.Intern(labels, ingest::SeriesType::kHistogram), sample);
}

void SignalBench::CloseTo(double seconds) {
  while (closed_ + 30 <= seconds) {
    closed_ += 30;
    for (const auto& point : engine.CloseStep(At(closed_))) {
      seen_.push_back({closed_, engine.Definition(point.point.slot).name, point});
    }
  }
}

std::optional<SignalEngine::StepPoint> SignalBench::Point(const std::string& name) const {
  for (const Seen& seen : seen_) {
    if (seen.seconds == closed_ && seen.name == name) return seen.point;
  }
  return std::nullopt;
}

std::uint32_t SignalBench::Slot(const std::string& name) const {
  for (std::uint32_t slot = 0; slot < engine.signals().size(); ++slot) {
    if (engine.Definition(slot).name == name) return slot;
  }
  FAIL("no signal is named " << name);
  return 0;
}

std::vector<double> SignalBench::StepsWith(const std::string& name) const {
  std::vector<double> out;
  for (const Seen& seen : seen_) {
    if (seen.name == name) out.push_back(seen.seconds);
  }
  return out;
}

SignalDef RateOf(const std::string& name, const std::string& selector) {
  SignalDef def = Named(name, detectors::SignalKind::kRate);
  def.selector = Parsed(selector);
  return def;
}

SignalDef RatioOf(const std::string& name, const std::string& bad, const std::string& total) {
  SignalDef def = Named(name, detectors::SignalKind::kRatio);
  def.bad = Parsed(bad);
  def.total = Parsed(total);
  return def;
}

SignalDef GaugeOf(const std::string& name, const std::string& selector, Aggregate aggregate) {
  SignalDef def = Named(name, detectors::SignalKind::kGauge);
  def.selector = Parsed(selector);
  def.aggregate = aggregate;
  return def;
}

SignalDef QuantileOf(const std::string& name, const std::string& selector, double bound) {
  SignalDef def = Named(name, detectors::SignalKind::kQuantile);
  def.selector = Parsed(selector);
  def.bound = bound;
  return def;
}

}  // namespace quell::signals
