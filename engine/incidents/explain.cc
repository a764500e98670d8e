#include "engine/incidents/explain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <tuple>

#include "engine/incidents/wording.h"

namespace quell::incidents {
namespace {

using detectors::SignalKind;
using Window = detectors::Grounds::Window;

constexpr double kAllArrived = 0.995;
constexpr DurationMs kQuarterMs = 15 * kMinuteMs;
constexpr DurationMs kYoungMs = 2 * kHourMs;

// Local time may be before 1970 where event time begins at 0.
TimeMs FloorMod(TimeMs a, DurationMs b) { return (a % b + b) % b; }

bool Agrees(const Alert& alert, size_t detector) {
  return (alert.evidence.agreeing >> detector & 1U) != 0;
}

// "91 of 500 (7 expected)", "12/s (120/s expected)".
std::string WindowWords(const Alert& alert, const Window& window) {
  if (window.n > 0) {
    return CountWords(window.k) + " of " + CountWords(window.n) +
           (alert.kind == SignalKind::kQuantile ? " slow (" : " (") +
           NumberWords(window.expected_k) + " expected)";
  }
  return ValueWords(window.seen, alert.unit) + " (" + ValueWords(window.expected, alert.unit) +
         " expected)";
}

std::string WindowsSentence(const Alert& alert) {
  std::vector<std::string> agreeing;
  std::vector<std::string> others;
  size_t count = 0;
  for (size_t i = 0; i < kExplainedWindows; ++i) {
    const Window& window = alert.explanation.windows[i];
    if (window.span_ms <= 0) continue;
    ++count;
    (Agrees(alert, i) ? agreeing : others)
        .push_back(DurationWords(window.span_ms) + ": " + WindowWords(alert, window));
  }
  if (agreeing.empty()) return "";
  std::string out = others.empty() ? "All " + std::to_string(count) + " windows agree: "
                                   : std::to_string(agreeing.size()) + " of " +
                                         std::to_string(count) + " windows agree: ";
  out += JoinWords(agreeing, ", ");
  if (!others.empty()) out += "; not " + JoinWords(others, ", ");
  return out + '.';
}

std::string_view FeatureWords(std::uint32_t feature) {
  static constexpr std::array<std::string_view, detectors::kForestFeatures> kWords = {
      "failures",           "latency or level",           "volume",
      "change of failures", "change of latency or level", "change of volume"};
  return feature < kWords.size() ? kWords[feature] : "unknown";
}

std::string ForestSentence(const Alert& alert) {
  if (!Agrees(alert, static_cast<size_t>(detectors::DetectorId::kForest))) return "";
  std::vector<std::string> parts;
  for (const detectors::Contribution& part : alert.explanation.contributions) {
    if (part.share <= 0) break;
    parts.push_back(std::string(FeatureWords(part.feature)) + " (" + PercentWords(part.share) +
                    ')');
  }
  return parts.empty() ? ""
                       : "What sets its signals apart together: " + JoinWords(parts, ", ") + '.';
}

std::string WeekdayOf(TimeMs local) {
  static constexpr std::array<std::string_view, 7> kDays = {
      "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"};  // from 1970
  return std::string(kDays[static_cast<size_t>(FloorMod(local, 7 * kDayMs) / kDayMs)]);
}

std::string EarlierWords(std::uint32_t count, std::string_view noun) {
  return std::to_string(count) + " earlier " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string SameHourSentence(const Alert& alert) {
  const Explanation& e = alert.explanation;
  const std::string when = LocalQuarterWords(alert);
  if (e.earlier_days == 0) return "No earlier day to compare " + when + " (local time) with.";
  const std::string usual = ValueWords(e.usual, alert.unit);
  if (e.earlier_weeks == 0) {
    return "Usual at " + when.substr(when.find(' ') + 1) + " (local time): " + usual + ", by " +
           EarlierWords(e.earlier_days, "day") + "; no earlier week.";
  }
  return "Usual on " + when + " (local time): " + usual + ", by " +
         EarlierWords(e.earlier_weeks, "week") + '.';
}

std::string CalendarSentence(const Alert& alert) {
  const detectors::Grounds::Calendar& calendar = alert.explanation.calendar;
  if (calendar.day.rule == detectors::DayRule::kNone) return "";
  const bool promotion =
      calendar.day.rule == detectors::DayRule::kAnnounced &&
      calendar.day.number == static_cast<std::uint8_t>(detectors::Announced::kPromotion);
  if (promotion) {
    return "During " + DayClassWords(calendar.day) + ' ' + NumberWords(calendar.factor) +
           " times the usual is expected, by " + EarlierWords(calendar.earlier, "promotion") + '.';
  }
  return "Today is " + DayClassWords(calendar.day) + ": " + NumberWords(calendar.factor) +
         " times the usual is expected, by " + EarlierWords(calendar.earlier, "such day") + '.';
}

std::string DataSentence(const Alert& alert) {
  const Explanation& e = alert.explanation;
  std::vector<std::string> parts;
  if (e.arrived_ms > 0) {
    const std::string steps = "the steps of the last " + DurationWords(e.arrived_ms);
    parts.push_back(e.arrived >= kAllArrived
                        ? "all " + steps + " have a point"
                        : "a point for " + PercentWords(std::floor(e.arrived * 100) / 100) +
                              " of " + steps);
  }
  std::vector<std::string> troubles;
  const auto add = [&](std::uint32_t count, std::string_view one, std::string_view more) {
    if (count == 0) return;
    troubles.push_back(std::to_string(count) + ' ' + std::string(count == 1 ? one : more));
  };
  add(e.late, "late sample", "late samples");
  add(e.resets, "counter reset", "counter resets");
  add(e.gaps, "gap", "gaps");
  parts.push_back(troubles.empty()
                      ? "no late samples, resets or gaps"
                      : JoinWords(troubles, ", ") + " in the last " + DurationWords(e.troubles_ms));
  return "Data: " + JoinWords(parts, "; ") + '.';
}

std::string BaselineSentence(const Alert& alert) {
  const DurationMs learned = alert.explanation.learned_ms;
  if (learned <= 0) return "No baseline yet.";
  return "Baseline learned from " + DurationWords(learned) +
         (learned < kYoungMs ? ": too young to trust." : ".");
}

}  // namespace

std::string DayClassWords(const detectors::DayClass& day) {
  using detectors::DayRule;
  const int n = day.number;
  const auto ordinal = [n] {
    const bool teen = n / 10 == 1;
    return std::to_string(n) + (teen          ? "th"
                                : n % 10 == 1 ? "st"
                                : n % 10 == 2 ? "nd"
                                : n % 10 == 3 ? "rd"
                                              : "th");
  };
  const auto from_end = [n](const std::string& noun) {
    std::string out = "the last " + noun + " of the month";
    if (n == 1) out = "the last " + noun + " of the month but one";
    if (n > 1) out += " but " + std::to_string(n);
    return out;
  };
  switch (day.rule) {
    case DayRule::kNone:
      return "";
    case DayRule::kFromStart:
      return "the " + ordinal();
    case DayRule::kFromEnd:
      return from_end("day");
    case DayRule::kWorkingFromEnd:
      return from_end("working day");
    case DayRule::kWorkingDayUntil:
      return "the working day for the " + ordinal();
    case DayRule::kAnnounced:
      return n == static_cast<int>(detectors::Announced::kHoliday) ? "an announced holiday"
                                                                   : "an announced promotion";
  }
  return "";
}

DurationMs LastingOf(const Alert& alert, TimeMs now) {
  return std::max<DurationMs>(0, (alert.ends_at != 0 ? alert.ends_at : now) - alert.onset);
}

std::string LocalQuarterWords(const Alert& alert) {
  const Explanation& e = alert.explanation;
  // The middle of the point's interval says which quarter-hour it belongs to.
  const TimeMs local = e.as_of + e.utc_offset_ms - alert.interval_ms / 2;
  const TimeMs quarter = local - FloorMod(local, kQuarterMs);
  return WeekdayOf(quarter) + ' ' + FormatRfc3339(quarter).substr(11, 5);
}

std::vector<std::string> ExplanationWords(const Alert& alert, TimeMs now) {
  std::vector<std::string> out;
  if (alert.explanation.as_of == 0) return out;
  const std::string lasting = DurationWords(LastingOf(alert, now));
  out.push_back(AlertWords(alert) +
                (alert.ends_at != 0 ? " lasted " + lasting : " has lasted " + lasting + " so far") +
                ", since " + ClockWords(alert.onset) + '.');
  for (std::string sentence :
       {WindowsSentence(alert), ForestSentence(alert), SameHourSentence(alert),
        CalendarSentence(alert), DataSentence(alert), BaselineSentence(alert)}) {
    if (!sentence.empty()) out.push_back(std::move(sentence));
  }
  return out;
}

const Alert* LeadingAlert(const Incident& incident) {
  const auto rank = [](const Member& member) {
    const Alert& alert = member.alert;
    return std::tuple(-static_cast<int>(alert.severity), alert.evidence.tail_probability, alert.id);
  };
  const auto first =
      std::min_element(incident.members.begin(), incident.members.end(),
                       [&](const Member& a, const Member& b) { return rank(a) < rank(b); });
  return first == incident.members.end() ? nullptr : &first->alert;
}

}  // namespace quell::incidents
