#include "engine/api/server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/api/metrics.h"
#include "engine/api/version.h"
#include "engine/auth/gate.h"
#include "ingest/remote_write.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kListenBacklog = 1024;
constexpr size_t kOtherBodyBytesMax = 1U << 20U;
constexpr size_t kRowsMax = 1000;

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kOutOfRange:
    case ErrorCode::kCorrupt:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kUnsupported:
      return 415;
    case ErrorCode::kIo:
    case ErrorCode::kUnavailable:
    case ErrorCode::kResourceExhausted:
      return 503;  // a retry is safe, and may help
  }
  return 500;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void Fail(httplib::Response& response, const Error& error) {
  response.status = StatusOf(error.code);
  if (response.status == 503) response.set_header("Retry-After", "1");
  response.set_content(
      Dump({{"error", {{"code", ErrorCodeName(error.code)}, {"message", error.message}}}}),
      "application/json");
}

Json LabelsJson(const Labels& labels) {
  Json out = Json::object();
  for (const Label& label : labels) out[label.name] = label.value;
  return out;
}

size_t LimitOf(const httplib::Request& request) {
  const std::string text = request.get_param_value("limit");
  if (text.empty() || text.size() > 6 || !std::all_of(text.begin(), text.end(), ::isdigit)) {
    return 100;
  }
  return std::clamp<size_t>(std::stoul(text), 1, kRowsMax);
}

}  // namespace

struct Server::State {
  State(Engine& engine_in, Clock& clock_in, std::shared_ptr<auth::Authenticator> authenticator_in)
      : engine(engine_in),
        clock(clock_in),
        authenticator(std::move(authenticator_in)),
        limits(engine_in.config().limits) {}

  void Guard();
  void AddRoutes();
  void Write(const httplib::Request& request, httplib::Response& response,
             const httplib::ContentReader& read);
  void AddHealth();
  void AddReads();
  void Rows(const httplib::Request& request, httplib::Response& response, const char* name,
            Result<std::vector<store::Store::Row>> rows);

  Engine& engine;
  Clock& clock;
  const std::shared_ptr<auth::Authenticator> authenticator;
  const ingest::RemoteWriteLimits limits;  // as at the start: a reload does not move them
  HttpCounters counters;
  httplib::Server http;
  int port = 0;
  std::atomic<int> listen_fd{-1};
  std::thread thread;
};

void Server::State::Write(const httplib::Request& request, httplib::Response& response,
                          const httplib::ContentReader& read) {
  ++counters.write_requests;
  const std::string length = request.get_header_value("Content-Length");
  const bool digits =
      !length.empty() && length.size() < 16 && std::all_of(length.begin(), length.end(), ::isdigit);
  const ingest::HeaderVerdict verdict = ingest::JudgeWriteHeaders(
      request.get_header_value("Content-Type"), request.get_header_value("Content-Encoding"),
      digits ? std::stoll(length) : -1, limits);
  const auto answer = [&](int status, const std::string& message) {
    (status < 300   ? counters.status_2xx
     : status < 500 ? counters.status_4xx
                    : counters.status_5xx) += 1;
    response.status = status;
    if (!message.empty()) response.set_content(message + "\n", "text/plain; charset=utf-8");
  };
  // The body is read (and for a refused request thrown away) within the limit, so that nothing of
  // it is taken for the next request.
  std::string body;
  bool too_large = false;
  const bool whole = read([&](const char* data, size_t size) {
    if (body.size() + size > limits.wire_bytes_max) {
      too_large = true;
      return false;
    }
    body.append(data, size);
    return true;
  });
  counters.write_bytes += body.size();
  if (verdict.status != 200) return answer(verdict.status, verdict.message);
  if (too_large) {
    return answer(413,
                  "the body is larger than " + std::to_string(limits.wire_bytes_max) + " bytes");
  }
  if (!whole) return answer(400, "the body ended early");
  const auto outcome = engine.Write(verdict.protocol, body);
  const bool v2 = verdict.protocol == ingest::WriteProtocol::kV2;
  const auto written = [&](std::uint64_t samples, std::uint64_t histograms,
                           std::uint64_t exemplars) {
    if (!v2) return;
    response.set_header("X-Prometheus-Remote-Write-Samples-Written", std::to_string(samples));
    response.set_header("X-Prometheus-Remote-Write-Histograms-Written", std::to_string(histograms));
    response.set_header("X-Prometheus-Remote-Write-Exemplars-Written", std::to_string(exemplars));
  };
  if (!outcome.ok()) {
    // Nothing was kept: the sender may and should try again.
    written(0, 0, 0);
    response.set_header("Retry-After", "5");
    return answer(503, outcome.error().message);
  }
  counters.samples_rejected += outcome->samples_rejected;
  counters.series_rejected += outcome->series_rejected;
  counters.samples_refused += outcome->samples_refused;
  counters.samples_accepted += outcome->samples_written;
  counters.histograms_accepted += outcome->histograms_written;
  counters.exemplars_dropped += outcome->exemplars_written;
  (outcome->fast ? counters.decoded_fast : counters.decoded_by_reference) += 1;
  written(outcome->samples_written, outcome->histograms_written, outcome->exemplars_written);
  answer(outcome->status, outcome->message);
}

