#include "engine/incidents/incident_engine.h"

#include <catch2/catch.hpp>

#include "tests/engine/incidents/scenario.h"

namespace quell::incidents {
namespace {

constexpr TimeMs kNow = 1000 * kHourMs;

std::vector<Labels> Population(int psps) {
  std::vector<Labels> out;
  for (int i = 0; i < psps; ++i) {
    for (const char* region : {"ap", "eu", "us"}) {
      out.push_back(
          Labels{{"alertname", "ratio"}, {"psp", "psp" + std::to_string(i)}, {"region", region}});
    }
  }
  return out;
}

Alert AlertOf(AlertId id, const Labels& labels, TimeMs at) {
  Alert alert;
  alert.id = id;
  alert.labels = labels;
  alert.fingerprint = labels.Fingerprint();
  alert.signal = labels.Get("alertname");
  alert.what = "failure ratio";
  alert.unit = "ratio";
  alert.kind = detectors::SignalKind::kRatio;
  alert.sign = 1;
  alert.onset = alert.starts_at = at;
  alert.evidence.value = 0.2;
  return alert;
}

// Pages wait for company.
IncidentOptions Holding() {
  IncidentOptions options;
  options.hold_ms = 30 * kSecondMs;
  return options;
}

// An engine with a population, driven by verbs.
struct Bench {
  explicit Bench(int psps, IncidentOptions options = Holding())
      : labels(Population(psps)), population(labels), engine(options) {}

  std::vector<IncidentEvent> Step(TimeMs at, std::vector<Alert> fired,
                                  std::vector<Alert> cleared = {}) {
    IncidentEngine::StepInput input;
    input.now = at;
    input.fired = std::move(fired);
    input.cleared = std::move(cleared);
    return engine.Step(std::move(input), population);
  }
  Alert Fire(size_t signal, TimeMs at) { return AlertOf(next_id++, labels[signal], at); }
  static Alert Ended(Alert alert, TimeMs at) {
    alert.ends_at = at;
    return alert;
  }

  std::vector<Labels> labels;
  FixedPopulation population;
  IncidentEngine engine;
  AlertId next_id = 1;
};

}  // namespace

TEST_CASE("IncidentEngine: a critical alert pages in its own step", "[incidents]") {
  Bench bench(6);
  Alert alert = bench.Fire(0, kNow);
  alert.severity = Severity::kCritical;
  const auto events = bench.Step(kNow, {alert});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == IncidentEventKind::kPage);
  CHECK(events[0].incident.paged_at == kNow);
  CHECK(events[0].incident.members[0].notified == kNow);
  CHECK(events[0].incident.members[0].reason == PageReason::kPaged);
  CHECK(events[0].incident.key.size() == 64);
}

TEST_CASE("IncidentEngine: by default an ordinary alert pages at once", "[incidents]") {
  Bench bench(6, {});
  CHECK(bench.Step(kNow, {bench.Fire(0, kNow)}).size() == 1);
}

TEST_CASE("IncidentEngine: what could be a silent target waits for the next points",
          "[incidents]") {
  Bench bench(6, {});
  Alert drop = bench.Fire(0, kNow);
  drop.kind = detectors::SignalKind::kRate;
  drop.sign = -1;
  drop.interval_ms = kMinuteMs;
  CHECK(bench.Step(kNow, {drop}).empty());
  CHECK(bench.Step(kNow + 30 * kSecondMs, {}).empty());
  CHECK(bench.Step(kNow + kMinuteMs, {}).size() == 1);
}

TEST_CASE("IncidentEngine: an ordinary alert waits for company if told to, then pages",
          "[incidents]") {
  Bench bench(6);
  CHECK(bench.Step(kNow, {bench.Fire(0, kNow)}).empty());
  const auto events = bench.Step(kNow + 30 * kSecondMs, {});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == IncidentEventKind::kPage);
  CHECK(bench.engine.Open().size() == 1);
}

TEST_CASE("IncidentEngine: resolves once all members have been clear long enough", "[incidents]") {
  Bench bench(6);
  const Alert alert = bench.Fire(0, kNow);
  bench.Step(kNow, {alert});
  bench.Step(kNow + kMinuteMs, {});
  const TimeMs end = kNow + 10 * kMinuteMs;
  CHECK(bench.Step(end, {}, {Bench::Ended(alert, end)}).empty());
  CHECK(bench.Step(end + 4 * kMinuteMs, {}).empty());
  const auto events = bench.Step(end + 5 * kMinuteMs, {});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == IncidentEventKind::kResolve);
  CHECK(bench.engine.Open().empty());
}

