// An alert's explanation as somebody reads it who was woken by it.
#include "engine/incidents/explain.h"

#include <catch2/catch.hpp>

namespace quell::incidents {
namespace {

using detectors::SignalKind;
using Words = std::vector<std::string>;

constexpr TimeMs kTen = 1787392800000;  // Saturday, 2026-08-22T10:00:00Z

Alert Failing() {
  Alert alert;
  alert.labels = Labels{{"alertname", "payments:failure_ratio"}, {"psp", "acme"}};
  alert.kind = SignalKind::kRatio;
  alert.unit = "ratio";
  alert.what = "failure ratio";
  alert.onset = kTen;
  alert.starts_at = kTen + 75 * kSecondMs;
  alert.evidence.agreeing = 0b0011;
  Explanation& e = alert.explanation;
  e.as_of = kTen + kMinuteMs;
  e.windows = {{{30 * kSecondMs, 0.18, 0.014, 91, 7, 500},
                {433 * kSecondMs, 0.05, 0.014, 360, 101, 7200},
                {2076 * kSecondMs, 0.02, 0.014, 690, 483, 34500}}};
  e.usual = 0.012;
  e.earlier_days = 16;
  e.earlier_weeks = 2;
  e.learned_ms = 16 * kDayMs + 3 * kHourMs;
  e.arrived = 1;
  e.arrived_ms = 2076 * kSecondMs;
  e.troubles_ms = 31 * kMinuteMs;
  return alert;
}

std::string All(const Alert& alert) {
  std::string out;
  for (const std::string& sentence : ExplanationWords(alert, kTen + 4 * kMinuteMs)) {
    out += sentence + '\n';
  }
  return out;
}

TEST_CASE("Explain: every part is told, in one order", "[incidents]") {
  CHECK(
      ExplanationWords(Failing(), kTen + 4 * kMinuteMs) ==
      Words{"failure ratio of psp=acme has lasted 4 min so far, since 10:00 UTC.",
            "2 of 3 windows agree: 30 s: 91 of 500 (7 expected), 7 min: 360 of 7,200 (101 "
            "expected); not 35 min: 690 of 34,500 (483 expected).",
            "Usual on Saturday 10:00 (local time): 1.2 %, by 2 earlier weeks.",
            "Data: all the steps of the last 35 min have a point; no late samples, resets or gaps.",
            "Baseline learned from 16 days."});
}

TEST_CASE("Explain: what set the service apart is told where the forest agrees", "[incidents]") {
  Alert alert = Failing();
  alert.explanation.contributions = {{{2, 0.62, -7}, {3, 0.3, 5}, {0, 0, 0}}};
  CHECK(All(alert).find("apart") == std::string::npos);
  alert.evidence.agreeing = 0b1111;
  const std::string words = All(alert);
  CHECK_THAT(words, Catch::Matchers::Contains("All 3 windows agree: 30 s"));
  CHECK_THAT(words,
             Catch::Matchers::Contains("What sets its signals apart together: volume (62 %), "
                                       "change of failures (30 %).\n"));
}

TEST_CASE("Explain: volume and latency are counted in their own words", "[incidents]") {
  Alert volume = Failing();
  volume.kind = SignalKind::kRate;
  volume.unit = "per_second";
  volume.what = "volume";
  volume.evidence.agreeing = 0b0001;
  volume.explanation.windows[0] = {30 * kSecondMs, 12, 120, 360, 3600, 0};
  CHECK_THAT(All(volume),
             Catch::Matchers::Contains("1 of 3 windows agree: 30 s: 12/s (120/s expected); not"));
  Alert latency = Failing();
  latency.kind = SignalKind::kQuantile;
  latency.unit = "seconds";
  latency.explanation.usual = 0.31;
  CHECK_THAT(All(latency), Catch::Matchers::Contains("30 s: 91 of 500 slow (7 expected)"));
  CHECK_THAT(All(latency), Catch::Matchers::Contains("(local time): 310 ms, by"));
}

TEST_CASE("Explain: history is not claimed where there is none", "[incidents]") {
  Alert alert = Failing();
  alert.explanation.earlier_weeks = 1;
  CHECK_THAT(All(alert), Catch::Matchers::Contains("by 1 earlier week."));
  alert.explanation.earlier_weeks = 0;
  alert.explanation.earlier_days = 3;
  CHECK_THAT(All(alert), Catch::Matchers::Contains(
                             "Usual at 10:00 (local time): 1.2 %, by 3 earlier days; no earlier "
                             "week."));
  alert.explanation.earlier_days = 0;
  alert.explanation.learned_ms = 90 * kMinuteMs;
  CHECK_THAT(All(alert), Catch::Matchers::Contains(
                             "No earlier day to compare Saturday 10:00 (local time) with."));
  CHECK_THAT(All(alert), Catch::Matchers::Contains("from 90 min: too young to trust."));
  alert.explanation.utc_offset_ms = 15 * kHourMs;
  CHECK_THAT(All(alert), Catch::Matchers::Contains("compare Sunday 01:00"));
}

TEST_CASE("Explain: what the date makes of the usual is told in words", "[incidents]") {
  using detectors::DayRule;
  Alert alert = Failing();
  CHECK(All(alert).find("Today is") == std::string::npos);
  alert.explanation.calendar = {1.38, {DayRule::kWorkingFromEnd, 0}, 3};
  CHECK_THAT(All(alert), Catch::Matchers::Contains(
                             "Today is the last working day of the month: 1.4 times the usual is "
                             "expected, by 3 earlier such days."));
  CHECK(DayClassWords({DayRule::kFromStart, 1}) == "the 1st");
  CHECK(DayClassWords({DayRule::kFromStart, 12}) == "the 12th");
  CHECK(DayClassWords({DayRule::kFromStart, 23}) == "the 23rd");
  CHECK(DayClassWords({DayRule::kFromEnd, 1}) == "the last day of the month but one");
  CHECK(DayClassWords({DayRule::kWorkingFromEnd, 3}) == "the last working day of the month but 3");
  CHECK(DayClassWords({DayRule::kWorkingDayUntil, 25}) == "the working day for the 25th");
}

TEST_CASE("Explain: a time before 1970 has its weekday", "[incidents]") {
  Alert alert = Failing();
  alert.explanation.as_of = kHourMs;  // Thursday, 1970-01-01
  alert.explanation.utc_offset_ms = -5 * kHourMs;
  CHECK(LocalQuarterWords(alert) == "Wednesday 19:45");
}

TEST_CASE("Explain: trouble with the data is told, and never rounded away", "[incidents]") {
  Alert alert = Failing();
  alert.explanation.arrived = 0.9849;
  alert.explanation.late = 12;
  alert.explanation.resets = 1;
  alert.explanation.gaps = 2;
  CHECK_THAT(All(alert), Catch::Matchers::Contains(
                             "Data: a point for 98 % of the steps of the last 35 min; 12 late "
                             "samples, 1 counter reset, 2 gaps in the last 31 min."));
}

TEST_CASE("Explain: an alert that is over says how long it lasted", "[incidents]") {
  Alert alert = Failing();
  alert.ends_at = kTen + 47 * kMinuteMs;
  CHECK_THAT(All(alert), Catch::Matchers::StartsWith("failure ratio of psp=acme lasted 47 min,"));
}

TEST_CASE("Explain: a signal that is missing has no windows, another's alert nothing",
          "[incidents]") {
  Alert missing = Failing();
  missing.explanation.windows = {};
  missing.evidence.agreeing = 0;
  CHECK(All(missing).find("windows") == std::string::npos);
  CHECK(ExplanationWords(Alert{}, kTen).empty());
}

TEST_CASE("Explain: the leading alert is the gravest, then the least likely", "[incidents]") {
  Incident incident;
  CHECK(LeadingAlert(incident) == nullptr);
  for (AlertId id = 1; id <= 3; ++id) {
    Member member;
    member.alert.id = id;
    member.alert.severity = id == 1 ? Severity::kWarning : Severity::kError;
    member.alert.evidence.tail_probability = 1.0 / (10.0 * static_cast<double>(id));
    incident.members.push_back(member);
  }
  CHECK(LeadingAlert(incident)->id == 3);
}

}  // namespace
}  // namespace quell::incidents