void Server::State::AddHealth() {
  http.Get("/-/healthy", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("Quell is healthy.\n", "text/plain");
  });
  http.Get("/-/ready", [this](const httplib::Request&, httplib::Response& response) {
    const bool ready = engine.Ready() && engine.status().last_error.empty();
    response.status = ready ? 200 : 503;
    response.set_content(ready ? "Quell is ready.\n" : "Quell is not ready.\n", "text/plain");
  });
  http.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    const auto pending = engine.store().CountOutbox(store::OutboxState::kPending);
    response.set_content(
        RenderMetrics(engine.status(), counters, engine.series(), engine.delivery(),
                      pending.ok() ? *pending : 0, engine.journal_last(), clock.WallMs()) +
            RenderAuthMetrics(*authenticator) + RenderRedaction(engine.redaction()),
        "text/plain; version=0.0.4; charset=utf-8");
  });
  http.Post("/-/reload", [this](const httplib::Request&, httplib::Response& response) {
    const Status reloaded = engine.Reload();
    if (!reloaded.ok()) {
      Log(LogLevel::kError, "configuration not reloaded; the old one stays",
          {{"error", reloaded.error().message}});
      return Fail(response, reloaded.error());
    }
    Log(LogLevel::kInfo, "configuration reloaded", {{"file", engine.config().file}});
    response.set_content("Configuration reloaded.\n", "text/plain");
  });
}

void Server::State::Rows(const httplib::Request&, httplib::Response& response, const char* name,
                         Result<std::vector<store::Store::Row>> rows) {
  if (!rows.ok()) return Fail(response, rows.error());
  // Bodies are JSON already; they are put in as they are.
  std::string out = std::string("{\"") + name + "\":[";
  for (size_t i = 0; i < rows->size(); ++i) out += (i > 0 ? "," : "") + (*rows)[i].body;
  response.set_content(out + "]}\n", "application/json");
}

void Server::State::AddReads() {
  http.Get("/api/v1/incidents", [this](const httplib::Request& request, httplib::Response& out) {
    Rows(request, out, "incidents", engine.store().Incidents(LimitOf(request)));
  });
  http.Get(R"(/api/v1/incidents/([0-9a-f]{1,64}))", [this](const httplib::Request& request,
                                                           httplib::Response& out) {
    const auto row = engine.store().Incident(request.matches[1].str());
    if (!row.ok()) return Fail(out, row.error());
    if (!row->has_value()) {
      return Fail(out, MakeError(ErrorCode::kNotFound, "no incident " + request.matches[1].str()));
    }
    out.set_content((*row)->body + "\n", "application/json");
  });
  http.Get("/api/v1/alerts", [this](const httplib::Request& request, httplib::Response& out) {
    Rows(request, out, "alerts", engine.store().Alerts(LimitOf(request)));
  });
  http.Get("/api/v1/decisions", [this](const httplib::Request& request, httplib::Response& out) {
    Rows(request, out, "decisions", engine.store().Decisions(LimitOf(request)));
  });
  http.Get("/api/v1/signals", [this](const httplib::Request& request, httplib::Response& out) {
    Json rows = Json::array();
    for (const SignalRow& row : engine.SignalRows(LimitOf(request))) {
      rows.push_back({{"signal", row.name},
                      {"kind", row.kind},
                      {"what", row.what},
                      {"unit", row.unit},
                      {"labels", LabelsJson(row.labels)},
                      {"state", row.state},
                      {"verdict", row.reason},
                      {"value", row.value},
                      {"expected", row.expected},
                      {"band", {row.band_low, row.band_high}},
                      {"tail_probability", row.tail_probability}});
    }
    out.set_content(Dump({{"signals", std::move(rows)}}), "application/json");
  });
  http.Get("/api/v1/status", [this](const httplib::Request&, httplib::Response& out) {
    const EngineStatus status = engine.status();
    out.set_content(Dump({{"version", kVersion},
                          {"ready", engine.Ready()},
                          {"event_time", FormatRfc3339(status.event_time)},
                          {"journal_sequence", status.journal_sequence},
                          {"journal_last", engine.journal_last()},
                          {"series", status.series},
                          {"signals", status.signals},
                          {"open_alerts", status.open_alerts},
                          {"open_incidents", status.open_incidents},
                          {"last_error", status.last_error}}),
                    "application/json");
  });
}

