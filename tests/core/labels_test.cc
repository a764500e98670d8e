#include "core/labels.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "core/hash.h"

namespace quell {
namespace {

TEST_CASE("Labels: sorted by name, empty values left out, the last of equal names wins", "[core]") {
  const Labels labels(std::vector<Label>{
      {"z", "1"}, {"a", "old"}, {"m", ""}, {"a", "new"}, {"__name__", "x_total"}});
  REQUIRE(labels.size() == 3);
  CHECK(labels.pairs()[0].name == "__name__");
  CHECK(labels.pairs()[1].name == "a");
  CHECK(labels.Get("a") == "new");
  CHECK(labels.pairs()[2].name == "z");
  CHECK_FALSE(labels.Has("m"));
  CHECK(labels.Get("m").empty());
  CHECK(labels.MetricName() == "x_total");
}

TEST_CASE("Labels: an empty last value removes an earlier one", "[core]") {
  CHECK(Labels{{"a", "1"}, {"a", ""}}.empty());
}

TEST_CASE("Labels: Set inserts in order, replaces and erases", "[core]") {
  Labels labels{{"b", "1"}};
  labels.Set("a", "2");
  labels.Set("c", "3");
  labels.Set("b", "4");
  CHECK(labels == Labels{{"a", "2"}, {"b", "4"}, {"c", "3"}});
  labels.Set("b", "");
  labels.Set("absent", "");
  CHECK(labels == Labels{{"a", "2"}, {"c", "3"}});
}

TEST_CASE("Labels: Only and Without split the set", "[core]") {
  const Labels labels{{"__name__", "m"}, {"psp", "acme"}, {"region", "eu"}};
  const std::vector<std::string> names = {"region", "psp", "missing"};
  CHECK(labels.Only(names) == Labels{{"psp", "acme"}, {"region", "eu"}});
  CHECK(labels.Without(names) == Labels{{"__name__", "m"}});
}

TEST_CASE("Labels: Fingerprint is Alertmanager's", "[core]") {
  // Values that a running Alertmanager printed.
  CHECK(Hex64(Labels{{"alertname", "Min"}}.Fingerprint()) == "5bdac2709f50992a");
  CHECK(Hex64(Labels{{"alertname", "EmptyVal"}, {"gone", ""}}.Fingerprint()) == "111e6cbc5e40c3cc");
  CHECK(Hex64(Labels{{"severity", "critical"},
                     {"alertname", "HighLatency"},
                     {"service", "ledger"},
                     {"cluster", "c1"}}
                  .Fingerprint()) == "f34d5495bdc3c2c4");
}

TEST_CASE("Labels: Hash depends on where names end", "[core]") {
  CHECK(Labels{{"a", "bc"}}.Hash() != Labels{{"ab", "c"}}.Hash());
  CHECK(Labels{{"a", "b"}, {"c", "d"}}.Hash() == Labels{{"c", "d"}, {"a", "b"}}.Hash());
}

TEST_CASE("Labels: ToString is PromQL, with values escaped", "[core]") {
  CHECK(Labels{}.ToString() == "{}");
  CHECK(Labels{{"__name__", "up"}}.ToString() == "up");
  CHECK(Labels{{"a", "b"}}.ToString() == "{a=\"b\"}");
  CHECK(Labels{{"__name__", "m"}, {"a", "x\"y\\z\nw"}, {"b", "c"}}.ToString() ==
        "m{a=\"x\\\"y\\\\z\\nw\",b=\"c\"}");
}

}  // namespace
}  // namespace quell
