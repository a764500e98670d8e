// A policy for registry tests: wants what its name begins with, and counts how often it is asked.
#pragma once

#include <atomic>
#include <string>

#include "ingest/series_registry.h"

namespace quell::ingest {

class PrefixPolicy final : public SeriesPolicy {
 public:
  explicit PrefixPolicy(std::string prefix = "") : prefix_(std::move(prefix)) {}
  bool Admit(Labels& labels, SeriesType) override {
    ++asked;
    return labels.MetricName().substr(0, prefix_.size()) == prefix_;
  }
  std::atomic<int> asked{0};

 private:
  std::string prefix_;
};

}  // namespace quell::ingest