// Judges every request by the table of routes before it is routed, and before its body is read.
void Server::State::Guard() {
  http.set_pre_routing_handler([this](const httplib::Request& request,
                                      httplib::Response& response) {
    auth::Presented presented;
    presented.method = request.method;
    presented.path = request.path;
    presented.peer = request.remote_addr;
    const std::string authorization = request.get_header_value("Authorization");
    presented.authorization = authorization;
    presented.authorization_headers = request.get_header_value_count("Authorization");
    const auth::Decision decision = authenticator->JudgeSlowly(presented);
    if (decision.outcome == auth::Outcome::kAllowed) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    const quell::http::GateVerdict verdict = auth::RefusalOf(decision, *authenticator->options());
    response.status = verdict.status;
    for (const auto& [name, value] : verdict.headers) response.headers.emplace(name, value);
    response.set_content(verdict.body, verdict.content_type);
    return httplib::Server::HandlerResponse::Handled;
  });
}

void Server::State::AddRoutes() {
  Guard();
  http.Post("/api/v1/write",
            [this](const httplib::Request& request, httplib::Response& response,
                   const httplib::ContentReader& read) { Write(request, response, read); });
  http.Post("/api/v1/changes", [this](const httplib::Request& request, httplib::Response& response,
                                      const httplib::ContentReader& read) {
    std::string body;
    const bool whole = read([&](const char* data, size_t size) {
      body.append(data, size);
      return body.size() <= kOtherBodyBytesMax;
    });
    (void)request;
    if (!whole) {
      return Fail(response,
                  MakeError(ErrorCode::kInvalidArgument, "the body is too large or short"));
    }
    const Status added = engine.AddChange(body);
    if (!added.ok()) return Fail(response, added.error());
    response.status = 202;
    response.set_content("{\"status\":\"accepted\"}\n", "application/json");
  });
  AddHealth();
  AddReads();
  http.Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("Quell " + std::string(kVersion) +
                             "\n\nPOST /api/v1/write      remote write 1.0 and 2.0\n"
                             "POST /api/v1/changes    announce a change\n"
                             "GET  /api/v1/incidents  what is and was wrong, newest first\n"
                             "GET  /api/v1/alerts     GET /api/v1/decisions  GET /api/v1/signals\n"
                             "GET  /api/v1/status     GET /metrics  GET /-/healthy  GET /-/ready\n",
                         "text/plain");
  });
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  if (state_->thread.joinable()) Stop();
}

Result<std::unique_ptr<Server>> Server::Bind(Engine& engine, Clock& clock) {
  const config::Config& config = engine.config();
  QUELL_ASSIGN(const std::shared_ptr<auth::Authenticator> authenticator,
               auth::Authenticator::Create(clock));
  authenticator->Use(config.auth);
  engine.OnReload([authenticator](const config::Config& next) { authenticator->Use(next.auth); });
  auto state = std::make_unique<State>(engine, clock, authenticator);
  httplib::Server& http = state->http;
  http.set_tcp_nodelay(true);
  http.set_keep_alive_max_count(1000000);
  http.set_keep_alive_timeout(75);
  http.set_read_timeout(15);
  http.set_payload_max_length(config.limits.wire_bytes_max);
  const size_t connections = config.connections_max;
  http.new_task_queue = [connections] { return new httplib::ThreadPool(connections); };
  http.set_socket_options([raw = state.get()](socket_t fd) {
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    raw->listen_fd = fd;
  });
  // The library would put the exception's text into a header.
  http.set_exception_handler([](const httplib::Request&, httplib::Response& response,
                                std::exception_ptr) { response.status = 500; });
  state->AddRoutes();
  const std::string& host = config.listen_host;
  state->port = config.listen_port == 0 ? http.bind_to_any_port(host.c_str())
                : http.bind_to_port(host.c_str(), config.listen_port) ? config.listen_port
                                                                      : -1;
  if (state->port <= 0) {
    return MakeError(ErrorCode::kUnavailable, "cannot listen on " + host + ':' +
                                                  std::to_string(config.listen_port) +
                                                  ": in use, or not an address of this machine");
  }
  // The library's compiled-in backlog of 5 makes simultaneous connects wait a second.
  if (state->listen_fd >= 0) ::listen(state->listen_fd, kListenBacklog);
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::Start() {
  state_->thread = std::thread([this] { state_->http.listen_after_bind(); });
}

namespace {

// Ends the reading side of every connection that came in at `port`: idle keep-alive connections
// close at once instead of holding their threads until their timeout; answers still go out.
void EndReading(int port) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const int last = static_cast<int>(std::min<rlim_t>(files.rlim_cur, 65536));
  for (int fd = 3; fd < last; ++fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
    in_port_t bound = 0;
    if (address.ss_family == AF_INET) bound = reinterpret_cast<sockaddr_in&>(address).sin_port;
    if (address.ss_family == AF_INET6) bound = reinterpret_cast<sockaddr_in6&>(address).sin6_port;
    if (ntohs(bound) == port) ::shutdown(fd, SHUT_RD);
  }
}

}  // namespace

void Server::Stop() {
  state_->http.stop();
  EndReading(state_->port);
  if (state_->thread.joinable()) state_->thread.join();
}

int Server::port() const { return state_->port; }

}  // namespace quell::api
