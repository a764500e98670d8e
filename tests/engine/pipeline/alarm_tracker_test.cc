#include "engine/pipeline/alarm_tracker.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace quell::pipeline {
namespace {

using detectors::Verdict;
using detectors::VerdictReason;

constexpr double kThreshold = 1e-6;

// A tracker fed with a slot's z one after the other; the verdict is given with each.
class Feed final : public AlarmTracker::RecentScores {
 public:
  AlarmDecision Point(double z, VerdictReason reason, double tail) {
    z_.push_back(static_cast<float>(z));
    if (z_.size() > 64) z_.erase(z_.begin());
    Verdict verdict;
    verdict.slot = 0;
    verdict.reason = reason;
    verdict.tail_probability = tail;
    verdict.deviation_sign = z >= 0 ? 1 : -1;
    return tracker.Observe(verdict, kThreshold, demands, *this);
  }
  AlarmDecision Bad(double z = 8) { return Point(z, VerdictReason::kAnomalous, 1e-9); }
  AlarmDecision Calm(double z = 0) { return Point(z, VerdictReason::kNormal, 0.5); }
  void CalmPoints(int count) {
    for (int i = 0; i < count; ++i) REQUIRE(Calm() == AlarmDecision::kQuiet);
  }
  [[nodiscard]] std::vector<float> RecentZ(detectors::Slot) const override { return z_; }

  AlarmTracker tracker;
  AlarmTracker::Demands demands;

