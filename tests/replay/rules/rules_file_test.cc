#include "replay/rules/rules_file.h"

#include <catch2/catch.hpp>

#include "core/file.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

std::string ErrorOf(const std::string& text) {
  RuleBook book;
  const Status read = ParseRules(text, "r.yml", book);
  return read.ok() ? "" : read.error().message;
}

std::string InRule(const std::string& lines) { return "groups:\n- name: g\n  rules:\n" + lines; }

}  // namespace

TEST_CASE("Rules file: what a rule says, and what its group says for it", "[rules]") {
  RuleBook book;
  const Status read = ParseRules(R"(groups:
  - name: first
    interval: 30s
    query_offset: 10s
    limit: 5
    labels: {team: pay, severity: warning}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: |
          up
            == 0
        for: 1m30s
        keep_firing_for: 2m
        labels:
          severity: critical
          note: '{{ $labels.job }}'
        annotations: {summary: '{{ $value }}'}
  - name: second
    rules:
      - alert: Always
        expr: 1
)",
                                 "r.yml", book);
  if (!read.ok()) FAIL(read.error().message);
  CHECK(book.recording == 1);
  CHECK(book.limited == 1);
  REQUIRE(book.alerting.size() == 2);
  const AlertingRule& down = book.alerting[0];
  CHECK(down.name == "Down");
  CHECK(down.expr == "up\n  == 0\n");
  CHECK(down.place == "r.yml:10");
  CHECK(down.interval == 30 * kSecondMs);
  CHECK(down.offset == 10 * kSecondMs);
  CHECK(down.hold == 90 * kSecondMs);
  CHECK(down.keep == 2 * kMinuteMs);
  CHECK(Labels(down.labels).ToString() ==
        R"({note="{{ $labels.job }}",severity="critical",team="pay"})");
  CHECK(book.alerting[1].interval == kMinuteMs);
  CHECK(book.alerting[1].expr == "1");
  CHECK(book.alerting[1].labels.empty());
}

TEST_CASE("Rules file: the example has what docs/replay.md measures", "[rules]") {
  const auto book =
      ReadRules({std::string(QUELL_SOURCE_DIR) + "/configs/examples/static-rules.yml"});
  if (!book.ok()) FAIL(book.error().message);
  REQUIRE(book->alerting.size() == 3);
  for (const AlertingRule& rule : book->alerting) CHECK(rule.hold == 5 * kMinuteMs);
}

TEST_CASE("Rules file: mistakes are named with their place", "[rules]") {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"groups: [", "r.yml:1:"},
      {"rules: []", "groups: is required"},
      {"groups:\n- rules: []", "r.yml:2:3: groups[0].name: is required"},
      {"groups:\n- name: a\n- name: a", "r.yml:3:9: groups[1].name: there is another group \"a\""},
      {"groups:\n- name: a\n  interval: 1x", "r.yml:3:13: groups[0].interval: "},
      {"groups:\n- name: a\n  intervall: 1m",
       "r.yml:3:3: unknown key \"intervall\" in groups[0]; did you mean \"interval\"?"},
      {"groups:\n- name: a\n  interval: 0s", "groups[0].interval: 0s is outside 1s to 1d"},
      {InRule("  - expr: up"), "r.yml:4:5: groups[0].rules[0] needs either alert or record"},
      {InRule("  - {alert: A, record: a, expr: up}"), "needs either alert or record"},
      {InRule("  - alert: A"), "r.yml:4:5: groups[0].rules[0].expr: is required"},
      {InRule("  - alert: ''\n    expr: up"), "groups[0].rules[0].alert: is empty"},
      {InRule("  - alert: A\n    expr: [up]"), "r.yml:5:11: groups[0].rules[0].expr: must be"},
      {InRule("  - alert: A\n    expr: up\n    for: -1m"), "r.yml:6:10: groups[0].rules[0].for: "},
      {InRule("  - record: a\n    expr: up\n    for: 1m"), "r.yml:6:5: unknown key \"for\""},
      {InRule("  - alert: A\n    expr: up\n    labels: [a]"), "labels must be a mapping"},
      {InRule("  - alert: A\n    expr: up\n    labels: {a: [b]}"),
       "r.yml:6:17: groups[0].rules[0].labels.a: must be a single value"},
      {InRule("  - alert: A\n    expr: up\n    labels: {a: b, a: c}"), "duplicate key \"a\""},
      {InRule("  - alert: A\n    expr: up\n    labels: {__name__: b}"),
       "\"__name__\" cannot be the name of an alert's label"},
      {InRule("  - alert: A\n    expr: up\n    expr: up"), "duplicate key \"expr\""},
  };
  for (const auto& [text, words] : wrong) {
    INFO(text);
    CHECK_THAT(ErrorOf(text), Catch::Contains(words));
  }
}

TEST_CASE("Rules file: there is at least one alerting rule, and there are at most 1,000",
          "[rules]") {
  const test::TempFolder folder;
  const std::string path = folder.File("r.yml");
  REQUIRE(WriteFileAtomic(path, InRule("  - {record: a, expr: up}\n")).ok());
  CHECK(ReadRules({path}).error().message == path + ": there is no alerting rule in it");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "  - {alert: A, expr: up}\n";
  CHECK(ErrorOf(InRule(many)).empty());
  CHECK_THAT(ErrorOf(InRule(many + "  - {alert: A, expr: up}\n")),
             Catch::Contains("more than 1000 alerting rules"));
  CHECK(ReadRules({folder.File("none.yml")}).error().message.find("none.yml") != std::string::npos);
}

}  // namespace quell::replay
