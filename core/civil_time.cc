#include "core/civil_time.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <exception>

namespace quell {
namespace {

// The database reaches thousands of years either way.
constexpr std::int64_t kSecondsMax = 4'000'000'000'000;

TimeMs ToMs(date::sys_seconds time) {
  const std::int64_t seconds = time.time_since_epoch().count();
  return std::clamp(seconds, -kSecondsMax, kSecondsMax) * 1000;
}

}  // namespace

Result<TimeZone> TimeZone::Find(const std::string& name) {
  TimeZone out;
  out.name_ = name;
  if (name == "UTC") return out;
  try {
    out.zone_ = date::locate_zone(name);
    return out;
  } catch (const std::exception&) {  // the library's way to say no
    return MakeError(ErrorCode::kInvalidArgument,
                     "there is no time zone \"" + name + "\"; names are like Europe/Berlin");
  }
}

DurationMs TimeZone::OffsetAt(TimeMs time) {
  if (zone_ == nullptr || (from_ <= time && time < to_)) return offset_;
  const std::chrono::seconds since(time >= 0 ? time / 1000 : (time - 999) / 1000);
  const auto info = static_cast<const date::time_zone*>(zone_)->get_info(date::sys_seconds(since));
  from_ = ToMs(info.begin);
  to_ = ToMs(info.end);
  offset_ = info.offset.count() * 1000;
  return offset_;
}

}  // namespace quell
