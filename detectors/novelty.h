// Novelty: how new what a series does is, among all it ever did; nothing assumed about it.
//
// Model    NewValue: the distance of a value from the nearest before it, as a share of the range of
//          all. A value that repeats is not new, however rare; one in a gap is, as one beyond.
//          Stay: the values in a row on one side of the middle of the range, as far as that is
//          longer than ever, as a share of it.
//          RareSize: the root of a size times the values since one at least half as large. It is
//          what makes sizes of different series alike: where large ones come often, none is rare,
//          and what goes on is rare where it begins.
// Input    finite values, one at a time; sizes in [0, 1].
// Output   NewValue and Stay: a size in [0, 1]; 0 where nothing is new, or not by 1 / 1024.
//          RareSize: 0 for size 0; about 2 to 4 where to look.
// Cost     O(log n) to find and a move of at most 16 KB a value; 16 KB of state.
// Threads  thread-compatible.
// State    not saved.
// Source   nearest neighbour distance on a stream: Burnaev and Ishimtsev (2016), here of single
//          values; return periods: Gumbel (1941); own combination.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace quell::detectors {

class NewValue {
 public:
  static constexpr int kFinest = 1024;  // parts of the range told apart

  // Against the values before it; then it is one of them.
  double Observe(double value);
  // The middle of the range of the values, which is not empty.
  [[nodiscard]] double middle() const { return lowest_ / 2 + highest_ / 2; }

 private:
  void Thin(double apart);

  std::vector<double> known_;  // in order, one of each kFinest-th of the range
  double lowest_ = 0, highest_ = 0;
};

class Stay {
 public:
  // Fewer stays on a side than this say nothing of how long they are.
  static constexpr int kKnownMin = 20;

  double Observe(bool above);

 private:
  struct Side {
    int stays = 0;
    double longest = 0;
  };
  std::array<Side, 2> sides_;
  bool above_ = false;
  double length_ = 0;
};

class RareSize {
 public:
  double Observe(double size);

 private:
  // Sizes of one class differ by an eighth at most; the half of a size is kOctave classes down.
  static constexpr int kOctave = 8, kOctaves = 11;

  std::array<std::uint64_t, kOctave * kOctaves> latest_{};  // of a class, counted from 1; 0 = none
  std::uint64_t observed_ = 0;
};

}  // namespace quell::detectors
