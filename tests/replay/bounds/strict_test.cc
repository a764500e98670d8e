#include "replay/bounds/strict.h"

#include <catch2/catch.hpp>

namespace quell::replay {
namespace {

constexpr TimeMs kT = 1780272000000;

LabelledIncident Incident(const char* id, const char* psp, TimeMs start, TimeMs end) {
  LabelledIncident incident;
  incident.id = id;
  incident.start = start;
  incident.end = end;
  incident.affected = {Labels{{"psp", psp}}};
  return incident;
}

ReplayPage Page(const char* id, TimeMs start, const std::vector<const char*>& psps) {
  ReplayPage page;
  page.id = id;
  page.start = start;
  for (const char* psp : psps) {
    ReplayAlert alert;
    alert.labels = Labels{{"psp", psp}};
    alert.start = start;
    page.members.push_back(alert);
  }
  return page;
}

ReplayResult Result(std::vector<ReplayPage> pages) {
  ReplayResult result;
  result.first = kT;
  result.evaluate_from = kT;
  result.last = kT + 2 * kWeekMs;
  result.pages = std::move(pages);
  return result;
}

TEST_CASE("a page after the end of an incident does not catch it, and is not false") {
  const std::vector incidents{Incident("a", "acme", kT + kHourMs, kT + 2 * kHourMs)};
  const auto late =
      ScoreStrictly(Result({Page("1", kT + 2 * kHourMs + kMinuteMs, {"acme"})}), incidents);
  CHECK(late.Caught() == 0);
  CHECK(late.false_pages == 0);
  CHECK(late.F1() == 0);
  const auto early = ScoreStrictly(Result({Page("1", kT + kHourMs - 1, {"acme"})}), incidents);
  CHECK(early.Caught() == 0);  // before the start it is no more than luck
  CHECK(early.false_pages == 1);
}

TEST_CASE("one unmixed page is one page about one incident") {
  const TimeMs end = kT + 2 * kHourMs;
  const std::vector incidents{Incident("a", "acme", kT + kHourMs, end),
                              Incident("b", "globex", kT + kHourMs, end),
                              Incident("c", "initech", kT + kHourMs, end)};
  const TimeMs at = kT + kHourMs + 90 * kSecondMs;
  const auto mixed = ScoreStrictly(Result({Page("1", at, {"acme", "globex"}),
                                           Page("2", at, {"initech"}), Page("3", end, {"other"})}),
                                   incidents);
  CHECK(mixed.Recall() == 1);
  CHECK(mixed.Precision() == Approx(0.75));
  CHECK(mixed.FalsePerWeek() == Approx(0.5));
  CHECK(mixed.OnePageShare() == Approx(1.0 / 3));
  CHECK(mixed.incidents[0].seconds == 90);
  const auto twice = ScoreStrictly(
      Result({Page("1", at, {"acme"}), Page("2", end + kMinuteMs, {"acme"})}), incidents);
  CHECK(twice.incidents[0].caught);
  CHECK_FALSE(twice.incidents[0].one_page);  // the second came after the end, and woke somebody
  CHECK(twice.PagesPerIncident() == 2);
  StrictScores both = mixed;
  Join(twice, both);
  CHECK(both.incidents.size() == 6);
  CHECK(both.weeks == Approx(4));
}

}  // namespace
}  // namespace quell::replay
