// Policies as the pipeline applies them: limits, hours, overrides by label, what they held back.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/pipeline/policy_book.h"
#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using detectors::SignalKind;
using signals::BusinessHours;

constexpr int kDay = 2880;                // steps
constexpr int kOutage = kDay + kDay / 2;  // Tuesday at noon
constexpr int kHour = 120;                // steps
constexpr TimeMs kNoon = kMonday + kOutage * kStep;

// acme fails from Tuesday noon on, for `steps`.
SmallWorld::Story Failing(int steps) {
  return [steps](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "acme" && step >= kOutage && step < kOutage + steps) lane.failing = 0.5;
    return lane;
  };
}

signals::PolicyRule Rule(const char* match, SignalKind kind, const signals::PolicyChange& change) {
  return {*Selector::Parse(match), kind, change};
}

PipelineOptions With(const char* match, const signals::PolicyChange& change) {
  PipelineOptions options;
  options.policies.push_back(Rule(match, SignalKind::kRatio, change));
  return options;
}

signals::PolicyChange Hours(int from_hour, int to_hour, BusinessHours::Outside outside) {
  signals::PolicyChange change;
  change.hours.emplace();
  change.hours->from_minute = from_hour * 60;
  change.hours->to_minute = to_hour * 60;
  change.hours->outside = outside;
  return change;
}

struct Ran {
  std::unique_ptr<Pipeline> pipeline;
  std::vector<store::Effect> effects;
  std::vector<Sent> sent;
};

Ran Run(const PipelineOptions& options, const SmallWorld::Story& story) {
  Ran out;
  out.pipeline = MakePipeline(options);
  for (const auto& record : SmallWorld(51).Records(kOutage + 3 * kHour, story)) {
    out.pipeline->Apply(record);
  }
  out.effects = out.pipeline->TakeEffects();
  out.sent = Notifications(out.effects);
  return out;
}

TEST_CASE("Policy: rules are applied in order, the last wins field by field", "[pipeline]") {
  signals::PolicyChange wide;
  wide.floor = 0.1;
  wide.ceiling = 0.9;
  signals::PolicyChange narrow;
  narrow.ceiling = 0.5;
  PolicyBook book({Rule("{region=\"eu\"}", SignalKind::kRatio, wide),
                   Rule("{psp=\"acme\"}", SignalKind::kRatio, narrow)});
  signals::SignalDef def;
  def.kind = SignalKind::kRatio;
  book.Add(def, 0, {{"region", "eu"}, {"psp", "acme"}});
  book.Add(def, 0, {{"region", "eu"}, {"psp", "globex"}});
  book.Add(def, 0, {{"region", "us"}, {"psp", "acme"}});
  def.rules.floor = 0.3;
  book.Add(def, 1, {{"region", "us"}, {"psp", "acme"}});
  CHECK(book.At(0).rules.floor == 0.1);
  CHECK(book.At(0).rules.ceiling == 0.5);
  CHECK(book.At(1).rules.ceiling == 0.9);
  CHECK(book.At(2).rules.ceiling == 0.5);
  CHECK(book.At(2).rules.floor < -1e300);
  CHECK(book.At(3).rules.floor == 0.3);
}

TEST_CASE("Policy: below the floor nobody is woken, and what was held back is counted",
          "[pipeline]") {
  signals::PolicyChange change;
  change.floor = 0.6;
  const Ran held = Run(With("{psp=\"acme\"}", change), Failing(kHour));
  CHECK(held.sent.empty());
  CHECK(held.pipeline->policy_counters().nobody_cares > 100);
  // Of another lane, or of a floor below what is seen, it changes nothing.
  CHECK(CountAction(Run(With("{psp=\"globex\"}", change), Failing(kHour)).sent, "trigger") == 1);
  change.floor = 0.1;
  CHECK(CountAction(Run(With("{psp=\"acme\"}", change), Failing(kHour)).sent, "trigger") == 1);
}

TEST_CASE("Policy: above the ceiling two points page, whatever else is asked for", "[pipeline]") {
  signals::PolicyChange change;
  change.min_rel_deviation = 100;  // never
  const Ran held = Run(With("{psp=\"acme\"}", change), Failing(kHour));
  CHECK(held.sent.empty());
  CHECK(held.pipeline->policy_counters().below_min_deviation > 100);
  change.ceiling = 0.25;
  const Ran paged = Run(With("{psp=\"acme\"}", change), Failing(kHour));
  REQUIRE(CountAction(paged.sent, "trigger") == 1);
  CHECK(CountAction(paged.sent, "resolve") == 1);
  CHECK(paged.sent.front().at <= kNoon + 3 * kMinuteMs);
  // One point is none.
  CHECK(Run(With("{psp=\"acme\"}", change), Failing(1)).sent.empty());
}

