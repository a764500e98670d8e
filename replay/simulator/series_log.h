// SeriesLog: one series' samples in a few bytes each, so that weeks of a thousand series fit in
// memory until they are written series by series.
//
// Code    varint(zigzag(change of the time step) * 2 + raw), then varint(zigzag(change of an
//         integral value)) or, with raw = 1, the value's eight bytes. About 4 bytes a counter
//         sample.
// Threads thread-compatible.
#pragma once

#include <cstdint>
#include <string>

#include "core/time.h"

namespace quell::simulator {

class SeriesLog {
 public:
  void Append(TimeMs time, double value);  // times do not go back
  [[nodiscard]] std::uint64_t size() const { return size_; }

  class Reader {
   public:
    explicit Reader(const SeriesLog& log) : log_(log) {}
    bool Next(TimeMs& time, double& value);  // false at the end

   private:
    const SeriesLog& log_;
    size_t at_ = 0;
    TimeMs time_ = 0, step_ = 0;
    std::int64_t whole_ = 0;
  };

 private:
  std::string bytes_;
  std::uint64_t size_ = 0;
  TimeMs time_ = 0, step_ = 0;
  std::int64_t whole_ = 0;
};

}  // namespace quell::simulator