TEST_CASE("IncidentEngine: rising severity of a member is an update", "[incidents]") {
  Bench bench(6);
  Alert alert = bench.Fire(0, kNow);
  bench.Step(kNow, {alert});
  bench.Step(kNow + kMinuteMs, {});
  alert.severity = Severity::kCritical;
  IncidentEngine::StepInput input;
  input.now = kNow + 2 * kMinuteMs;
  input.changed = {alert};
  const auto events = bench.engine.Step(input, bench.population);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == IncidentEventKind::kUpdate);
  CHECK(events[0].incident.severity == Severity::kCritical);
}

TEST_CASE("IncidentEngine: the key does not depend on what ran before the restart", "[incidents]") {
  Bench one(6), two(6);
  const auto page = [](Bench& bench) {
    bench.Step(kNow, {bench.Fire(0, kNow)});
    return bench.Step(kNow + kMinuteMs, {}).at(0).incident.key;
  };
  const std::string key = page(one);
  CHECK(key == page(two));
  Bench other(6);
  other.Step(kNow, {other.Fire(1, kNow)});
  CHECK(other.Step(kNow + kMinuteMs, {}).at(0).incident.key != key);
}

TEST_CASE("IncidentEngine: an incident takes no new members after its age limit", "[incidents]") {
  IncidentOptions options;
  options.age_max_ms = kHourMs;
  Bench bench(6, options);
  bench.Step(kNow, {bench.Fire(0, kNow)});
  bench.Step(kNow + kMinuteMs, {});
  const TimeMs later = kNow + 61 * kMinuteMs;
  bench.Step(later, {bench.Fire(1, later)});
  CHECK(bench.engine.Open().size() == 2);
}

TEST_CASE("IncidentEngine: beyond the bound on incidents the closest takes the alerts",
          "[incidents]") {
  IncidentOptions options;
  options.incidents_max = 3;
  Bench bench(30, options);
  for (size_t i = 0; i < 20; ++i) {
    const TimeMs at = kNow + static_cast<TimeMs>(i) * kHourMs;
    bench.Step(at, {bench.Fire(3 * i, at)});
    CHECK(bench.engine.Open().size() <= 3);
  }
  size_t members = 0;
  for (const Incident* incident : bench.engine.Open()) members += incident->members.size();
  CHECK(members == 20);
}

TEST_CASE("IncidentEngine: alerts beyond the bound on members are told once and counted",
          "[incidents]") {
  Bench bench(400);  // 1200 lanes
  std::vector<Alert> fired;
  for (size_t i = 0; i < bench.labels.size(); ++i) fired.push_back(bench.Fire(i, kNow));
  const auto events = bench.Step(kNow, fired);
  REQUIRE(events.size() == 1);
  CHECK(events[0].incident.members.size() == 1200);
  CHECK(events[0].incident.members.back().reason == PageReason::kDuplicateOf);
  REQUIRE(bench.engine.Open().size() == 1);
  CHECK(bench.engine.Open()[0]->members.size() == 1000);
  std::vector<Alert> most;
  for (size_t i = 0; i < 1000; ++i) most.push_back(Bench::Ended(fired[i], kNow + kMinuteMs));
  bench.Step(kNow + kMinuteMs, {}, most);
  CHECK(bench.Step(kNow + kHourMs, {}).empty());  // 200 still fire
  std::vector<Alert> rest;
  for (size_t i = 1000; i < 1200; ++i) rest.push_back(Bench::Ended(fired[i], kNow + kHourMs));
  bench.Step(kNow + kHourMs + kMinuteMs, {}, rest);
  const auto resolved = bench.Step(kNow + 2 * kHourMs, {});
  REQUIRE(resolved.size() == 1);
  CHECK(resolved[0].kind == IncidentEventKind::kResolve);
}

TEST_CASE("IncidentEngine: alerts from outside the population are grouped too", "[incidents]") {
  Bench bench(6);
  const Labels host{{"alertname", "HostDown"}, {"instance", "db-7"}};
  const Labels disk{{"alertname", "DiskFull"}, {"instance", "db-7"}};
  bench.Step(kNow, {AlertOf(1, host, kNow), AlertOf(2, disk, kNow)});
  REQUIRE(bench.engine.Open().size() == 1);
  CHECK(bench.engine.Open()[0]->scope == Labels{{"instance", "db-7"}});
}

