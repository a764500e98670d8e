#include "replay/scoring/scoring.h"

#include <catch2/catch.hpp>

#include "replay/scoring/ablation.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1'000'000'000'000;

// A small language for cases: times are seconds after kStart.
struct History {
  History() {
    result.first = kStart - kWeekMs;
    result.last = kStart + kWeekMs;
    result.evaluate_from = kStart - kWeekMs;
  }

  LabelledIncident& Incident(const std::string& id, int from, int to, Labels match) {
    LabelledIncident incident;
    incident.id = id;
    incident.start = kStart + from * kSecondMs;
    incident.end = kStart + to * kSecondMs;
    incident.affected = {std::move(match)};
    incidents.push_back(incident);
    return incidents.back();
  }

  std::uint64_t Alert(int at, Labels labels) {
    ReplayAlert alert;
    alert.id = result.alerts.size() + 1;
    alert.labels = std::move(labels);
    alert.start = kStart + at * kSecondMs;
    result.alerts.push_back(alert);
    ++result.raw_firings;
    return alert.id;
  }

  void Page(const std::string& id, int at, const std::vector<Labels>& members) {
    ReplayPage page;
    page.id = id;
    page.start = kStart + at * kSecondMs;
    for (const Labels& labels : members) {
      Alert(at, labels);
      page.members.push_back(result.alerts.back());
    }
    result.pages.push_back(page);
  }

  [[nodiscard]] Report Scored(const ScoringOptions& options = {}) const {
    return Score(result, incidents, options);
  }

  [[nodiscard]] std::string Verdicts() const {
    std::string out;
    for (const PageOutcome& page : Scored().pages) {
      out += page.page_id + '=' +
             (page.verdict == PageVerdict::kTrue        ? "true:"
              : page.verdict == PageVerdict::kDuplicate ? "duplicate:"
                                                        : "false:") +
             page.incident_id + ' ';
    }
    return out;
  }

  ReplayResult result;
  std::vector<LabelledIncident> incidents;
};

}  // namespace

TEST_CASE("Matching: one shared label is enough, one contradiction is too much", "[scoring]") {
  LabelledIncident incident;
  incident.affected = {Labels{{"psp", "acme"}, {"region", "eu"}}};
  CHECK(MatchesIncident(Labels{{"psp", "acme"}, {"region", "eu"}}, incident));
  CHECK(MatchesIncident(Labels{{"psp", "acme"}, {"service", "checkout"}}, incident));
  CHECK_FALSE(MatchesIncident(Labels{{"psp", "acme"}, {"region", "us"}}, incident));
  CHECK_FALSE(MatchesIncident(Labels{{"service", "checkout"}}, incident));
  CHECK_FALSE(MatchesIncident(Labels{}, incident));
}

TEST_CASE("Matching: any of several alternatives will do, none given matches all", "[scoring]") {
  LabelledIncident incident;
  CHECK(MatchesIncident(Labels{}, incident));
  incident.affected = {Labels{{"psp", "acme"}}, Labels{{"psp", "borealis"}}};
  CHECK(MatchesIncident(Labels{{"psp", "borealis"}}, incident));
  CHECK_FALSE(MatchesIncident(Labels{{"psp", "cirrus"}}, incident));
  incident.affected = {Labels{}};
  CHECK(MatchesIncident(Labels{{"psp", "cirrus"}}, incident));
}

TEST_CASE("Score: a page counts from a minute before to fifteen minutes after", "[scoring]") {
  const Labels psp{{"psp", "acme"}};
  const auto verdict = [&](int at) {
    History history;
    history.Incident("i", 0, 600, psp);
    history.Page("p", at, {psp});
    return history.Verdicts();
  };
  CHECK(verdict(-61) == "p=false: ");
  CHECK(verdict(-60) == "p=true:i ");
  CHECK(verdict(600 + 900) == "p=true:i ");
  CHECK(verdict(600 + 901) == "p=false: ");
}

TEST_CASE("Score: a page is true when any of its members matches", "[scoring]") {
  History history;
  history.Incident("i", 0, 600, Labels{{"psp", "acme"}});
  history.Page("p", 30, {Labels{{"psp", "borealis"}}, Labels{{"psp", "acme"}}});
  CHECK(history.Verdicts() == "p=true:i ");
}

