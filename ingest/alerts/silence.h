// Silences as Alertmanager has them: what may be set, when it counts, and its journal record.
//
// A silence is pending, then active, then expired. It is never removed: it is set with an end that
// has passed. Editing the matchers of one that is not expired ends it and makes another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/matcher.h"
#include "core/result.h"
#include "ingest/alerts/received_alert.h"
#include "ingest/redaction.h"

namespace quell::ingest {

struct SilenceMatcher {
  std::string name;
  std::string value;
  bool is_regex = false;
  bool is_equal = true;
  bool operator==(const SilenceMatcher&) const = default;
};

struct Silence {
  std::string id;  // a UUID
  std::vector<SilenceMatcher> matchers;
  TimeMs starts_at = 0;
  TimeMs ends_at = 0;
  TimeMs updated_at = 0;
  std::string created_by;
  std::string comment;
  std::string by;  // who set it, as authenticated; "" = not known
};

struct SilenceLimits {
  static constexpr size_t kMatchersMax = 64;
  static constexpr size_t kTextBytesMax = 4096;  // of a name, value, comment, ...
};

enum class SilenceState : std::uint8_t { kPending, kActive, kExpired };
SilenceState StateOf(const Silence& silence, TimeMs now);
std::string_view SilenceStateName(SilenceState state);  // "pending", "active", "expired"

// kInvalidArgument for a regular expression that does not compile.
Result<Matcher> CompileMatcher(const SilenceMatcher& matcher);

// The body of POST /api/v2/silences. Not ok: `silence` is not meant to be used.
ApiAnswer ParseSilence(std::string_view body, Silence& silence);
// Takes out what must not be stored.
void RedactSilence(Silence& silence, const Redactor& redactor, RedactionCounters& counters);

// What posting `posted` comes to, `former` being the one with its id if there is one.
struct SilencePlan {
  ApiAnswer answer;            // 200 with the id, or why not
  std::vector<Silence> write;  // in order; empty unless 200
};
SilencePlan PlanSilence(Silence posted, const std::optional<Silence>& former,
                        const std::string& new_id, TimeMs now);
// The silence as it stands once it is ended at `now`; nothing where it is over already.
std::optional<Silence> Ended(Silence silence, TimeMs now);

// "8-4-4-4-12" hex digits, in either case.
bool IsUuid(std::string_view text);

// The payload of a journal record of kind 9.
std::string EncodeSilence(const Silence& silence);
Result<Silence> DecodeSilence(std::string_view payload);

}  // namespace quell::ingest
