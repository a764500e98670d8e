#include "engine/postmortem/similar.h"

#include <catch2/catch.hpp>

#include "engine/postmortem/draft.h"

namespace quell::postmortem {
namespace {

constexpr TimeMs kStart = 1787392800000;  // 2026-08-22T10:00:00Z

struct Past {
  std::string key, psp, alertname, state = "resolved";
  int hour = 0;
};

std::string BodyOf(const Past& past) {
  const TimeMs at = kStart + past.hour * kHourMs;
  return Json{
      {"id", past.hour},
      {"key", past.key},
      {"state", past.state},
      {"severity", "error"},
      {"summary", "trouble at " + past.psp},
      {"scope", {{"psp", past.psp}}},
      {"onset", FormatRfc3339(at)},
      {"opened_at", FormatRfc3339(at)},
      {"paged_at", FormatRfc3339(at)},
      {"resolved_at", FormatRfc3339(at + 20 * kMinuteMs)},
      {"members", Json::array({{{"id", past.hour + 1},
                                {"kind", "ratio"},
                                {"labels", {{"alertname", past.alertname}, {"psp", past.psp}}}}})}}
      .dump();
}

std::unique_ptr<store::Store> Holding(const std::vector<Past>& all) {
  auto opened = store::OpenSqliteStore(":memory:");
  REQUIRE(opened.ok());
  std::vector<store::Effect> effects;
  std::uint64_t sequence = 0;
  for (const Past& past : all) {
    effects.push_back({.sequence = ++sequence,
                       .kind = store::EffectKind::kIncident,
                       .at = kStart + past.hour * kHourMs,
                       .id = past.key,
                       .body = BodyOf(past)});
  }
  effects.push_back({.sequence = ++sequence,
                     .kind = store::EffectKind::kPeople,
                     .at = kStart,
                     .id = all.front().key,
                     .body =
                         R"({"acknowledged":{"by":"Ada"},"resolved":null,"notes":[)"
                         R"({"at":"2026-08-22T10:05:00.000Z","by":"Ada","text":"failed over"}]})"});
  REQUIRE((*opened)->Commit("here", effects).ok());
  return *std::move(opened);
}

TEST_CASE("Similar: labels of the scope weigh most, then names, then kinds", "[postmortem]") {
  const auto of = [](const char* psp, const char* name) {
    return Json::parse(BodyOf({"k", psp, name}));
  };
  const Json acme = of("acme", "failures");
  CHECK(SimilarityOf(acme, acme) == 1);
  CHECK(SimilarityOf(acme, of("acme", "latency")) == Approx(4.0 / 8));
  CHECK(SimilarityOf(acme, of("other", "failures")) == Approx(3.0 / 9));
  CHECK(SimilarityOf(acme, of("other", "latency")) == Approx(1.0 / 11));
  Json received = of("other", "latency");
  received["members"][0]["received"] = Json{{"from", "prometheus"}};
  CHECK(SimilarityOf(acme, received) == 0);
  CHECK(SimilarityOf(acme, Json()) == 0);
  CHECK(SimilarityOf(Json(), Json()) == 0);
  std::vector<std::string> shared;
  SimilarityOf(acme, of("acme", "latency"), &shared);
  CHECK(shared == std::vector<std::string>{"kind ratio", "psp=acme"});
}

TEST_CASE("Similar: earlier incidents alone, the nearest first, with how they ended",
          "[postmortem]") {
  const auto store = Holding({{"aa", "acme", "failures", "resolved", 1},
                              {"bb", "acme", "latency", "resolved", 2},
                              {"cc", "other", "latency", "resolved", 3},  // too far
                              {"dd", "acme", "failures", "merged", 4},    // went into another
                              {"ee", "acme", "failures", "resolved", 5},  // the latest of its like
                              {"ff", "acme", "failures", "open", 6},      // this one
                              {"11", "acme", "failures", "open", 7}});    // later
  const auto text = SimilarJson(*store, "ff");
  REQUIRE(text.ok());
  CHECK(*text == *SimilarJson(*store, "ff"));
  const Json found = Json::parse(*text);
  CHECK(found["looked_at"] == 4);
  REQUIRE(found["similar"].size() == 3);
  CHECK(found["similar"][0]["key"] == "ee");
  CHECK(found["similar"][1]["key"] == "aa");
  CHECK(found["similar"][2]["key"] == "bb");
  CHECK(found["similar"][1]["similarity"] == 1);
  CHECK(found["similar"][1]["seconds"] == 1200);
  CHECK(found["similar"][1]["acknowledged_by"] == "Ada");
  CHECK(found["similar"][1]["notes"][0]["text"] == "failed over");
  CHECK(found["similar"][0]["notes"].empty());
  CHECK(SimilarJson(*store, "0000").error().code == ErrorCode::kNotFound);
  const auto draft = Export(*store, "ff", Format::kMarkdown);
  REQUIRE(draft.ok());
  CHECK(draft->find("Ada: failed over") != std::string::npos);
}

TEST_CASE("Similar: at most five, however many there are", "[postmortem]") {
  std::vector<Past> all;
  for (int i = 1; i <= 20; ++i) {
    all.push_back({std::to_string(1000 + i), "acme", "failures", "resolved", i});
  }
  const auto store = Holding(all);
  const Json found = Json::parse(*SimilarJson(*store, "1020"));
  CHECK(found["looked_at"] == 19);
  REQUIRE(found["similar"].size() == kSimilarMax);
  CHECK(found["similar"][0]["key"] == "1019");
}

}  // namespace
}  // namespace quell::postmortem