TEST_CASE("Score: further pages of a caught incident are duplicates, not false", "[scoring]") {
  History history;
  history.Incident("i", 0, 600, Labels{{"psp", "acme"}});
  history.Page("c", 400, {Labels{{"psp", "acme"}}});
  history.Page("a", 30, {Labels{{"psp", "acme"}}});
  history.Page("b", 300, {Labels{{"psp", "borealis"}}});
  CHECK(history.Verdicts() == "a=true:i b=false: c=duplicate:i ");
  const Scores scores = history.Scored().all;
  CHECK(scores.pages == 3);
  CHECK(scores.precision == 0.5);
  CHECK(scores.recall == 1);
  CHECK(scores.f1 == Approx(2.0 / 3));
  CHECK(scores.pages_per_incident == 2);
  CHECK(scores.false_pages_per_week == 0.5);
  CHECK(scores.noise_reduction == 1);
}

TEST_CASE("Score: one page may catch two incidents and is then mixed", "[scoring]") {
  History history;
  history.Incident("x", 0, 600, Labels{{"psp", "acme"}});
  history.Incident("y", 60, 600, Labels{{"psp", "borealis"}});
  history.Page("p", 90, {Labels{{"psp", "acme"}}, Labels{{"psp", "borealis"}}});
  const Report report = history.Scored();
  CHECK(report.all.caught == 2);
  CHECK(report.all.true_pages == 1);
  CHECK(report.all.mixed_pages == 1);
  CHECK(report.pages[0].incident_id == "x");
  CHECK(report.incidents[1].page_ids == std::vector<std::string>{"p"});
}

TEST_CASE("Score: a page that is first for one and second for another is true", "[scoring]") {
  History history;
  history.Incident("x", 0, 600, Labels{{"psp", "acme"}});
  history.Incident("y", 200, 600, Labels{{"psp", "borealis"}});
  history.Page("p", 30, {Labels{{"psp", "acme"}}});
  history.Page("q", 230, {Labels{{"psp", "acme"}}, Labels{{"psp", "borealis"}}});
  CHECK(history.Verdicts() == "p=true:x q=true:y ");
}

TEST_CASE("Score: nothing before evaluate_from counts, what reaches past it does", "[scoring]") {
  const Labels psp{{"psp", "acme"}};
  History history;
  history.Incident("before", -500, -1, psp);
  history.Incident("across", -400, 600, psp);
  history.Page("early", -100, {psp});
  history.Page("late", 120, {psp});
  history.result.evaluate_from = kStart;
  const Report report = history.Scored();
  REQUIRE(report.incidents.size() == 1);
  CHECK(report.incidents[0].incident.id == "across");
  CHECK(history.Verdicts() == "late=true:across ");
  CHECK(report.all.detect_median_seconds == 520);
  CHECK(report.all.false_pages_per_week == 0);
}

TEST_CASE("Score: time to detect never goes below zero", "[scoring]") {
  History history;
  for (int i = 0; i < 3; ++i) {
    const Labels psp{{"psp", std::to_string(i)}};
    history.Incident("i" + std::to_string(i), i * 10000, i * 10000 + 600, psp);
    history.Page("p" + std::to_string(i), i * 10000 + (i - 1) * 40, {psp});
  }
  const Scores scores = history.Scored().all;
  CHECK(scores.detect_median_seconds == 0);  // of 0, 0, 40
  CHECK(scores.detect_p90_seconds == Approx(0.8 * 40));
}

TEST_CASE("Score: cost weighs misses, false and duplicate pages and minutes", "[scoring]") {
  History history;
  history.Incident("caught", 0, 600, Labels{{"psp", "acme"}});
  history.Incident("missed", 50000, 50600, Labels{{"psp", "acme"}});
  history.Page("a", 120, {Labels{{"psp", "acme"}}});
  history.Page("b", 180, {Labels{{"psp", "acme"}}});
  history.Page("c", 9000, {Labels{{"psp", "acme"}}});
  CHECK(history.Scored().all.cost == Approx(50 + 1 + 0.5 + 2 * 0.2));
  ScoringOptions cheap;
  cheap.cost_missed = 3;
  CHECK(history.Scored(cheap).all.cost == Approx(3 + 1 + 0.5 + 2 * 0.2));
}

TEST_CASE("Score: each kind is scored on its own incidents", "[scoring]") {
  History history;
  history.Incident("a", 0, 600, Labels{{"psp", "acme"}}).kind = "outage";
  history.Incident("b", 20000, 20600, Labels{{"psp", "acme"}}).kind = "latency";
  history.Incident("c", 40000, 40600, Labels{{"psp", "acme"}});
  history.Page("p", 60, {Labels{{"psp", "acme"}}});
  history.Page("q", 90, {Labels{{"psp", "acme"}}});
  history.Page("r", 40060, {Labels{{"psp", "acme"}}});
  history.Page("s", 90000, {Labels{{"psp", "acme"}}});
  const Report report = history.Scored();
  REQUIRE(report.by_kind.size() == 3);
  CHECK(report.by_kind.at("outage").recall == 1);
  CHECK(report.by_kind.at("outage").pages == 2);
  CHECK(report.by_kind.at("outage").duplicate_pages == 1);
  CHECK(report.by_kind.at("latency").missed == 1);
  CHECK(report.by_kind.at("latency").pages == 0);
  CHECK(report.by_kind.at("unlabelled").caught == 1);
  CHECK(report.by_kind.at("outage").false_pages == 0);
}

