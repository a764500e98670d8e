// LateLessons: surprises wait before they teach a tail, until it has shown whether an alert was
// behind them.
//
// Model    A surprise of the tail waits for kWaitMs. If by then an alert was open on its group, it
//          is part of what the alert is about and teaches nothing: the minutes before an alert
//          opens would otherwise make the next incident look usual. Else it is noise, and teaches.
// Input    lessons in the order of their times; alerts by group, when they are open.
// Bound    kPerSlot lessons a slot on average, 24 bytes each; beyond it a lesson is dropped.
// Threads  thread-compatible.
// State    part of "detector_bank".
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace quell::detectors {

class LateLessons {
 public:
  static constexpr DurationMs kWaitMs = 20 * kMinuteMs;
  static constexpr size_t kPerSlot = 8;

  struct Lesson {
    TimeMs at = 0;
    std::uint32_t group = 0;
    std::uint32_t tail = 0;  // which one it teaches
    double surprise = 0;
  };

  void AddGroup() { alerted_.push_back(INT64_MIN); }
  void Alerted(std::uint32_t group, TimeMs at) { alerted_[group] = std::max(alerted_[group], at); }

  void Note(const Lesson& lesson, size_t slots) {
    if (waiting_.size() < kPerSlot * slots) waiting_.push_back(lesson);
  }

  // Tells teach(tail, surprise) of what has waited long enough.
  template <typename Teach>
  void Release(TimeMs now, const Teach& teach) {
    size_t done = 0;
    for (; done < waiting_.size() && waiting_[done].at <= now - kWaitMs; ++done) {
      const Lesson& lesson = waiting_[done];
      if (alerted_[lesson.group] < lesson.at) teach(lesson.tail, lesson.surprise);
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
  }

  void Save(ByteWriter& out) const {
    out.PutArray(alerted_);
    out.PutArray(waiting_);
  }
  // `tails`: how many there are. False if the bytes cannot be its state.
  bool Load(ByteReader& in, size_t tails) {
    const size_t groups = alerted_.size();
    alerted_ = in.GetArray<TimeMs>();
    waiting_ = in.GetArray<Lesson>();
    const auto fits = [&](const Lesson& lesson) {
      return lesson.group < groups && lesson.tail < tails && lesson.surprise >= 0 &&
             std::isfinite(lesson.surprise);
    };
    return in.ok() && alerted_.size() == groups &&
           std::all_of(waiting_.begin(), waiting_.end(), fits);
  }

 private:
  std::vector<TimeMs> alerted_;  // when an alert was last open, by group
  std::vector<Lesson> waiting_;  // by time
};

}  // namespace quell::detectors
