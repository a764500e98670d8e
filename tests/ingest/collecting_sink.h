// A HistorySink that keeps everything, by the series' text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ingest/history.h"

namespace quell::ingest {

class CollectingSink final : public HistorySink {
 public:
  std::uint32_t Series(const Labels& labels) override {
    ++asked;
    if (labels.MetricName() == skip) return kNoSeries;
    const auto [at, added] =
        handles_.emplace(labels.ToString(), static_cast<std::uint32_t>(names_.size()));
    if (added) names_.push_back(labels.ToString());
    return at->second;
  }
  Status Add(std::uint32_t series, TimeMs time, double value) override {
    samples[names_.at(series)].push_back({time, value});
    if (++count_ >= stop_after) return MakeError(ErrorCode::kResourceExhausted, "sink is full");
    return Ok{};
  }
  void Progress(std::uint64_t bytes_done, std::uint64_t bytes_total) override {
    done = bytes_done;
    total = bytes_total;
  }

  std::map<std::string, std::vector<Sample>> samples;
  std::string skip;  // this metric is not wanted
  std::uint64_t stop_after = ~std::uint64_t{0};
  std::uint64_t asked = 0, done = 0, total = 0;

 private:
  std::map<std::string, std::uint32_t> handles_;
  std::vector<std::string> names_;
  std::uint64_t count_ = 0;
};

}  // namespace quell::ingest
