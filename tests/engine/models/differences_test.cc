#include "engine/models/differences.h"

#include <catch2/catch.hpp>

namespace quell::models {
namespace {

using store::Effect;
using store::EffectKind;

// What a pipeline says of a page of an incident about signals, or of an alert.
std::vector<Effect> Page(TimeMs at, const std::string& key, const std::vector<std::string>& psps) {
  std::string members;
  for (const std::string& psp : psps) {
    members += std::string(members.empty() ? "" : ",") +
               R"({"signal":"failures","labels":{"psp":")" + psp + "\"}}";
  }
  Effect incident;
  incident.kind = EffectKind::kIncident;
  incident.at = at;
  incident.id = key;
  incident.body = R"({"summary":"of )" + key + R"(","members":[)" + members + "]}";
  Effect decision = incident;
  decision.kind = EffectKind::kDecision;
  decision.deed.what = "incident_page";
  decision.body = "{}";
  return {incident, decision};
}

std::vector<Effect> Fired(TimeMs at, const std::string& psp) {
  Effect effect;
  effect.kind = EffectKind::kDecision;
  effect.at = at;
  effect.id = "7";
  effect.deed.what = "alert_fired";
  effect.body = R"({"signal":"failures","labels":{"alertname":"x","psp":")" + psp + "\"}}";
  return {effect};
}

constexpr TimeMs kNow = 1000 * kHourMs;
constexpr DurationMs kApart = Differences::kApart;

TEST_CASE("Differences: pages that share a signal within a quarter of an hour are one",
          "[models]") {
  Differences differences;
  differences.Take(Side::kActive, Page(kNow, "a", {"acme", "globex"}));
  differences.Take(Side::kCandidate, Page(kNow - kMinuteMs, "b", {"globex"}));
  differences.Settle(kNow + kApart);
  const DifferenceCounts& counts = differences.counts(Happening::kPage);
  CHECK(counts.both == 1);
  CHECK(counts.lead_ms == kMinuteMs);  // the candidate was earlier
  CHECK(differences.rows().empty());
  CHECK(differences.waiting() == 0);
}

TEST_CASE("Differences: what waited in vain is told, with whose it is; not before", "[models]") {
  Differences differences;
  differences.Take(Side::kActive, Page(kNow, "a", {"acme"}));
  differences.Take(Side::kCandidate, Page(kNow + 1, "b", {"globex"}));
  differences.Take(Side::kCandidate, Page(kNow + kApart + 1, "c", {"acme"}));  // too late
  differences.Settle(kNow + kApart - 1);
  CHECK(differences.rows().empty());
  CHECK(differences.waiting() == 3);
  differences.Settle(kNow + 3 * kApart);
  REQUIRE(differences.rows().size() == 3);
  CHECK(differences.rows()[0].id == "a");
  CHECK(differences.rows()[0].only == Side::kActive);
  CHECK(differences.rows()[0].text == "of a");
  CHECK(differences.rows()[1].only == Side::kCandidate);
  CHECK(differences.counts(Happening::kPage).only_active == 1);
  CHECK(differences.counts(Happening::kPage).only_candidate == 2);
}

TEST_CASE("Differences: alerts are matched by their signal, each with one", "[models]") {
  Differences differences;
  differences.Take(Side::kActive, Fired(kNow, "acme"));
  for (const DurationMs later : {0, 1, 2}) {
    differences.Take(Side::kCandidate, Fired(kNow + later, "acme"));
  }
  differences.Settle(kNow + 2 * kApart);
  const DifferenceCounts& counts = differences.counts(Happening::kAlert);
  CHECK(counts.both == 1);
  CHECK(counts.only_candidate == 2);
  REQUIRE(differences.rows().size() == 2);
  CHECK(differences.rows()[0].text == "failures psp=acme");
}

TEST_CASE("Differences: in whatever portions it is told, and saved in between, it is the same",
          "[models]") {
  const auto feed = [](bool in_portions) {
    Differences differences;
    for (int i = 0; i < 200; ++i) {
      const TimeMs at = kNow + i * 5 * kMinuteMs;
      differences.Take(Side::kActive, Fired(at, std::to_string(i % 7)));
      if (i % 3 != 0) differences.Take(Side::kCandidate, Fired(at + 1, std::to_string(i % 5)));
      if (!in_portions) continue;
      differences.Settle(at);
      ByteWriter out;
      differences.Save(out);
      Differences read;
      ByteReader in(out.bytes());
      REQUIRE(read.Load(in));
      differences = read;
    }
    differences.Settle(kNow + 200 * 5 * kMinuteMs);
    ByteWriter out;
    differences.Save(out);
    return out.Take();
  };
  CHECK(feed(true) == feed(false));
}

TEST_CASE("Differences: bounded, and what is left out is counted", "[models]") {
  Differences differences;
  for (size_t i = 0; i < Differences::kWaitingMax + 3; ++i) {
    differences.Take(Side::kActive, Fired(kNow + static_cast<TimeMs>(i), "acme"));
  }
  CHECK(differences.waiting() == Differences::kWaitingMax);
  CHECK(differences.left_out() == 3);
  differences.Settle(kNow + kDayMs);
  CHECK(differences.rows().size() == Differences::kRowsMax);
  CHECK(differences.counts(Happening::kAlert).only_active == Differences::kWaitingMax);
  ByteWriter out;
  differences.Save(out);
  ByteReader cut(std::string_view(out.bytes()).substr(0, 100));
  CHECK_FALSE(Differences().Load(cut));
}

}  // namespace
}  // namespace quell::models
