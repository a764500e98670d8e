// Parents: which signals are siblings, by their labels. One metric's lanes of a region within a
// service are siblings, and so are all its lanes within the service.
//
// A parent is numbered once it has three children, the least that say anything about each other
// (detectors/sibling_pool.h). Shares and volumes are numbered apart. Numbers depend on the signals
// and their order alone: a restart that adds them again gives the same. Thread-compatible.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/labels.h"
#include "detectors/types.h"

namespace quell::pipeline {

class Parents {
 public:
  static constexpr size_t kChildrenMin = 3;

  struct Child {
    detectors::Slot slot = 0;
    std::uint32_t level = 0;   // 0: the region within the service, 1: the service
    std::uint32_t number = 0;  // of its parent
  };
  // Adds a signal (gauges have no parents); whose parents are known now and were not before.
  // Valid until the next call. `labels` hold the alertname.
  std::span<const Child> Add(detectors::Slot slot, detectors::SignalKind kind,
                             const Labels& labels);

 private:
  struct Parent {
    std::uint32_t number = 0;  // 0: not yet
    std::uint32_t children = 0;
    std::array<detectors::Slot, kChildrenMin> first{};
  };
  void Join(const Labels& name, std::uint32_t level, detectors::Slot slot, std::uint32_t& numbers);

  std::unordered_map<Labels, Parent, LabelsHash> parents_;  // looked up only
  std::uint32_t shares_ = 0;                                // numbers given
  std::uint32_t volumes_ = 0;
  std::vector<Child> known_;
};

}  // namespace quell::pipeline
