#include "replay/rules/static_rules.h"

#include <httplib.h>

#include <catch2/catch.hpp>
#include <thread>

#include "core/file.h"
#include "replay/rules/range_query.h"
#include "tests/support/temp_folder.h"

namespace quell::replay {
namespace {

constexpr TimeMs kStart = 1786320000000;  // 2026-08-10T00:00:00Z

// Answers query_range with a series {psp="acme"} where `fires` holds, on the asked-for grid.
class FakePrometheus {
 public:
  FakePrometheus() {
    server_.Post("/api/v1/query_range", [this](const httplib::Request& request,
                                               httplib::Response& out) { Answer(request, out); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~FakePrometheus() {
    server_.stop();
    thread_.join();
  }
  FakePrometheus(const FakePrometheus&) = delete;
  FakePrometheus& operator=(const FakePrometheus&) = delete;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::function<bool(TimeMs)> fires = [](TimeMs) { return false; };
  std::string labels = R"("psp":"acme")";
  std::string authorization;
  std::int64_t points_max = 11000;
  std::int64_t asked_points_max = 0;
  int requests = 0, failures_left = 0, fail_with = 503, series = 1;
  std::string error = R"({"status":"error","errorType":"unavailable","error":"starting up"})";

 private:
  void Answer(const httplib::Request& request, httplib::Response& out) {
    ++requests;
    authorization = request.get_header_value("Authorization");
    if (failures_left != 0) {
      if (failures_left > 0) --failures_left;
      out.status = fail_with;
      out.set_content(error, "application/json");
      return;
    }
    const auto ms = [&](const char* name) {
      return std::llround(std::stod(request.get_param_value(name)) * 1000);
    };
    const TimeMs start = ms("start");
    const TimeMs end = ms("end");
    const DurationMs step = ms("step");
    const std::int64_t points = (end - start) / step + 1;
    asked_points_max = std::max(asked_points_max, points);
    if (points > points_max) {
      out.status = 422;
      out.set_content(R"({"status":"error","errorType":"execution",
          "error":"query processing would load too many samples into memory"})",
                      "application/json");
      return;
    }
    std::string values;
    for (TimeMs at = start; at <= end; at += step) {
      if (!fires(at)) continue;
      values += (values.empty() ? "[" : ",[") + std::to_string(at / 1000) + ",\"0.25\"]";
    }
    std::string rows;
    for (int i = 0; i < series && !values.empty(); ++i) {
      rows += (i == 0 ? "" : ",") + (R"({"metric":{)" + labels) +
              (series > 1 ? ",\"i\":\"" + std::to_string(i) + "\"" : "") + R"(},"values":[)" +
              values + "]}";
    }
    out.set_content(
        R"({"status":"success","data":{"resultType":"matrix","result":[)" + rows + "]}}",
        "application/json");
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

struct Setup {
  FakePrometheus server;
  test::TempFolder folder;
  ManualClock clock;
  StaticRulesOptions options;
  ReplayResult replayed;
  std::vector<LabelledIncident> incidents = {{"I1",
                                              kStart + 10 * kHourMs,
                                              kStart + 11 * kHourMs,
                                              "",
                                              "outage",
                                              {Labels{{"psp", "acme"}}}}};

  explicit Setup(const std::string& rules = "") {
    options.files = {folder.File("r.yml")};
    const std::string text = rules.empty()
                                 ? "groups:\n- name: g\n  rules:\n  - {record: a:b, expr: a}\n"
                                   "  - {alert: Failing, expr: 'a > 1', for: 5m}\n"
                                 : rules;
    REQUIRE(WriteFileAtomic(options.files[0], text).ok());
    options.access.url = server.url() + "/";
    replayed.first = kStart;
    replayed.last = kStart + kWeekMs;
  }

  Result<StaticRules> Run() {
    QUELL_ASSIGN(const RuleBook book, PrepareStaticRules(options, clock));
    return RunStaticRules(book, options, replayed, incidents, clock, nullptr);
  }
};

bool Within(TimeMs at, TimeMs from, TimeMs to) { return at >= kStart + from && at <= kStart + to; }

std::string Note(const StaticRules& given, size_t i) {
  return i < given.notes.size() ? given.notes[i] : "";
}

}  // namespace

TEST_CASE("Static rules: alerts become pages, scored as Quell's are", "[rules]") {
  Setup setup;
  setup.server.fires = [](TimeMs at) {
    return Within(at, 10 * kHourMs, 10 * kHourMs + 20 * kMinuteMs) ||
           Within(at, 10 * kHourMs + 40 * kMinuteMs, 10 * kHourMs + 50 * kMinuteMs) ||
           Within(at, 3 * kDayMs, 3 * kDayMs + 4 * kMinuteMs) ||
           Within(at, 4 * kDayMs, 4 * kDayMs + kHourMs);
  };
  setup.options.access.authorization = "Bearer t0ken";
  const auto given = setup.Run();
  if (!given.ok()) FAIL(given.error().message);
  CHECK(setup.server.authorization == "Bearer t0ken");
  const Scores& scores = given->scored.all;
  CHECK(scores.pages == 3);
  CHECK(scores.true_pages == 1);
  CHECK(scores.duplicate_pages == 1);
  CHECK(scores.false_pages == 1);
  CHECK(scores.recall == 1);
  CHECK(scores.pages_per_incident == 2);
  CHECK(scores.false_pages_per_week == 1);
  CHECK(scores.detect_median_seconds == 5 * 60 + 30);  // `for`, then group_wait
  REQUIRE(given->rules.size() == 1);
  CHECK(given->rules[0].place == setup.options.files[0] + ":5");
  CHECK(given->rules[0].alerts == 3);
  CHECK(given->rules[0].pages == 3);
  CHECK(given->rules[0].true_pages == 1);
  CHECK(given->rules[0].false_pages == 1);
  REQUIRE(given->pages.size() == 3);
  CHECK(given->pages[0].outcome.page_id == R"({alertname="Failing"} 2026-08-10T10:05:30.000Z)");
  CHECK(given->pages[0].end == kStart + 10 * kHourMs + 25 * kMinuteMs + 30 * kSecondMs);
  CHECK(given->notes.size() == 1);
  CHECK_THAT(Note(*given, 0), Catch::Contains("1 recording rules left out"));
}

TEST_CASE("Static rules: before the scored span nothing counts, but what is open stays open",
          "[rules]") {
  Setup setup;
  setup.replayed.evaluate_from = kStart + kDayMs;
  setup.incidents[0].start += kDayMs;
  setup.incidents[0].end += kDayMs;
  setup.server.fires = [](TimeMs at) { return Within(at, kHourMs, 2 * kDayMs); };
  const auto given = setup.Run();
  REQUIRE(given.ok());
  CHECK(given->scored.all.pages == 0);
  CHECK(given->scored.all.missed == 1);
  CHECK(given->rules[0].alerts == 0);
}

TEST_CASE("Static rules: no request asks for more points than Prometheus gives", "[rules]") {
  Setup setup;
  setup.replayed.last = kStart + 3 * kWeekMs;  // 30,241 points
  setup.server.fires = [](TimeMs at) { return Within(at, 0, 3 * kWeekMs); };
  const auto given = setup.Run();
  if (!given.ok()) FAIL(given.error().message);
  CHECK(setup.server.asked_points_max == RangeQuery::kPointsMax);
  CHECK(setup.server.requests == 1 + 3);
  CHECK(given->rules[0].alerts == 1);  // windows continue each other
  CHECK(given->scored.all.pages == 1);
}

TEST_CASE("Static rules: windows are halved where the server refuses their size", "[rules]") {
  Setup setup;
  setup.server.points_max = 1500;
  setup.server.fires = [](TimeMs at) { return Within(at, 0, kWeekMs); };
  const auto given = setup.Run();
  if (!given.ok()) FAIL(given.error().message);
  CHECK(given->rules[0].alerts == 1);
  setup.server.points_max = 0;
  const Error error = setup.Run().error();
  CHECK_THAT(error.message, Catch::Contains("Failing at ") && Catch::Contains("r.yml:5: ") &&
                                Catch::Contains("too many samples"));
}

TEST_CASE("Static rules: more series than the bound are an error that names the rule", "[rules]") {
  Setup setup;
  setup.server.series = static_cast<int>(RangeQuery::kSeriesMax) + 1;
  setup.server.fires = [](TimeMs at) { return at == kStart; };
  const Error error = setup.Run().error();
  CHECK_THAT(error.message,
             Catch::Contains("Failing at ") && Catch::Contains("10001 series, more than 10000"));
}

TEST_CASE("Static rules: what the server refuses is told with the rule and its place", "[rules]") {
  Setup setup;
  setup.server.failures_left = -1;
  setup.server.fail_with = 400;
  setup.server.error = R"({"status":"error","errorType":"bad_data",
      "error":"invalid parameter \"query\": 1:5: parse error: unexpected end of input"})";
  const auto book = PrepareStaticRules(setup.options, setup.clock);
  REQUIRE_FALSE(book.ok());
  CHECK(book.error().code == ErrorCode::kInvalidArgument);
  CHECK_THAT(book.error().message,
             Catch::StartsWith("Failing at " + setup.options.files[0] + ":5: http://127.0.0.1:") &&
                 Catch::Contains("status 400 \"invalid parameter") &&
                 Catch::Contains("1:5: parse error: unexpected end of input"));
  CHECK(setup.server.requests == 1);
}

TEST_CASE("Static rules: a server that is away for a moment is asked again", "[rules]") {
  Setup setup;
  setup.server.failures_left = 3;
  CHECK(setup.Run().ok());
  CHECK(setup.clock.MonotonicMs() == 7 * kSecondMs);
  setup.server.failures_left = 4;
  const Error error = setup.Run().error();
  CHECK(error.code == ErrorCode::kUnavailable);
  CHECK_THAT(error.message, Catch::Contains("starting up"));
}

TEST_CASE("Static rules: an offset group is evaluated for the past, and pages at its own time",
          "[rules]") {
  Setup setup("groups:\n- name: g\n  query_offset: 30s\n  rules:\n  - {alert: Failing, expr: a}\n");
  setup.server.fires = [](TimeMs at) {
    return Within(at, 10 * kHourMs, 10 * kHourMs + 20 * kMinuteMs);
  };
  const auto given = setup.Run();
  REQUIRE(given.ok());
  REQUIRE(given->pages.size() == 1);
  // The first evaluation whose moment, 30 s before, lies in the stretch.
  CHECK(given->pages[0].outcome.start == kStart + 10 * kHourMs + kMinuteMs + 30 * kSecondMs);
}

TEST_CASE("Static rules: what must be known to read the figures is noted", "[rules]") {
  Setup setup(
      "groups:\n- name: g\n  limit: 3\n  rules:\n  - alert: Failing\n    expr: a\n"
      "    labels: {team: '{{ $labels.team }}', severity: info}\n");
  auto given = setup.Run();
  REQUIRE(given.ok());
  CHECK(given->notes.size() == 3);
  CHECK(Note(*given, 0) == "1 groups have a limit, which is not followed");
  CHECK(Note(*given, 1) == "1 rules have templates in their labels, which are not expanded");
  CHECK_THAT(Note(*given, 2), Catch::StartsWith("no rule fired at all; is this history in http:"));
  setup.server.fires = [](TimeMs at) { return at == kStart + kHourMs; };
  setup.server.labels = R"("job":"x")";
  given = setup.Run();
  REQUIRE(given.ok());
  CHECK(Note(*given, 2) == "1 alerts have no label that an incident names, so they can match none");
  setup.options.pages_for = *Selector::Parse("{severity=\"critical\"}");
  given = setup.Run();
  REQUIRE(given.ok());
  CHECK(Note(*given, 2) == "1 alerts do not match {severity=\"critical\"} and page nobody");
  CHECK(given->scored.all.pages == 0);
}

TEST_CASE("Static rules: evaluations that fail in Prometheus are counted", "[rules]") {
  Setup setup(
      "groups:\n- name: g\n  rules:\n  - {alert: Failing, expr: a, labels: {i: '', psp: ''}}\n");
  setup.server.series = 2;
  setup.server.fires = [](TimeMs at) { return at == kStart + kHourMs; };
  const auto given = setup.Run();
  REQUIRE(given.ok());
  CHECK_THAT(Note(*given, 0), Catch::StartsWith("1 evaluations gave two alerts of equal labels") &&
                                  Catch::EndsWith(": Failing"));
}

}  // namespace quell::replay
