// What paged nobody is told once a day.
#include "engine/pipeline/digest.h"

#include <catch2/catch.hpp>

#include "tests/engine/pipeline/small_world.h"

namespace quell::pipeline {
namespace {

using incidents::IncidentEvent;
using incidents::IncidentEventKind;
using incidents::PageReason;

constexpr TimeMs kNine = kMonday + 9 * kHourMs;

DigestOptions Options(const std::string& zone = "UTC") {
  DigestOptions options;
  options.enabled = true;
  options.zone = *TimeZone::Find(zone);
  return options;
}

IncidentEvent Ended(PageReason reason, const std::string& team, const std::string& psp, TimeMs at,
                    IncidentEventKind kind = IncidentEventKind::kSuppress) {
  incidents::Member member;
  member.alert.labels = Labels{{"alertname", "ratio"}, {"psp", psp}, {"team", team}};
  member.alert.what = "failure ratio";
  member.alert.starts_at = at - 10 * kMinuteMs;
  member.alert.ends_at = at;
  member.reason = reason;
  IncidentEvent event;
  event.kind = kind;
  event.at = at;
  event.incident.members.push_back(member);
  return event;
}

std::string Restart(Digest& digest, const DigestOptions& options) {
  ByteWriter out;
  digest.Save(out);
  digest = Digest(options);
  ByteReader in(out.bytes());
  CHECK(digest.Load(in));
  return std::string(out.bytes());
}

}  // namespace

TEST_CASE("Digest: once a day at its local time, by owner, through restarts", "[pipeline]") {
  for (const bool restart : {false, true}) {
    Digest digest(Options("Europe/Berlin"));  // UTC+2 in August
    CHECK_FALSE(digest.Due(kMonday).has_value());
    digest.Take(Ended(PageReason::kFlapping, "payments", "acme", kMonday + kHourMs));
    digest.Take(Ended(PageReason::kFlapping, "payments", "acme", kMonday + 2 * kHourMs));
    digest.Take(Ended(PageReason::kKnownNoise, "ledger", "acme", kMonday + kHourMs));
    digest.Take(Ended(PageReason::kBelowBudget, "", "globex", kMonday + kHourMs));
    digest.Take(Ended(PageReason::kSilenced, "payments", "acme", kMonday + kHourMs));
    digest.Take(Ended(PageReason::kPaged, "payments", "acme", kMonday + kHourMs,
                      IncidentEventKind::kResolve));
    digest.Take(Ended(PageReason::kFlapping, "payments", "acme", kMonday + kHourMs,
                      IncidentEventKind::kUpdate));  // not over
    std::vector<paging::Notification> told;
    for (TimeMs now = kMonday; now < kMonday + 3 * kDayMs; now += kMinuteMs) {
      if (restart) Restart(digest, Options("Europe/Berlin"));
      if (auto one = digest.Due(now)) told.push_back(*std::move(one));
    }
    REQUIRE(told.size() == 1);  // a day without findings is not told of
    CHECK(told[0].at == kNine - 2 * kHourMs);
    CHECK(told[0].key() == "digest/2026-08-24");
    CHECK(told[0].action == paging::Action::kDigest);
    CHECK(told[0].summary ==
          "Digest of 2026-08-24: 4 findings that paged nobody (1 below budget, 2 flapping, 1 known "
          "noise)");
    CHECK(told[0].evidence ==
          std::vector<std::string>{
              "nobody's:", "below budget: failure ratio of psp=globex, 00:50 - 01:00 UTC",
              "team ledger:", "known noise: failure ratio of psp=acme, 00:50 - 01:00 UTC",
              "team payments:", "flapping: failure ratio of psp=acme, 2 times, 00:50 - 02:00 UTC",
              "silenced: 1 alert"});
    CHECK(paging::FromJson(paging::ToJson(told[0])).value() == told[0]);
  }
}

TEST_CASE("Digest: what subsides is told by episode, and more than fits is counted", "[pipeline]") {
  Digest digest(Options());
  digest.Due(kMonday);
  const Labels labels{{"alertname", "volume"}, {"psp", "acme"}};
  for (int i = 0; i < 20; ++i) digest.Subsided(labels, "volume", kMonday + i * kStep);
  digest.Subsided(labels, "volume", kMonday + kHourMs);
  for (int i = 0; i < 3000; ++i) {
    digest.Take(Ended(PageReason::kTooShort, "a", "psp" + std::to_string(i), kMonday + kHourMs));
  }
  const auto told = digest.Due(kNine);
  REQUIRE(told.has_value());
  CHECK(told->evidence.size() < 210);
  CHECK_THAT(told->evidence[1],
             Catch::Matchers::Contains("subsided: volume of psp=acme, 2 times, 00:00 - 01:00 UTC"));
  CHECK_THAT(told->evidence.back(), Catch::Matchers::Contains("and 2001 more findings"));
  CHECK_THAT(told->summary, Catch::Matchers::Contains("3002 findings"));
}

TEST_CASE("Digest: nobody asked for one", "[pipeline]") {
  Digest digest{DigestOptions{}};
  digest.Due(kMonday);
  digest.Take(Ended(PageReason::kFlapping, "a", "acme", kMonday));
  CHECK_FALSE(digest.Due(kMonday + 2 * kDayMs).has_value());
}

// The pipeline's own way: an outage of a moment, and the notification among the effects.
TEST_CASE("Digest: a pipeline tells it through the outbox, whoever restarts it", "[pipeline]") {
  PipelineOptions options;
  options.digest = Options();
  options.incidents.hold_ms = 10 * kMinuteMs;
  // Volumes fall for two minutes in the hour before nine.
  const auto story = [](const std::string& psp, int step) {
    SmallWorld::Lane lane;
    if (psp == "acme" && step >= 1000 && step < 1008) lane.failing = 0.2;
    return lane;
  };
  const auto records = SmallWorld(5).Records(1200, story);
  const auto run = [&](bool restart) {
    auto pipeline = MakePipeline(options);
    std::string text;
    for (size_t i = 0; i < records.size(); ++i) {
      if (restart && i % 97 == 0) {
        const std::string saved = pipeline->Save();
        pipeline = MakePipeline(options);
        REQUIRE(pipeline->Load(saved).ok());
        // Series are numbered in the journal; these records name them.
      }
      pipeline->Apply(records[i]);
      for (const Sent& sent : Notifications(pipeline->TakeEffects())) {
        if (sent.action == "digest") text += FormatRfc3339(sent.at) + ' ' + sent.body + '\n';
      }
    }
    return text;
  };
  const std::string told = run(false);
  CHECK_THAT(told, Catch::Matchers::Contains("digest/2026-08-24"));
  CHECK(run(true) == told);
}

}  // namespace quell::pipeline
