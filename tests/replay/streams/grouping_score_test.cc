#include "replay/streams/grouping_score.h"

#include <catch2/catch.hpp>

#include "replay/streams/stream_generator.h"

namespace quell::streams {
namespace {

// Minutes from noon; `incident` "" = belongs to nothing.
StreamAlert At(double minute, double lasts, const std::string& name, const std::string& service,
               const std::string& incident) {
  StreamAlert alert;
  alert.labels = Labels{{"alertname", name}, {"service", service}, {"severity", "critical"}};
  alert.starts_at = kDayMs + static_cast<DurationMs>(minute * kMinuteMs);
  alert.ends_at = alert.starts_at + static_cast<DurationMs>(lasts * kMinuteMs);
  alert.incident = incident;
  return alert;
}

Grouping Groups(const AlertStream& stream, std::vector<std::int64_t> groups) {
  Grouping out;
  out.group = out.page = std::move(groups);
  for (const StreamAlert& alert : stream.alerts) out.heard.push_back(alert.starts_at);
  return out;
}

}  // namespace

TEST_CASE("Grouping score: pairs, ARI and B-cubed of a case worked out by hand", "[streams]") {
  AlertStream stream;
  for (const char* name : {"a", "b", "c"}) stream.alerts.push_back(At(0, 9, name, "x", "one"));
  for (const char* name : {"d", "e"}) stream.alerts.push_back(At(1, 9, name, "y", "two"));
  // {a b} {c d e}: right pairs ab, de; grouped ab, cd, ce, de; belong ab, ac, bc, de.
  const GroupingScore score = ScoreGrouping(stream, Groups(stream, {1, 1, 2, 2, 2}));
  CHECK(score.Precision() == Approx(2.0 / 4));
  CHECK(score.Recall() == Approx(2.0 / 4));
  CHECK(score.F1() == Approx(0.5));
  // By Hubert and Arabie: (2 - 4 * 4 / 10) / (4 - 4 * 4 / 10).
  CHECK(score.AdjustedRand() == Approx(0.4 / 2.4));
  // Precision: a b 1, c 1/3, d e 2/3; recall: a b 2/3, c 1/3, d e 1: means 11/15 and 11/15.
  CHECK(score.BcubedF1() == Approx(11.0 / 15));
  CHECK(score.incidents == 2);
  CHECK(score.missed == 0);
  CHECK(score.mixed == 1);
  CHECK(score.pages == 2);
  CHECK(score.Split() == 1);
}

TEST_CASE("Grouping score: an alert of no incident is right only alone", "[streams]") {
  AlertStream stream;
  stream.alerts = {At(0, 9, "a", "x", "one"), At(0, 9, "b", "x", "one"),
                   At(0, 9, "noise", "z", "")};
  const GroupingScore alone = ScoreGrouping(stream, Groups(stream, {1, 1, 2}));
  CHECK(alone.F1() == 1);
  CHECK(alone.BcubedF1() == 1);
  CHECK(alone.others == 1);
  const GroupingScore glued = ScoreGrouping(stream, Groups(stream, {1, 1, 1}));
  CHECK(glued.Precision() == Approx(1.0 / 3));
  CHECK(glued.Recall() == 1);
}

TEST_CASE("Grouping score: firing again in the same group adds nothing", "[streams]") {
  AlertStream stream;
  stream.alerts = {At(0, 1, "a", "x", "one"), At(2, 1, "a", "x", "one"), At(4, 1, "a", "x", "one"),
                   At(4, 1, "b", "x", "two")};
  const GroupingScore score = ScoreGrouping(stream, Groups(stream, {1, 1, 1, 1}));
  CHECK(score.units == 2);
  CHECK(score.grouped == 1);
  CHECK(score.right == 0);
}

TEST_CASE(
    "Grouping score: an incident that no page spoke of is missed, one that another's page "
    "swallowed is hidden",
    "[streams]") {
  AlertStream stream;
  stream.alerts = {At(0, 9, "a", "x", "one"), At(3, 9, "b", "y", "two"),
                   At(5, 9, "c", "z", "three")};
  Grouping grouping = Groups(stream, {1, 1, 2});
  grouping.heard[2] = 0;
  const GroupingScore score = ScoreGrouping(stream, grouping);
  CHECK(score.missed == 1);
  CHECK(score.hidden == 1);
  CHECK(score.mixed == 1);
}

TEST_CASE("Grouping score: what began before the scored span is left out", "[streams]") {
  AlertStream stream;
  stream.alerts = {At(0, 9, "a", "x", "one"), At(3, 9, "b", "y", "two")};
  stream.scored_from = stream.alerts[1].starts_at;
  CHECK(ScoreGrouping(stream, Groups(stream, {1, 1})).incidents == 1);
}

TEST_CASE("Grouping by labels: a group lasts while a member fires, and pages after the wait",
          "[streams]") {
  AlertStream stream;
  stream.alerts = {At(0, 5, "a", "x", "one"), At(4, 5, "b", "x", "one"), At(4, 5, "a", "y", "two"),
                   At(20, 5, "a", "x", "three")};
  const Grouping grouping = GroupByLabels(stream, {"service"});
  CHECK(grouping.group[0] == grouping.group[1]);
  CHECK(grouping.group[0] != grouping.group[2]);
  CHECK(grouping.group[0] != grouping.group[3]);
  CHECK(grouping.heard[0] == stream.alerts[0].starts_at + 30 * kSecondMs);
  CHECK(grouping.heard[1] == stream.alerts[1].starts_at);
}

TEST_CASE("Grouping by gap: 300 seconds without a beginning end a group", "[streams]") {
  AlertStream stream;
  stream.alerts = {At(0, 1, "a", "x", "one"), At(4, 1, "b", "y", "one"), At(9, 1, "c", "z", "one"),
                   At(14.1, 1, "d", "z", "two")};
  CHECK(GroupByGap(stream).group == std::vector<std::int64_t>{1, 1, 1, 2});
}

TEST_CASE("Grouping by the engine: every alert has a group, and no incident is missed",
          "[streams]") {
  const bool with_series = GENERATE(false, true);
  const AlertStream stream = GenerateStream(
      {.seed = 71, .duration_ms = kDayMs, .unscored_ms = 0, .with_series = with_series});
  const Grouping grouping = GroupByEngine(stream);
  REQUIRE(grouping.group.size() == stream.alerts.size());
  const GroupingScore score = ScoreGrouping(stream, grouping);
  CHECK(score.missed == 0);
  CHECK(score.F1() > ScoreGrouping(stream, GroupByLabels(stream, {"alertname"})).F1());
}

}  // namespace quell::streams
