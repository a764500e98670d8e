// Wording: numbers, odds, spans of time and scopes for people. Same input, same text; no locale.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/time.h"
#include "engine/incidents/alert.h"

namespace quell::incidents {

std::string NumberWords(double value);   // two digits that matter: "0.012", "38"
std::string CountWords(double count);    // "1,080"
std::string PercentWords(double ratio);  // 0.014 -> "1.4 %"
std::string ValueWords(double value, std::string_view unit);  // by unit: "38 %", "240 ms", "12/s"
std::string OddsWords(double tail_probability);               // "1 in 40 million"
std::string DurationWords(DurationMs duration);               // "20 s", "4 min", "2 h 5 min"
std::string ClockWords(TimeMs time);                          // "10:02 UTC"; seconds only if not 0
std::string PluralWords(std::string_view noun);               // "region" -> "regions"
std::string JoinWords(std::span<const std::string> parts, std::string_view separator);

// "psp=acme, region=eu"; "everything" where empty. Long values are cut.
std::string ScopeWords(const Labels& scope);
// "failure ratio of psp=acme, region=eu".
std::string AlertWords(const Alert& alert);
// Seen against expected: "38 % (expected 1.4 %)"; volumes as a change: "-62 %".
std::string SeenWords(const Alert& alert);
// Whether it is about a level that stands still.
bool IsFlatline(const Alert& alert);
// "has not moved for 40 min (812); it usually changes with every point", as of when it fired.
std::string StillWords(const Alert& alert);
// "seasonal baseline, fast EWMA" by the agreeing bits; "" where none.
std::string DetectorWords(std::uint8_t agreeing);

}  // namespace quell::incidents