TEST_CASE("Policy: an alert beyond a limit lasts as long as the limit is exceeded, and pages once",
          "[pipeline]") {
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "acme" && step >= kDay / 4 && step < kOutage + kHour) lane.failing = 0.35;
    return lane;
  };
  signals::PolicyChange change;
  change.ceiling = 0.25;
  const Ran ran = Run(With("{psp=\"acme\"}", change), story);  // far longer than a shift is new
  CHECK(CountAction(ran.sent, "trigger") == 1);
  REQUIRE(CountAction(ran.sent, "resolve") == 1);
  CHECK(ran.sent.back().at > kNoon + kHour * kStep);
}

TEST_CASE("Policy: outside the hours an alert is for information and pages when they begin",
          "[pipeline]") {
  PipelineOptions options = With("{psp=\"acme\"}", Hours(15, 20, BusinessHours::Outside::kInfo));
  options.zones.fallback = *TimeZone::Find("Europe/Berlin");  // noon is 14:00 there
  const Ran lasting = Run(options, Failing(2 * kHour));
  REQUIRE(CountAction(lasting.sent, "trigger") == 1);
  CHECK(lasting.sent.front().at >= kNoon + kHourMs);
  CHECK(lasting.sent.front().at <= kNoon + kHourMs + 2 * kMinuteMs);
  CHECK_THAT(Text(lasting.effects), Catch::Matchers::Contains("alert_raised"));
  const Ran brief = Run(options, Failing(kHour / 2));
  CHECK(brief.sent.empty());
  CHECK(brief.pipeline->counters().alerts > 0);
  CHECK_THAT(Text(brief.effects), Catch::Matchers::Contains("\"reason\":\"outside_hours\""));
}

TEST_CASE("Policy: where it is off outside the hours nothing opens, and that is counted",
          "[pipeline]") {
  const PipelineOptions options =
      With("{psp=\"acme\"}", Hours(13, 20, BusinessHours::Outside::kOff));
  const Ran brief = Run(options, Failing(kHour / 2));
  CHECK(brief.sent.empty());
  CHECK(brief.pipeline->counters().alerts == 0);
  CHECK(brief.pipeline->policy_counters().outside_hours > 0);
  const Ran lasting = Run(options, Failing(2 * kHour));
  REQUIRE(CountAction(lasting.sent, "trigger") == 1);
  CHECK(lasting.sent.front().at >= kNoon + kHourMs);
  CHECK(lasting.sent.front().at <= kNoon + kHourMs + 3 * kMinuteMs);
}

TEST_CASE("Policy: missing data alerts by label", "[pipeline]") {
  PipelineOptions options;
  signals::PolicyChange change;
  change.missing = signals::Missing::kAlert;
  options.policies.push_back(Rule("{psp=\"acme\"}", SignalKind::kRate, change));
  const auto silent = [](const char* lane_name) {
    return [lane_name](const std::string& psp, int step) {
      SmallWorld::Lane lane;
      lane.reports = psp != lane_name || step < kOutage;
      return lane;
    };
  };
  const Ran ran = Run(options, silent("acme"));
  REQUIRE(CountAction(ran.sent, "trigger") == 1);
  CHECK_THAT(ran.sent.front().body, Catch::Matchers::Contains("not reported"));
  CHECK(Run(options, silent("globex")).sent.empty());
}

TEST_CASE("Policy: a restart within the hold goes on as if it had not been", "[pipeline]") {
  const PipelineOptions options =
      With("{psp=\"acme\"}", Hours(13, 20, BusinessHours::Outside::kInfo));
  const auto records = SmallWorld(51).Records(kOutage + 3 * kHour, Failing(2 * kHour));
  const auto whole = MakePipeline(options);
  auto part = MakePipeline(options);
  std::vector<store::Effect> effects;
  for (size_t i = 0; i < records.size(); ++i) {
    whole->Apply(records[i]);
    part->Apply(records[i]);
    if (i != static_cast<size_t>(kOutage + kHour / 2)) continue;
    effects = part->TakeEffects();
    auto next = MakePipeline(options);
    REQUIRE(next->Load(part->Save()).ok());
    part = std::move(next);
  }
  for (auto& effect : part->TakeEffects()) effects.push_back(std::move(effect));
  CHECK(Text(effects) == Text(whole->TakeEffects()));
  CHECK(part->Save() == whole->Save());
}

}  // namespace
}  // namespace quell::pipeline
