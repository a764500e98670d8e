#include "engine/models/settings.h"

#include <catch2/catch.hpp>

#include "engine/config/deciding.h"

namespace quell::models {
namespace {

constexpr const char* kFile = R"(
listen: 127.0.0.1:0
false_pages_per_week: 2
step: 15s
signals:
  - {name: failures, type: ratio, bad: 'p{outcome="failed"}', total: p, by: [psp], policy: {floor: 0.1}}
policies:
  - {match: '{psp="acme"}', min_abs_deviation: 0.02}
incidents: {hold: 30s, suppression: {count_max: 4}}
)";

config::Config Base() {
  auto read = config::ParseConfig(kFile, "quell.yaml");
  if (!read.ok()) FAIL(read.error().message);
  return *std::move(read);
}

std::string Present() { return SettingsOfText(kFile, "quell.yaml").value(); }

std::string WhyNot(const std::string& changes) {
  const auto merged = MergeSettings(Base(), Present(), changes);
  CHECK_FALSE(merged.ok());
  return merged.ok() ? "" : merged.error().message;
}

TEST_CASE("Model settings: of a file what decides is taken, and decides the same", "[models]") {
  const auto merged = MergeSettings(Base(), Present(), "{}");
  REQUIRE(merged.ok());
  CHECK(merged->find("listen") == std::string::npos);
  CHECK(merged->find("step") == std::string::npos);
  const auto with = WithSettings(Base(), *merged);
  REQUIRE(with.ok());
  CHECK(config::DescribeDeciding(*with) == config::DescribeDeciding(Base()));
}

TEST_CASE("Model settings: changes go over what decides, key by key, lists whole", "[models]") {
  const auto merged = MergeSettings(
      Base(), Present(),
      R"({"false_pages_per_week":0.5,"incidents":{"hold":"90s"},"policies":[],"step":"15s"})");
  REQUIRE(merged.ok());
  const auto with = WithSettings(Base(), *merged);
  REQUIRE(with.ok());
  CHECK(with->pipeline.false_pages_per_week == 0.5);
  CHECK(with->pipeline.incidents.hold_ms == 90 * kSecondMs);
  CHECK(with->pipeline.incidents.suppression.count_max == 4);
  CHECK(with->pipeline.policies.empty());
  CHECK(with->pipeline.definitions[0].rules.floor == 0.1);
  const auto changes = DiffSettings(Present(), *merged);
  REQUIRE(changes.size() == 4);
  CHECK(changes[0].key == "false_pages_per_week");
  CHECK(changes[0].from == R"("2")");
  CHECK(changes[0].to == R"("0.5")");
  CHECK(changes[2].key == "incidents.hold");
  CHECK(changes[3].key == "step");
}

TEST_CASE("Model settings: of a signal what is asked of it changes, not what it is made of",
          "[models]") {
  const std::string made =
      R"({"signals":[{"name":"failures","type":"ratio","bad":"p{outcome=\"failed\"}",)"
      R"("total":"p","by":["psp"],"policy":{"floor":"0.3"}}]})";
  const auto merged = MergeSettings(Base(), Present(), made);
  if (!merged.ok()) FAIL(merged.error().message);
  CHECK(WithSettings(Base(), *merged)->pipeline.definitions[0].rules.floor == 0.3);
  CHECK_THAT(WhyNot(R"({"signals":[{"name":"failures","type":"ratio","bad":"q","total":"p"}]})"),
             Catch::Matchers::Contains("\"failures\" is not made as the configuration has it"));
}

TEST_CASE("Model settings: what a model does not set is refused by name", "[models]") {
  CHECK_THAT(WhyNot(R"({"receivers":[]})"),
             Catch::Matchers::Contains("a model does not set \"receivers\""));
  CHECK_THAT(WhyNot(R"({"step":"10s"})"), Catch::Matchers::Contains("step cannot be changed"));
  CHECK_THAT(WhyNot(R"({"incidents":{"dedup_model":"/x"}})"),
             Catch::Matchers::Contains("dedup_model is the configuration's"));
  CHECK_THAT(WhyNot(R"({"incidents":{"holt":"1s"}})"), Catch::Matchers::Contains("holt"));
  CHECK_THAT(WhyNot(R"({"false_pages_per_week":"many"})"),
             Catch::Matchers::Contains("false_pages_per_week"));
  CHECK_THAT(WhyNot("[]"), Catch::Matchers::Contains("JSON object"));
}

}  // namespace
}  // namespace quell::models
