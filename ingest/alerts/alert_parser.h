// AlertParser: the JSON body of POST /api/v2/alerts to alerts, as Alertmanager reads it.
//
// Unknown fields are skipped, names of fields are matched whatever their case, `null` is absent,
// year 1 (Go's zero time) is "not given". Thread-compatible; keeps its buffers between calls.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ingest/alerts/received_alert.h"

namespace quell::ingest {

// RFC 3339, with or without a zone; Go's zero time is 0. Errors quote the text.
Result<TimeMs> ParseApiTime(std::string_view text);

class AlertParser {
 public:
  explicit AlertParser(const AlertLimits& limits) : limits_(limits) {}

  // Not ok: nothing of the body is used. Otherwise alerts() is what it holds.
  ApiAnswer Parse(std::string_view body);
  [[nodiscard]] const AlertLimits& limits() const { return limits_; }
  void Trim();  // gives large buffers back

  // Until the next Parse.
  [[nodiscard]] std::span<ReceivedAlert> alerts() { return {alerts_.data(), count_}; }

 private:
  class Reader;

  AlertLimits limits_;
  std::vector<ReceivedAlert> alerts_;
  size_t count_ = 0;
};

}  // namespace quell::ingest
