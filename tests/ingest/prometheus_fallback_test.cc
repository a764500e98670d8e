#include <httplib.h>

#include <catch2/catch.hpp>
#include <thread>

#include "ingest/history.h"
#include "tests/ingest/collecting_sink.h"

namespace quell::ingest {
namespace {

// A server that answers as told; keeps what it was asked.
class FakeServer {
 public:
  FakeServer() {
    port_ = server_.bind_to_any_port("127.0.0.1");
    REQUIRE(port_ > 0);
  }
  ~FakeServer() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  httplib::Server& server() { return server_; }
  std::string Start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    return "http://127.0.0.1:" + std::to_string(port_);
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

constexpr auto kOnePoint =
    R"({"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"up"},"values":[[3600.5,"1"]]}]}})";

PrometheusSource SourceAt(const std::string& url) {
  PrometheusSource source;
  source.url = url;
  source.selector = "up";
  source.start = kHourMs;
  source.end = 2 * kHourMs;
  source.chunk_ms = kHourMs;
  return source;
}

}  // namespace

TEST_CASE("Prometheus fallback: without remote read a range selector is asked, true timestamps") {
  FakeServer fake;
  std::vector<std::string> asked;
  fake.server().Post("/api/v1/query", [&](const httplib::Request& request, httplib::Response& out) {
    asked.push_back(request.get_param_value("query") + '@' + request.get_param_value("time"));
    out.set_content(kOnePoint, "application/json");
  });
  CollectingSink sink;
  const auto counters = ReadPrometheus(SourceAt(fake.Start()), sink);
  if (!counters.ok()) FAIL(counters.error().message);
  CHECK(asked == std::vector<std::string>{"up[3600000ms]@7199.999"});
  CHECK(sink.samples.at("up").at(0).time == 3600500);
}

TEST_CASE("Prometheus fallback: query_range is the last resort, on the grid of the step") {
  FakeServer fake;
  std::string asked;
  fake.server().Post(
      "/api/v1/query_range", [&](const httplib::Request& request, httplib::Response& out) {
        asked = request.get_param_value("start") + ' ' + request.get_param_value("end") + ' ' +
                request.get_param_value("step");
        out.set_content(kOnePoint, "application/json");
      });
  CollectingSink sink;
  REQUIRE(ReadPrometheus(SourceAt(fake.Start()), sink).ok());
  CHECK(asked == "3600.000 7199.999 30.000");
}

TEST_CASE("Prometheus fallback: a window with too many samples is halved, never resampled") {
  FakeServer fake;
  std::vector<std::string> asked;
  fake.server().Post("/api/v1/query", [&](const httplib::Request& request, httplib::Response& out) {
    asked.push_back(request.get_param_value("query"));
    if (asked.size() == 1) {
      out.status = 422;
      out.set_content("{\"error\":\"query processing would load too many samples\"}", "text/json");
    } else {
      out.set_content(kOnePoint, "application/json");
    }
  });
  CollectingSink sink;
  REQUIRE(ReadPrometheus(SourceAt(fake.Start()), sink).ok());
  CHECK(asked == std::vector<std::string>{"up[3600000ms]", "up[1800000ms]", "up[1800000ms]"});
  CHECK(sink.samples.at("up").size() == 1);  // the second half's answer is trimmed
}

TEST_CASE("Prometheus fallback: refusals, absence and bad input are errors that say where") {
  FakeServer fake;
  fake.server().Post("/api/v1/read", [](const httplib::Request&, httplib::Response& out) {
    out.status = 401;
    out.set_content("who are you", "text/plain");
  });
  const std::string url = fake.Start();
  CollectingSink sink;
  PrometheusSource source = SourceAt("http://user:secret@" + url.substr(7));
  std::string error = ReadPrometheus(source, sink).error().message;
  CHECK_THAT(error, Catch::Contains("status 401") && Catch::Contains(url.substr(7)));
  CHECK(error.find("secret") == std::string::npos);
  source.url = "http://127.0.0.1:1";
  CHECK(ReadPrometheus(source, sink).error().code == ErrorCode::kUnavailable);
  source.selector = "up{";
  CHECK_THAT(ReadPrometheus(source, sink).error().message, Catch::StartsWith("selector"));
  source = SourceAt(url);
  source.end = source.start;
  CHECK_THAT(ReadPrometheus(source, sink).error().message, Catch::Contains("is not before"));
}

}  // namespace quell::ingest
