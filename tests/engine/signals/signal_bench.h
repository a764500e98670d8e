// SignalBench: a SignalEngine on a 30 s grid that tests talk to in seconds after a fixed start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/signals/signal_engine.h"

namespace quell::signals {

inline constexpr TimeMs kStart = 1800000000000;  // on the grid of every step up to an hour

class SignalBench {
 public:
  explicit SignalBench(std::vector<SignalDef> definitions = {}, SignalOptions options = {});

  // Closes the steps before the sample's own, then observes it.
  void Sample(const Labels& labels, double seconds, double value);
  void Histogram(const Labels& labels, double seconds, ingest::HistogramSample sample);
  // Closes every step up to `seconds`; points of the last one.
  void CloseTo(double seconds);
  // The point of the signal with this name in the last closed step, if it has one.
  [[nodiscard]] std::optional<SignalEngine::StepPoint> Point(const std::string& name) const;
  [[nodiscard]] std::uint32_t Slot(const std::string& name) const;  // REQUIRES: it exists
  // The seconds of all steps so far in which the signal had a point.
  [[nodiscard]] std::vector<double> StepsWith(const std::string& name) const;

  SignalEngine engine;

 private:
  struct Seen {
    double seconds;
    std::string name;
    SignalEngine::StepPoint point;
  };
  double closed_ = -30;
  std::vector<Seen> seen_;
};

SignalDef RateOf(const std::string& name, const std::string& selector);
SignalDef RatioOf(const std::string& name, const std::string& bad, const std::string& total);
SignalDef GaugeOf(const std::string& name, const std::string& selector, Aggregate aggregate);
SignalDef QuantileOf(const std::string& name, const std::string& selector, double bound);

}  // namespace quell::signals
