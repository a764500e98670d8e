// Text for people and for other people's limits: numbers with units, odds, one-liners, cuts.
//
// Pure and locale-independent: the same value gives the same bytes everywhere.
#pragma once

#include <string>
#include <string_view>

#include "core/time.h"

namespace quell::paging {

// Three significant digits, no exponent, thousands grouped: "18.2", "0.9", "12,300", "0.000123".
// "?" where not finite.
std::string NumberText(double value);

// A value in the unit's own words: ratio -> "18.2 %", seconds -> "1.84 s" or "340 ms", per_second
// -> "12.3/s", bytes -> "1.5 GB"; any other unit stands behind the number.
std::string ValueText(double value, std::string_view unit);

// "1.4 % (0.9 - 2.1 %)": all three on one scale. Without the bracket where the band is empty.
std::string ExpectedText(double expected, double low, double high, std::string_view unit);

// "about 1 in 2 million"; "less than 1 in a trillion"; "" where nothing is unusual (above 1/2).
std::string OddsText(double tail_probability);

std::string ClockText(TimeMs time);   // "10:02:30 UTC"
std::string MinuteText(TimeMs time);  // "10:02 UTC"
std::string DayText(TimeMs time);     // "2026-08-22"

// The first `characters_max` code points, the last of them an ellipsis where something was cut.
// Never splits a UTF-8 sequence. REQUIRES: characters_max >= 1.
std::string CutText(std::string_view text, size_t characters_max);

// Code points in well-formed UTF-8.
size_t CountCharacters(std::string_view text);

// Each byte that begins no well-formed UTF-8 sequence becomes U+FFFD.
std::string WellFormed(std::string_view text);

// Control characters (C0, DEL, C1) become spaces: safe for a terminal, one line.
std::string OneLine(std::string_view text);

}  // namespace quell::paging
