#include "replay/simulator/exporter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "core/http_client.h"
#include "tests/replay/simulator/collector.h"

namespace quell::simulator {
namespace {

double Sum(const std::string& text, const std::string& metric, const std::string& part) {
  std::istringstream lines(text);
  double sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(metric + "{") || line.find(part) == std::string::npos) continue;
    sum += std::stod(line.substr(line.rfind(' ')));
  }
  return sum;
}

double Failures(const std::string& text) {
  return Sum(text, "payments_total", "outcome=\"failed\"") +
         Sum(text, "payments_total", "outcome=\"timeout\"");
}

}  // namespace

TEST_CASE("Exporter: /metrics is valid text with every family typed once", "[simulator]") {
  ManualClock clock(kDefaultStartMs + 10 * kHourMs);
  const auto exporter = Exporter::Create(QuietOptions(), clock);
  REQUIRE(exporter.ok());
  const auto port = (*exporter)->Start("127.0.0.1", 0);
  REQUIRE(port.ok());
  clock.Advance(5 * kSecondMs);
  HttpClient client;
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(*port) + "/metrics";
  const auto response = client.Send(request);
  REQUIRE(response.ok());
  CHECK(response->status == 200);
  CHECK_THAT(response->Header("content-type"), Catch::Contains("text/plain; version=0.0.4"));
  std::set<std::string> families;
  std::set<std::string> series;
  std::istringstream lines(response->body);
  std::string family;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      CHECK(families.insert(family).second);
      continue;
    }
    const size_t space = line.rfind(' ');
    REQUIRE(space != std::string::npos);
    CHECK(line.starts_with(family));
    CHECK(series.insert(line.substr(0, space)).second);
    CHECK_NOTHROW(std::stod(line.substr(space)));
    CHECK(line.find("job=") == std::string::npos);
    CHECK(line.find("instance=") == std::string::npos);
  }
  CHECK(series.size() > 200);
  (*exporter)->Stop();
}

TEST_CASE("Exporter: counters follow the clock, and a posted incident shows until cleared",
          "[simulator]") {
  ManualClock clock(kDefaultStartMs + 14 * kHourMs);
  const auto created = Exporter::Create(QuietOptions(), clock);
  REQUIRE(created.ok());
  Exporter& exporter = **created;
  const auto after = [&](DurationMs wait) {
    clock.Advance(wait);
    return exporter.Metrics().body;
  };
  const std::string start = after(kSecondMs);
  const std::string calm = after(5 * kMinuteMs);
  const double total = Sum(calm, "payments_total", "") - Sum(start, "payments_total", "");
  CHECK(total > 1000);
  CHECK((Failures(calm) - Failures(start)) / total < 0.05);
  const HttpAnswer posted =
      exporter.PostIncident({{"kind", "psp_outage"}, {"psp", "acme"}, {"duration", "1h"}});
  CHECK(posted.status == 200);
  CHECK_THAT(posted.body, Catch::Contains("\"psp\":\"acme\""));
  const std::string struck = after(5 * kMinuteMs);
  const double calm_failures = Failures(calm) - Failures(start);
  CHECK(Failures(struck) - Failures(calm) > 5 * calm_failures);
  CHECK(exporter.PostClear().status == 200);
  const std::string settling = after(5 * kMinuteMs);
  const std::string cleared = after(5 * kMinuteMs);
  CHECK(Failures(cleared) - Failures(settling) < 3 * calm_failures);
}

TEST_CASE("Exporter: bad incidents are refused with a reason over HTTP", "[simulator]") {
  ManualClock clock(kDefaultStartMs);
  const auto exporter = Exporter::Create(QuietOptions(), clock);
  REQUIRE(exporter.ok());
  const auto port = (*exporter)->Start("127.0.0.1", 0);
  REQUIRE(port.ok());
  HttpClient client;
  const auto post = [&](const std::string& path) {
    HttpRequest request;
    request.method = "POST";
    request.url = "http://127.0.0.1:" + std::to_string(*port) + path;
    const auto response = client.Send(request);
    return response.ok() ? *response : HttpResponse{};
  };
  CHECK(post("/incident?kind=psp_outage&psp=acme&duration=5m").status == 200);
  const HttpResponse unknown = post("/incident?kind=earthquake");
  CHECK(unknown.status == 400);
  CHECK_THAT(unknown.body, Catch::Contains("earthquake") && Catch::Contains("psp_outage"));
  CHECK(post("/incident?kind=psp_outage&psp=nobody").status == 400);
  CHECK(post("/incident?kind=psp_outage&colour=red").status == 400);
  CHECK(post("/clear").status == 200);
}

TEST_CASE("Exporter: a POST without Content-Length, as curl -X POST sends, is answered at once",
          "[simulator]") {
  ManualClock clock(kDefaultStartMs);
  const auto exporter = Exporter::Create(QuietOptions(), clock);
  REQUIRE(exporter.ok());
  const auto port = (*exporter)->Start("127.0.0.1", 0);
  REQUIRE(port.ok());
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(*port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const std::string request = "POST /incident?kind=psp_outage&psp=acme HTTP/1.1\r\nHost: x\r\n\r\n";
  REQUIRE(send(descriptor, request.data(), request.size(), 0) ==
          static_cast<ssize_t>(request.size()));
  std::string answer;
  std::array<char, 1024> buffer;
  for (ssize_t got; (got = recv(descriptor, buffer.data(), buffer.size(), 0)) > 0;) {
    answer.append(buffer.data(), static_cast<size_t>(got));
  }
  close(descriptor);
  CHECK_THAT(answer, Catch::Contains(" 200 ") && Catch::Contains("psp_outage"));
}

TEST_CASE("Exporter: listen addresses are read strictly", "[simulator]") {
  CHECK(ParseListenAddress("127.0.0.1:9100")->second == 9100);
  CHECK(ParseListenAddress(":0")->first == "127.0.0.1");
  for (const char* bad : {"", "9100", "host:", "host:99999", "host:12x"}) {
    CAPTURE(bad);
    CHECK_FALSE(ParseListenAddress(bad).ok());
  }
}

}  // namespace quell::simulator