TEST_CASE("IncidentEngine: unknown and repeated alerts do no harm", "[incidents]") {
  Bench bench(6);
  const Alert alert = bench.Fire(0, kNow);
  bench.Step(kNow, {alert, alert}, {Bench::Ended(bench.Fire(1, kNow), kNow)});
  REQUIRE(bench.engine.Open().size() == 1);
  CHECK(bench.engine.Open()[0]->members.size() == 1);
  bench.Step(kNow + 1000, {alert}, {Bench::Ended(alert, kNow + 1000)});
  bench.Step(kNow + 2000, {}, {Bench::Ended(alert, kNow + 2000)});
  CHECK(bench.engine.Open().empty());
}

TEST_CASE("IncidentEngine: the order inside a step does not matter", "[incidents]") {
  Bench one(6), two(6);
  std::vector<Alert> fired;
  for (const size_t signal : {0, 1, 2, 6, 7, 8, 10}) fired.push_back(one.Fire(signal, kNow));
  const auto forward = one.Step(kNow, fired);
  const auto backward = two.Step(kNow, {fired.rbegin(), fired.rend()});
  CHECK(ToBytes(forward) == ToBytes(backward));
}

TEST_CASE("IncidentEngine: damaged state is refused by name, never half loaded", "[incidents]") {
  Bench bench(6);
  bench.Step(kNow, {bench.Fire(0, kNow), bench.Fire(5, kNow)});
  ByteWriter out;
  bench.engine.Save(out);
  const std::string bytes = out.bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in(std::string_view(bytes).substr(0, size));
    CHECK_FALSE(IncidentEngine::Load(in, IncidentOptions{}).ok());
  }
  std::string newer = bytes;
  newer[19] = 99;  // after the length and "incident_engine"
  ByteReader in(newer);
  const auto loaded = IncidentEngine::Load(in, IncidentOptions{});
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().code == ErrorCode::kUnsupported);
  CHECK(loaded.error().message.find("version 99") != std::string::npos);
  CHECK(loaded.error().message.find("this program reads ") != std::string::npos);
}

TEST_CASE("IncidentEngine: summaries fit a page whatever the labels", "[incidents]") {
  Bench bench(6);
  Labels labels{{"alertname", "ratio"}};
  for (int i = 0; i < 30; ++i) labels.Set("label" + std::to_string(i), std::string(500, 'x'));
  bench.Step(kNow, {AlertOf(1, labels, kNow)});
  const auto events = bench.Step(kNow + kMinuteMs, {});
  REQUIRE(events.size() == 1);
  CHECK(events[0].incident.summary.size() <= 1024);
}

TEST_CASE("IncidentEngine: a merge into a full incident leaves nothing that points at the merged",
          "[incidents]") {
  Bench bench(6);
  const auto in_eu = [&bench](size_t psp, TimeMs at) { return bench.Fire(3 * psp + 1, at); };
  TimeMs now = kNow;
  std::vector<Alert> all = {in_eu(0, now), in_eu(1, now), in_eu(1, now)};
  bench.Step(now, all);
  REQUIRE(bench.engine.Open().size() == 2);

  now += kSecondMs;
  std::vector<Alert> again;
  for (int i = 0; i < 1100; ++i) again.push_back(in_eu(0, now));
  bench.Step(now, again, {Bench::Ended(all[1], now)});
  REQUIRE(bench.engine.Open()[0]->members.size() == 1000);

  now += kSecondMs;
  std::vector<Alert> rest;
  for (size_t psp = 2; psp < 6; ++psp) rest.push_back(in_eu(psp, now));
  bench.Step(now, rest);
  REQUIRE(bench.engine.Open().size() == 1);

  now += kMinuteMs;
  all.insert(all.end(), again.begin(), again.end());
  all.insert(all.end(), rest.begin(), rest.end());
  for (Alert& alert : all) alert.ends_at = now;
  bench.Step(now, {}, all);
  now += kHourMs;
  bench.Step(now, {});
  CHECK(bench.engine.Open().empty());
  bench.Step(now + kSecondMs, {in_eu(1, now)});
  CHECK(bench.engine.Open().size() == 1);
}

}  // namespace quell::incidents
