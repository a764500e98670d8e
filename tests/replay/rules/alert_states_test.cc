#include "replay/rules/alert_states.h"

#include <catch2/catch.hpp>

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1786356000000;

TimeMs Minute(int minute) { return kStart + minute * kMinuteMs; }

// A series with a value of 7 at these minutes.
void Add(ingest::SampleBatch& batch, const Labels& labels, const std::vector<int>& minutes) {
  const auto begin = static_cast<std::uint32_t>(batch.samples.size());
  for (const int minute : minutes) batch.samples.push_back({Minute(minute), 7});
  batch.series.push_back({labels, begin, static_cast<std::uint32_t>(batch.samples.size())});
}

AlertingRule Rule(DurationMs hold, DurationMs keep = 0) {
  AlertingRule rule;
  rule.name = "R";
  rule.hold = hold;
  rule.keep = keep;
  return rule;
}

// "start-end" in minutes of what fired, over minutes 0 to 20.
std::string Fired(const AlertingRule& rule, const std::vector<int>& minutes) {
  ingest::SampleBatch batch;
  Add(batch, Labels{{"psp", "acme"}}, minutes);
  AlertStates states(rule, 0);
  REQUIRE(states.Feed(batch, Minute(0), Minute(20)).ok());
  std::string out;
  for (const FiredAlert& alert : states.fired()) {
    out += (out.empty() ? "" : " ") + std::to_string((alert.start - kStart) / kMinuteMs) + '-' +
           (alert.end == 0 ? "" : std::to_string((alert.end - kStart) / kMinuteMs));
  }
  return out;
}

}  // namespace

TEST_CASE("Alert states: without `for` it fires when it is given and ends when it is not",
          "[rules]") {
  CHECK(Fired(Rule(0), {3, 4, 5, 9}) == "3-6 9-10");
  CHECK(Fired(Rule(0), {19, 20}) == "19-");
  CHECK(Fired(Rule(0), {}).empty());
}

TEST_CASE("Alert states: pending for `for`, and one evaluation without it begins anew", "[rules]") {
  CHECK(Fired(Rule(3 * kMinuteMs), {1, 2, 3}).empty());
  CHECK(Fired(Rule(3 * kMinuteMs), {1, 2, 3, 4}) == "4-5");
  CHECK(Fired(Rule(3 * kMinuteMs), {1, 2, 3, 5, 6, 7, 8, 9}) == "8-10");
  CHECK(Fired(Rule(150 * kSecondMs), {1, 2, 3, 4, 5}) == "4-6");  // between evaluations
}

TEST_CASE("Alert states: kept firing for a while after it is given no more", "[rules]") {
  CHECK(Fired(Rule(0, 3 * kMinuteMs), {2}) == "2-6");
  CHECK(Fired(Rule(0, 3 * kMinuteMs), {2, 5, 6}) == "2-10");
  CHECK(Fired(Rule(kMinuteMs, 3 * kMinuteMs), {2, 4}).empty());  // pending is not kept
}

TEST_CASE("Alert states: windows continue each other", "[rules]") {
  const AlertingRule rule = Rule(3 * kMinuteMs);
  AlertStates states(rule, 5);
  const Labels labels{{"psp", "acme"}};
  ingest::SampleBatch first;
  Add(first, labels, {1, 2});
  REQUIRE(states.Feed(first, Minute(0), Minute(2)).ok());
  ingest::SampleBatch second;
  Add(second, labels, {3, 4});
  REQUIRE(states.Feed(second, Minute(3), Minute(4)).ok());
  REQUIRE(states.Feed({}, Minute(5), Minute(6)).ok());
  REQUIRE(states.fired().size() == 1);
  CHECK(states.fired()[0].rule == 5);
  CHECK(states.fired()[0].start == Minute(4));
  CHECK(states.fired()[0].end == Minute(5));
  CHECK(states.fired()[0].value == 7);
}

TEST_CASE("Alert states: an alert has the series' labels, then the rule's, and no metric's name",
          "[rules]") {
  AlertingRule rule = Rule(0);
  rule.labels = {{"severity", "warning"}, {"severity", "critical"}, {"pod", ""}};
  ingest::SampleBatch batch;
  Add(batch, Labels{{"__name__", "up"}, {"pod", "p-1"}, {"severity", "x"}, {"psp", "acme"}}, {1});
  AlertStates states(rule, 0);
  REQUIRE(states.Feed(batch, Minute(0), Minute(2)).ok());
  REQUIRE(states.fired().size() == 1);
  CHECK(states.fired()[0].labels.ToString() == R"({alertname="R",psp="acme",severity="critical"})");
}

TEST_CASE("Alert states: two alerts of equal labels fail the evaluation and change nothing",
          "[rules]") {
  ingest::SampleBatch batch;
  Add(batch, Labels{{"__name__", "a"}}, {2, 3, 4, 5});
  Add(batch, Labels{{"__name__", "b"}}, {3, 4});
  const AlertingRule rule = Rule(2 * kMinuteMs);
  AlertStates states(rule, 0);
  REQUIRE(states.Feed(batch, Minute(0), Minute(8)).ok());
  CHECK(states.failed() == 2);
  REQUIRE(states.fired().size() == 1);
  CHECK(states.fired()[0].start == Minute(5));  // pending since 2, as in Prometheus
}

TEST_CASE("Alert states: more alerts than the bound are an error", "[rules]") {
  ingest::SampleBatch batch;
  for (size_t i = 0; i <= AlertStates::kFiredMax; ++i) {
    Add(batch, Labels{{"i", std::to_string(i)}}, {1});
  }
  const AlertingRule rule = Rule(0);
  AlertStates states(rule, 0);
  const Status fed = states.Feed(batch, Minute(0), Minute(2));
  REQUIRE_FALSE(fed.ok());
  CHECK(fed.error().code == ErrorCode::kResourceExhausted);
}

}  // namespace quell::replay
