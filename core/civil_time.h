// TimeZone: how far local civil time is from UTC, by the system's time zone database.
//
// Thread-compatible; copies are independent.
#pragma once

#include <string>

#include "core/result.h"
#include "core/time.h"

namespace quell {

class TimeZone {
 public:
  // By its name in the database: "Europe/Berlin". kInvalidArgument where there is none such.
  static Result<TimeZone> Find(const std::string& name);
  TimeZone() = default;  // UTC

  // Local time less UTC at a moment, daylight saving included.
  DurationMs OffsetAt(TimeMs time);
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_ = "UTC";
  const void* zone_ = nullptr;  // the library's; lives as long as the program; null: UTC
  // The stretch that was last asked for.
  TimeMs from_ = 0;
  TimeMs to_ = 0;
  DurationMs offset_ = 0;
};

}  // namespace quell