TEST_CASE("Score: grouping is judged over alerts of exactly one incident", "[scoring]") {
  History history;
  history.Incident("x", 0, 600, Labels{{"psp", "acme"}});
  history.Incident("y", 0, 600, Labels{{"psp", "borealis"}});
  history.Page("p", 60, {Labels{{"psp", "acme"}}, Labels{{"psp", "acme"}}});
  history.Page("q", 70, {Labels{{"psp", "borealis"}}});
  history.Alert(80, Labels{{"psp", "borealis"}});  // never in a page: on its own
  history.Alert(90, Labels{{"psp", "cirrus"}});    // about no incident: not counted
  history.Alert(90000, Labels{{"psp", "acme"}});   // long after: not counted
  const Scores scores = history.Scored().all;
  CHECK(scores.grouped_alerts == 4);
  // Truth {1,2},{3,4}; clusters {1,2},{3},{4}: 1 pair right, 1 claimed, 2 true.
  CHECK(scores.pairwise_f1 == Approx(2.0 / 3));
  CHECK(scores.adjusted_rand_index == Approx((1 - 1.0 / 3) / (1.5 - 1.0 / 3)));
}

TEST_CASE("Score: an empty replay has defined, finite scores", "[scoring]") {
  const Report report = Score(ReplayResult{}, {}, {});
  CHECK(report.all.precision == 0);
  CHECK(report.all.recall == 0);
  CHECK(report.all.precision_interval.high == 1);
  CHECK(report.all.false_pages_per_week == 0);
  CHECK(report.by_detector.empty());
}

TEST_CASE("Ablation: firings join within ten minutes and a shared label", "[scoring]") {
  using detectors::DetectorId;
  ReplayResult result;
  const auto fire = [&](DetectorId detector, int at, Labels labels) {
    result.detector_firings.push_back(
        {detector, std::move(labels), kStart + at * kSecondMs, kStart + (at + 60) * kSecondMs});
  };
  const Labels acme{{"alertname", "a"}, {"psp", "acme"}};
  fire(DetectorId::kForest, 1200, acme);  // 600 s after the second: still in
  fire(DetectorId::kForest, 0, acme);
  fire(DetectorId::kForest, 600, Labels{{"alertname", "b"}, {"psp", "acme"}, {"region", "eu"}});
  fire(DetectorId::kForest, 610, Labels{{"alertname", "a"}, {"psp", "delta"}});  // only the name
  fire(DetectorId::kForest, 1801, acme);                                         // 601 s after
  fire(DetectorId::kSeasonal, 5, acme);
  const ReplayResult alone = DetectorAlone(result, DetectorId::kForest);
  REQUIRE(alone.pages.size() == 3);
  CHECK(alone.raw_firings == 5);
  CHECK(alone.pages[0].members.size() == 3);
  CHECK(alone.pages[1].members.size() == 1);
  CHECK(alone.pages[2].start == kStart + 1801 * kSecondMs);
}

TEST_CASE("Ablation: every detector is scored as if it were alone", "[scoring]") {
  using detectors::DetectorId;
  History history;
  history.Incident("i", 0, 600, Labels{{"psp", "acme"}});
  const Labels psp{{"psp", "acme"}};
  history.result.detector_firings = {
      {DetectorId::kSeasonal, psp, kStart + 30 * kSecondMs, kStart + 90 * kSecondMs},
      {DetectorId::kForest, psp, kStart + 90 * kSecondMs, kStart + 95 * kSecondMs},
      {DetectorId::kForest, psp, kStart + 90 * kMinuteMs, kStart + 95 * kMinuteMs}};
  const Report report = history.Scored();
  REQUIRE(report.by_detector.size() == detectors::kDetectors);
  CHECK(report.by_detector.at("seasonal").precision == 1);
  CHECK(report.by_detector.at("seasonal").detect_median_seconds == 30);
  CHECK(report.by_detector.at("forest").precision == 0.5);
  CHECK(report.by_detector.at("ewma_fast").recall == 0);
}

}  // namespace quell::replay
