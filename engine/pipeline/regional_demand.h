// RegionalDemand: what the volumes of a place have in common today.
//
// Model    people of one place have a holiday, a strike or a match on television together: all its
//          volumes are off by about the same factor, for hours. Per place the ratio of what its
//          volumes saw to what was usual, over about 6 and 30 minutes; a volume counts with at
//          most 20 expected events a point, so that no large one speaks for the place. A place
//          starts afresh at its midnight: a day has a demand of its own.
// Use      a volume that is off to the same side may be held against what is usual times the
//          place's factor, if that is between 0.3 and 3, rests on five volumes at least, and is
//          not itself new: an outage of a whole place comes within minutes and is none of this.
// Input    the step's volumes, each with what was seen and expected (events).
// Output   the factors of the two windows, or none.
// Cost     O(1) a volume and step; 56 bytes a place.
// Threads  thread-compatible.
// State    part of kind "pipeline", plain data without padding.
// Source   own design.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/bytes.h"
#include "core/labels.h"
#include "core/time.h"

namespace quell::pipeline {

class RegionalDemand {
 public:
  static constexpr size_t kWindows = 2;

  // A volume's place, by its labels; numbered in order of appearance, 0: none.
  std::uint32_t PlaceOf(const Labels& labels);

  // Before the volumes of a step: ages what is known. `local`: civil time of the place.
  void BeginStep(std::uint32_t place, TimeMs step_end, std::int64_t local);
  void Note(std::uint32_t place, double seen, double usual);

  // Seen to usual over the short and the long window. nullopt: it explains nothing now.
  [[nodiscard]] std::optional<std::array<double, kWindows>> FactorsOf(std::uint32_t place) const;
  [[nodiscard]] size_t places() const { return numbers_.size(); }

  void Save(ByteWriter& out) const { out.PutArray(places_); }
  void Load(ByteReader& in) { places_ = in.GetArray<Place>(); }

 private:
  struct Place {
    std::array<double, kWindows> seen{};
    std::array<double, kWindows> usual{};
    TimeMs last = 0;
    std::int64_t day = 0;
    std::uint32_t volumes = 0;  // of the latest step
    std::uint32_t unused = 0;
  };
  std::unordered_map<Labels, std::uint32_t, LabelsHash> numbers_;  // looked up only
  std::vector<Place> places_;                                      // by number; 0 is nobody's
};

}  // namespace quell::pipeline
