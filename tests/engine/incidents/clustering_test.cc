// How well alerts are grouped, on generated streams of overlapping incidents.
#include <catch2/catch.hpp>
#include <cstdio>

#include "tests/engine/incidents/random_incidents.h"
#include "tests/support/sanitized.h"

namespace quell::incidents {
namespace {

constexpr int kIncidents = 150;

void Print(const char* name, const PairScore& score) {
  std::printf("  %-28s precision %.3f  recall %.3f  F1 %.3f\n", name, score.precision, score.recall,
              score.f1);
}

}  // namespace

TEST_CASE("Clustering: mean pairwise F1 of overlapping incidents is above 0.93",
          QUELL_COUNTS "[incidents]") {
  // Every 12 minutes is a crowd: two or three incidents at any moment, some beginning within
  // seconds of each other.
  struct Load {
    double gap_minutes, f1_mean, f1_each;
  };
  const Load load = GENERATE(Load{12, 0.935, 0.88}, Load{30, 0.945, 0.91});
  const double gap_minutes = load.gap_minutes;
  double sum = 0;
  int seeds = 0;
  for (const std::uint64_t seed : {11, 12, 13, 14}) {
    const Stream stream = MakeStream(seed, kIncidents, gap_minutes);
    std::printf("seed %d, a new incident every %.0f minutes, %zu alerts\n", static_cast<int>(seed),
                gap_minutes, stream.alerts.size());
    const PairScore ours = Pairwise(stream, GroupByEngine(stream, IncidentOptions{}));
    Print("quell", ours);
    PairScore best;
    for (const char* label : {"alertname", "psp", "service", "region"}) {
      const PairScore score = Pairwise(stream, GroupByLabel(stream, label));
      Print((std::string("group_by ") + label).c_str(), score);
      if (score.f1 > best.f1) best = score;
    }
    const PairScore gap = Pairwise(stream, GroupByTimeGap(stream, 300 * kSecondMs));
    Print("time gap 300 s", gap);
    CHECK(ours.f1 >= load.f1_each);
    CHECK(ours.f1 > best.f1);
    CHECK(ours.f1 > gap.f1);
    sum += ours.f1;
    ++seeds;
  }
  CHECK(sum / seeds >= load.f1_mean);
}

TEST_CASE("Clustering: the same stream twice gives the same groups", "[incidents]") {
  const Stream stream = MakeStream(5, 60, 12);
  CHECK(GroupByEngine(stream, IncidentOptions{}) == GroupByEngine(stream, IncidentOptions{}));
}

TEST_CASE("Clustering: no pair of alerts is grouped by time alone", "[incidents]") {
  // Alerts of different queues at the same second, nothing else known of them.
  Stream stream;
  for (const char* queue : {"payouts", "refunds", "settlement"}) {
    Alert alert;
    alert.id = stream.alerts.size() + 1;
    alert.labels = Labels{{"alertname", "queue_depth"}, {"queue", queue}};
    alert.fingerprint = alert.labels.Fingerprint();
    alert.signal = "queue_depth";
    alert.onset = alert.starts_at = kHourMs;
    alert.ends_at = 2 * kHourMs;
    stream.truth[alert.id] = static_cast<int>(alert.id);
    stream.alerts.push_back(alert);
    stream.population.push_back(alert.labels);
  }
  for (const char* queue : {"a", "b", "c", "d", "e"}) {
    stream.population.push_back(Labels{{"alertname", "queue_depth"}, {"queue", queue}});
  }
  const Grouping grouping = GroupByEngine(stream, IncidentOptions{});
  CHECK(grouping.at(1) != grouping.at(2));
  CHECK(grouping.at(2) != grouping.at(3));
  CHECK(grouping.at(1) != grouping.at(3));
}

}  // namespace quell::incidents
