#include "engine/config/hours_config.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace quell::config {
namespace {

// "08:30", up to "24:00".
bool ParseTimeOfDay(const std::string& text, std::int32_t& minute) {
  constexpr int kHour = 60;
  if (text.size() != 5 || text[2] != ':') return false;
  for (const size_t i : {0, 1, 3, 4}) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  const int hours = 10 * (text[0] - '0') + (text[1] - '0');
  const int minutes = 10 * (text[3] - '0') + (text[4] - '0');
  minute = hours * kHour + minutes;
  return minutes < kHour && minute <= 24 * kHour;
}

void ReadDays(YamlMap& map, std::uint8_t& days) {
  static const std::array<std::string, 7> kNames = {"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};
  std::vector<std::string> names;
  map.ReadStrings("days", names);
  if (!map.Has("days")) return;
  days = 0;
  for (const std::string& name : names) {
    const auto at = std::find(kNames.begin(), kNames.end(), name);
    if (at == kNames.end()) {
      return map.Fail("days", "\"" + name + "\" is not one of mon, tue, wed, thu, fri, sat, sun");
    }
    days = static_cast<std::uint8_t>(days | (1U << static_cast<unsigned>(at - kNames.begin())));
  }
  if (days == 0) map.Fail("days", "must not be empty");
}

}  // namespace

void ReadTimeOfDay(YamlMap& map, std::string_view key, std::int32_t& minute) {
  std::string text;
  map.Read(key, text);
  if (map.Has(key) && !ParseTimeOfDay(text, minute)) {
    map.Fail(key, "\"" + text + "\" is not a time of day from \"00:00\" to \"24:00\"");
  }
}

void ReadHours(YamlMap& map, signals::BusinessHours& hours) {
  ReadDays(map, hours.days);
  ReadTimeOfDay(map, "from", hours.from_minute);
  ReadTimeOfDay(map, "to", hours.to_minute);
  if (hours.from_minute == 24 * 60) map.Fail("from", "must be before \"24:00\"");
  if (hours.to_minute == 0) hours.to_minute = 24 * 60;
  if (hours.from_minute == hours.to_minute) map.Fail("to", "is the same as \"from\"");
}

}  // namespace quell::config
