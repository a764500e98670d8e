#include <httplib.h>

#include <catch2/catch.hpp>
#include <thread>

#include "engine/backfill/source.h"

namespace quell::backfill {
namespace {

class FakePrometheus {
 public:
  FakePrometheus() {
    server_.Get("/api/v1/label/__name__/values",
                [this](const httplib::Request& request, httplib::Response& out) {
                  authorization = request.get_header_value("Authorization");
                  out.set_content(names, "application/json");
                });
    server_.Post("/api/v1/query", [this](const httplib::Request& request, httplib::Response& out) {
      query = request.get_param_value("query");
      out.status = status;
      out.set_content(
          R"({"status":"success","data":{"resultType":"matrix","result":[
              {"metric":{"__name__":"queue_depth"},"values":[[3600.5,"1"]]},
              {"metric":{"__name__":"other"},"values":[[3600.5,"1"]]}]}})",
          "application/json");
    });
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

  std::string names = R"({"status":"success","data":["up","go_goroutines","payments_total",
      "queue_depth","http_request_duration_seconds_bucket","http_request_duration_seconds_sum"]})";
  std::string authorization, query;
  int status = 200;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

bool Wanted(const Labels& labels) { return labels.MetricName() != "other"; }

std::string ChosenBy(PrometheusSourceOptions options) {
  auto source = MakePrometheusSource(std::move(options), Wanted);
  if (!source.ok()) FAIL(source.error().message);
  const auto plan = (*source)->Prepare(kHourMs, 2 * kHourMs, nullptr);
  if (!plan.ok()) FAIL(plan.error().message);
  return plan->selector;
}

signals::SignalDef Gauge(const std::string& selector) {
  signals::SignalDef def;
  def.kind = detectors::SignalKind::kGauge;
  def.selector = *Selector::Parse(selector);
  return def;
}

}  // namespace

TEST_CASE("Prometheus source: asks for the metrics that signals could use, and no others") {
  FakePrometheus server;
  PrometheusSourceOptions options;
  options.access.url = server.url();
  CHECK(ChosenBy(options) ==
        "{__name__=~\"http_request_duration_seconds_bucket|payments_total|queue_depth\"}");
  options.definitions = {Gauge("shop_open{shop=\"1\"}")};
  CHECK_THAT(ChosenBy(options), Catch::Contains("queue_depth|shop_open"));
  options.discover = false;
  CHECK(ChosenBy(options) == options.definitions[0].selector->ToString());
  options.definitions.push_back(Gauge("{shop=\"1\"}"));
  CHECK(ChosenBy(options) == "{__name__=~\".+\"}");
  options.selector = "up";
  CHECK(ChosenBy(options) == "up");
  options.selector = "";
  options.discover = true;
  options.definitions.clear();
  server.names = "gone";
  CHECK(ChosenBy(options) == "{__name__=~\".+\"}");
}

TEST_CASE(
    "Prometheus source: sends its credentials, keeps what is wanted, tells being away apart") {
  FakePrometheus server;
  PrometheusSourceOptions options;
  options.access.url = server.url();
  options.access.authorization = "Bearer t0ken";
  auto source = MakePrometheusSource(options, Wanted);
  REQUIRE(source.ok());
  REQUIRE((*source)->Prepare(kHourMs, 2 * kHourMs, nullptr).ok());
  CHECK(server.authorization == "Bearer t0ken");
  const auto window = (*source)->Window(kHourMs, 2 * kHourMs);
  if (!window.ok()) FAIL(window.error().message);
  REQUIRE(window->series.size() == 1);
  CHECK(window->series[0].labels.MetricName() == "queue_depth");
  CHECK_THAT(server.query, Catch::Contains("payments_total"));
  server.status = 503;
  const Error away = (*source)->Window(kHourMs, 2 * kHourMs).error();
  CHECK(away.code == ErrorCode::kUnavailable);
  CHECK(away.message.find("t0ken") == std::string::npos);
  // What a run goes on with is asked for again, whatever there is by now.
  const Plan former{"queue_depth", 1, 2};
  CHECK((*source)->Prepare(kHourMs, 2 * kHourMs, &former)->selector == "queue_depth");
}

TEST_CASE("Prometheus source: an address with a password in it is refused without repeating it") {
  PrometheusSourceOptions options;
  options.access.url = "http://user:secret@127.0.0.1:9090";
  const Error error = MakePrometheusSource(options, nullptr).error();
  CHECK_THAT(error.message, Catch::Contains("--basic-auth-file"));
  CHECK(error.message.find("secret") == std::string::npos);
  options.access.url = "127.0.0.1:9090";
  CHECK_THAT(MakePrometheusSource(options, nullptr).error().message, Catch::Contains("http://"));
  options.access.url = "http://127.0.0.1:9090";
  options.selector = "up{";
  CHECK_THAT(MakePrometheusSource(options, nullptr).error().message,
             Catch::StartsWith("--selector"));
}

}  // namespace quell::backfill