 private:
  std::vector<float> z_;
};

TEST_CASE("ScoreWithoutLargest: the best run, each less its largest point", "[pipeline]") {
  const auto score = [](const std::vector<float>& z, double sign) {
    return ScoreWithoutLargest(z, sign);
  };
  CHECK(score({}, 1) == 0);
  CHECK(score({9}, 1) == 0);
  CHECK(score({0, 0, 9}, 1) == 0);
  CHECK(score({9, 0, 0}, 1) == 0);
  CHECK(score({5, 5}, 1) == 5);
  CHECK(std::abs(score({1, 2, 3}, 1) - 3 / std::sqrt(2.0)) < 1e-9);
  CHECK(score({-5, -5}, 1) == 0);
  CHECK(score({-5, -5}, -1) == 5);
  // Only the latest twenty count.
  std::vector<float> old(40, 0.0F);
  std::fill(old.begin(), old.begin() + 20, 9.0F);
  CHECK(score(old, 1) == 0);
  CHECK(std::abs(score(std::vector<float>(20, 1.0F), 1) - std::sqrt(19.0)) < 1e-6);
}

TEST_CASE("IsAbrupt: half of the deviation must be new", "[pipeline]") {
  const auto series = [](size_t calm, size_t before, float z_before, size_t latest,
                         float z_latest) {
    std::vector<float> z(calm, 0.0F);
    z.insert(z.end(), before, z_before);
    z.insert(z.end(), latest, z_latest);
    return z;
  };
  constexpr size_t kWithin = 16;
  CHECK(IsAbrupt(series(44, 0, 0, 4, -6), -1, kWithin));
  CHECK(IsAbrupt(series(0, 44, -2, 4, -6), -1, kWithin));         // an outage on a quiet day
  CHECK_FALSE(IsAbrupt(series(0, 44, -4, 4, -6), -1, kWithin));   // it was there before
  CHECK_FALSE(IsAbrupt(series(10, 50, -6, 4, -6), -1, kWithin));  // long ago
  CHECK(IsAbrupt(series(0, 0, 0, 19, -6), -1, kWithin));          // nothing is known before
  // A slow evening: an hour's ramp at one point in thirty seconds, seen two thirds down.
  std::vector<float> ramp;
  for (int i = 0; i < 64; ++i) ramp.push_back(-static_cast<float>(i) / 10.0F);
  CHECK_FALSE(IsAbrupt(ramp, -1, kWithin));
}

TEST_CASE("Alarm: what must come abruptly or last does not open before", "[pipeline]") {
  SECTION("a deviation that crept up") {
    Feed feed;
    feed.demands.abrupt_within = 16;
    for (int i = 0; i < 60; ++i) feed.Calm(0.08 * i);
    CHECK(feed.Bad(5) == AlarmDecision::kGradual);
    CHECK(feed.Bad(5) == AlarmDecision::kGradual);
  }
  SECTION("the same height within minutes") {
    Feed feed;
    feed.demands.abrupt_within = 16;
    feed.CalmPoints(60);
    CHECK(feed.Bad(5) == AlarmDecision::kRestsOnOnePoint);
    CHECK(feed.Bad(5) == AlarmDecision::kOpened);
  }
  SECTION("a handful of failures opens when it has lasted, on a point that fails") {
    Feed feed;
    feed.demands.lasting_points = 20;
    feed.CalmPoints(60);
    CHECK(feed.Bad(5) == AlarmDecision::kRestsOnOnePoint);
    for (int i = 0; i < 18; ++i) REQUIRE(feed.Bad(5) == AlarmDecision::kFewRequests);
    CHECK(feed.Point(-0.5, VerdictReason::kAnomalous, 1e-9) != AlarmDecision::kOpened);
    CHECK(feed.Bad(5) == AlarmDecision::kOpened);
  }
}

TEST_CASE("HasSubsided: the latest points that can tell lie nearer to the expected", "[pipeline]") {
  const auto after = [](size_t bad, float z_bad, std::initializer_list<float> latest) {
    std::vector<float> z(20, 0.0F);
    z.insert(z.end(), bad, z_bad);
    z.insert(z.end(), latest);
    return z;
  };
  CHECK_FALSE(HasSubsided(after(3, 9, {}), 1));
  CHECK_FALSE(HasSubsided(after(3, 9, {5}), 1));
  CHECK_FALSE(HasSubsided(after(1, 18, {5}), 1));  // less than it was, and far from over
  CHECK(HasSubsided(after(2, 9, {0.5F}), 1));      // two scrapes of a blip, and it is over
  CHECK(HasSubsided(after(1, 9, {0.5F, 0.1F}), 1));
  CHECK(HasSubsided(after(2, -9, {-0.5F}), -1));
  CHECK_FALSE(HasSubsided(after(2, -9, {-8}), -1));
  CHECK(HasSubsided(after(3, 9, {}), -1));  // on the other side
  CHECK(HasSubsided({}, 1));
  // Where single points say little, one that is calm says nothing and many say that it is over.
  CHECK_FALSE(HasSubsided(after(30, 1, {0}), 1));
  CHECK(HasSubsided(after(30, 1, {0, 0, 0, 0}), 1));
  // After a long run one failure that comes by chance does not make it last.
  CHECK(HasSubsided(after(32, 5, {0, 0, 0, 0, 0, 2, 0, 2}), 1));
}

TEST_CASE("Alarm: what is over when its evidence suffices does not open", "[pipeline]") {
  Feed feed;
  feed.demands.lasting_points = 4;
  feed.CalmPoints(30);
  CHECK(feed.Bad(9) == AlarmDecision::kRestsOnOnePoint);
  CHECK(feed.Bad(9) == AlarmDecision::kFewRequests);
  // The windows remember it, and time passes.
  for (int i = 0; i < 6; ++i) {
    CHECK(feed.Point(0.4, VerdictReason::kAnomalous, 1e-9) == AlarmDecision::kSubsided);
  }
  CHECK_FALSE(feed.tracker.IsOpen(0));
}

TEST_CASE("Alarm: a one-step blip never opens, however large", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  CHECK(feed.Bad(40) == AlarmDecision::kRestsOnOnePoint);
  // The charts remember it for a while, the points themselves are calm again.
  for (int i = 0; i < 30; ++i) {
    CHECK(feed.Point(0.3, VerdictReason::kAnomalous, 1e-9) == AlarmDecision::kRestsOnOnePoint);
  }
  CHECK_FALSE(feed.tracker.IsOpen(0));
}

TEST_CASE("Alarm: two large points open, calm ones close", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  CHECK(feed.Bad() == AlarmDecision::kRestsOnOnePoint);
  CHECK(feed.Bad() == AlarmDecision::kOpened);
  CHECK(feed.tracker.IsOpen(0));
  for (int i = 0; i < 10; ++i) CHECK(feed.Bad() == AlarmDecision::kStillOpen);
  for (int i = 0; i < 5; ++i) CHECK(feed.Calm() == AlarmDecision::kStillOpen);
  CHECK(feed.Calm() == AlarmDecision::kClosed);
  CHECK_FALSE(feed.tracker.IsOpen(0));
  CHECK(feed.Calm() == AlarmDecision::kQuiet);
}

TEST_CASE("Alarm: one large point among calm ones keeps it open", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  (void)feed.Bad();
  REQUIRE(feed.Bad() == AlarmDecision::kOpened);
  for (int i = 0; i < 4; ++i) CHECK(feed.Bad() == AlarmDecision::kStillOpen);
  for (int i = 0; i < 5; ++i) CHECK(feed.Calm() == AlarmDecision::kStillOpen);
  CHECK(feed.Calm(4) == AlarmDecision::kStillOpen);
  for (int i = 0; i < 5; ++i) CHECK(feed.Calm() == AlarmDecision::kStillOpen);
  CHECK(feed.Calm() == AlarmDecision::kClosed);
}

TEST_CASE("Alarm: a blip that fell into two points closes at the first calm one", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  (void)feed.Bad(20);
  REQUIRE(feed.Bad(8) == AlarmDecision::kOpened);
  CHECK(feed.Point(0.5, VerdictReason::kAnomalous, 1e-9) == AlarmDecision::kClosed);
  // Small points say little each: they are waited for.
  Feed thin;
  thin.CalmPoints(30);
  for (int i = 0; i < 4; ++i) (void)thin.Bad(4);
  REQUIRE(thin.tracker.IsOpen(0));
  CHECK(thin.Point(0, VerdictReason::kAnomalous, 1e-9) == AlarmDecision::kStillOpen);
}

TEST_CASE("Alarm: a large point is not corroborated by a slight drift before it", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(10);
  for (int i = 0; i < 20; ++i) REQUIRE(feed.Calm(1.2) == AlarmDecision::kQuiet);
  CHECK(feed.Bad(18) == AlarmDecision::kRestsOnOnePoint);
  CHECK(feed.Bad(5) == AlarmDecision::kOpened);
}

TEST_CASE("Alarm: twenty verdicts in a row that call for no alert close it", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  for (int i = 0; i < 8; ++i) (void)feed.Bad();
  REQUIRE(feed.tracker.IsOpen(0));
  const auto small = [&] { return feed.Point(2.5, VerdictReason::kBelowMinDeviation, 1e-4); };
  for (int i = 0; i < 19; ++i) CHECK(small() == AlarmDecision::kStillOpen);
  CHECK(small() == AlarmDecision::kClosed);
}

TEST_CASE("Alarm: a deviation to the other side is no reason to stay open", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  (void)feed.Bad();
  REQUIRE(feed.Bad() == AlarmDecision::kOpened);
  for (int i = 0; i < 4; ++i) CHECK(feed.Bad() == AlarmDecision::kStillOpen);
  for (int i = 0; i < 5; ++i) CHECK(feed.Calm(-6) == AlarmDecision::kStillOpen);
  CHECK(feed.Calm(-6) == AlarmDecision::kClosed);
}

TEST_CASE("Alarm: opening again takes new evidence", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  (void)feed.Bad();
  REQUIRE(feed.Bad() == AlarmDecision::kOpened);
  for (int i = 0; i < 6; ++i) (void)feed.Calm();
  REQUIRE_FALSE(feed.tracker.IsOpen(0));
  // The old large points are still among the latest sixty-four; they have had their alert.
  CHECK(feed.Point(0, VerdictReason::kAnomalous, 1e-9) == AlarmDecision::kRestsOnOnePoint);
  CHECK(feed.Bad() == AlarmDecision::kRestsOnOnePoint);
  CHECK(feed.Bad() == AlarmDecision::kOpened);
}

TEST_CASE("Alarm: what is within the budget or not anomalous does not open", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  CHECK(feed.Point(8, VerdictReason::kAnomalous, kThreshold) == AlarmDecision::kAboveThreshold);
  CHECK(feed.Point(8, VerdictReason::kAnomalous, 1e-3) == AlarmDecision::kAboveThreshold);
  for (const VerdictReason reason :
       {VerdictReason::kBelowMinDeviation, VerdictReason::kWrongDirection,
        VerdictReason::kInsufficientEvidence}) {
    CHECK(feed.Point(8, reason, 1e-12) == AlarmDecision::kQuiet);
  }
}

TEST_CASE("Alarm: the static limit opens at the second point in a row, and stays while it holds",
          "[pipeline]") {
  Feed feed;
  const auto limit = [&](double tail = kThreshold / 2) {
    return feed.Point(0, VerdictReason::kStaticLimit, tail);
  };
  CHECK(limit(kThreshold) == AlarmDecision::kAboveThreshold);
  CHECK(limit() == AlarmDecision::kRestsOnOnePoint);
  CHECK(feed.Calm() == AlarmDecision::kQuiet);
  CHECK(limit() == AlarmDecision::kRestsOnOnePoint);
  CHECK(limit() == AlarmDecision::kOpened);
  for (int i = 0; i < 10; ++i) CHECK(limit() == AlarmDecision::kStillOpen);
  CHECK(feed.Calm() == AlarmDecision::kClosed);
}

TEST_CASE("Alarm: abandoning closes what is open, once", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  CHECK(feed.tracker.Abandon(0) == AlarmDecision::kQuiet);
  (void)feed.Bad();
  REQUIRE(feed.Bad() == AlarmDecision::kOpened);
  CHECK(feed.tracker.Abandon(0) == AlarmDecision::kClosed);
  CHECK(feed.tracker.Abandon(0) == AlarmDecision::kQuiet);
  CHECK(feed.tracker.Abandon(7) == AlarmDecision::kQuiet);
  CHECK_FALSE(feed.tracker.IsOpen(0));
}

TEST_CASE("Alarm: a restored tracker decides alike", "[pipeline]") {
  Feed feed;
  feed.CalmPoints(30);
  (void)feed.Bad();
  REQUIRE(feed.Bad() == AlarmDecision::kOpened);
  ByteWriter out;
  feed.tracker.Save(out);
  Feed other = feed;
  other.tracker = AlarmTracker();
  ByteReader in(out.bytes());
  other.tracker.Load(in);
  CHECK(in.AtEnd());
  CHECK(other.tracker.IsOpen(0));
  for (int i = 0; i < 12; ++i) CHECK(other.Calm() == feed.Calm());
}

TEST_CASE("Alarm: every decision has a name of its own", "[pipeline]") {
  CHECK(AlarmDecisionName(AlarmDecision::kRestsOnOnePoint) == "rests_on_one_point");
  CHECK(AlarmDecisionName(AlarmDecision::kGradual) == "gradual");
  CHECK(AlarmDecisionName(AlarmDecision::kSubsided) == "subsided");
  CHECK(AlarmDecisionName(AlarmDecision::kFewRequests) == "few_requests");
  CHECK(AlarmDecisionName(AlarmDecision::kAboveThreshold) == "above_threshold");
  CHECK(AlarmDecisionName(AlarmDecision::kOpened) != AlarmDecisionName(AlarmDecision::kClosed));
}

}  // namespace
}  // namespace quell::pipeline
