#include "engine/api/server.h"

#include <algorithm>

#include "core/hash.h"
#include "engine/api/server_state.h"
#include "engine/http/answer.h"

namespace quell::api {
namespace {

using Json = nlohmann::ordered_json;

// A write waits on its worker for the journal's shared sync: this many share one.
constexpr size_t kWorkers = 32;

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

}  // namespace

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void Fail(httplib::Response& response, const Error& error) {
  response.status = StatusOf(error.code);
  if (response.status == 503) response.set_header("Retry-After", "1");
  response.set_content(http::ProblemJson(response.status, ErrorCodeName(error.code), error.message),
                       http::kProblemType);
}

std::string WhoAsks(const httplib::Request& request) {
  return request.get_header_value(http::kIdentityHeader);
}

size_t NumberOf(const httplib::Request& request, const char* name, size_t fallback, size_t least,
                size_t most) {
  const std::string text = request.get_param_value(name);
  if (text.empty() || text.size() > 6 || !std::all_of(text.begin(), text.end(), ::isdigit)) {
    return fallback;
  }
  return std::clamp<size_t>(std::stoul(text), least, most);
}

void Tagged(const httplib::Request& request, httplib::Response& response, std::string body,
            const std::string& media_type) {
  const std::string tag = '"' + Hex64(Hash64(body)) + '"';
  response.set_header("ETag", tag);
  response.set_header("Cache-Control", "private, no-cache");
  if (request.get_header_value("If-None-Match") == tag) {
    response.status = 304;
    return;
  }
  response.set_content(std::move(body), media_type);
}

Server::State::State(Engine& engine_in, Clock& clock_in,
                     std::shared_ptr<auth::Authenticator> authenticator_in)
    : engine(engine_in),
      clock(clock_in),
      started_at(clock_in.WallMs()),
      limits(engine_in.config().limits),
      api_gate(limits, engine.alerts_config().limits.body_bytes_max, counters),
      authenticator(std::move(authenticator_in)),
      gate(authenticator, api_gate),
      events(std::make_shared<http::EventBoard>(
          static_cast<std::uint64_t>(started_at),
          std::vector<std::string>(std::begin(kNewsNames), std::end(kNewsNames)))) {}

void Server::State::AddHealth() {
  front->AddRoute("GET", "/-/healthy", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("Quell is healthy.\n", "text/plain");
  });
  front->AddRoute("GET", "/-/ready", [this](const httplib::Request&, httplib::Response& response) {
    const bool ready = engine.Ready() && engine.status().last_error.empty();
    response.status = ready ? 200 : 503;
    response.set_content(ready ? "Quell is ready.\n" : "Quell is not ready.\n", "text/plain");
  });
  front->AddRoute("GET", "/metrics", [this](const httplib::Request&, httplib::Response& response) {
    const auto pending = engine.store().CountOutbox(store::OutboxState::kPending);
    const auto dead = engine.store().CountDeadLetters();
    const OutboxCounts outbox{pending.ok() ? *pending : 0, dead.ok() ? *dead : 0};
    response.set_content(
        RenderMetrics(engine.status(), counters, engine.series(), engine.delivery(), outbox,
                      engine.journal_last(), clock.WallMs()) +
            RenderFrontMetrics(front->counters()) + RenderAuthMetrics(*authenticator) +
            RenderRedaction(engine.redaction()) + RenderExport(engine.exported()) +
            RenderReceived(engine.received()) + RenderForecasts(engine.Forecasts()) +
            RenderDrift(engine.Drifts()) +
            RenderPeople(engine.people(), engine.status().linked_pages) +
            RenderAudit(engine.store().AuditLogHead(), engine.model()) +
            RenderModels(engine.models()) + RenderScores(engine),
        "text/plain; version=0.0.4; charset=utf-8");
  });
  front->AddRoute(
      "POST", "/-/reload", [this](const httplib::Request& request, httplib::Response& response) {
        const Status reloaded = Reload(WhoAsks(request));
        if (!reloaded.ok()) {
          Log(LogLevel::kError, "configuration not reloaded; the old one stays",
              {{"error", reloaded.error().message}});
          return Fail(response, reloaded.error());
        }
        Log(LogLevel::kInfo, "configuration reloaded", {{"file", engine.config().file}});
        response.set_content("Configuration reloaded.\n", "text/plain");
      });
}

// Both are tried, so that a broken configuration does not keep an expired certificate in force.
Status Server::State::Reload(const std::string& by) {
  const Status certificates = front->ReloadTls();
  QUELL_TRY(engine.Reload(by));
  return certificates;
}

void Server::State::AddRoutes() {
  AddWrites();
  AddHealth();
  AddReads();
  AddAlertLists();
  AddAdoptions();
  AddAlertWrites();
  AddAlertReads();
  AddPeople();
  AddDeadLetters();
  AddSignals();
  AddPage();
  AddAudit();
  AddModels();
  AddPostmortem();
  AddReports();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Bind(Engine& engine, Clock& clock) {
  const config::Config& config = engine.config();
  QUELL_ASSIGN(const std::shared_ptr<auth::Authenticator> authenticator,
               auth::Authenticator::Create(clock));
  authenticator->Use(config.auth);
  auto state = std::make_unique<State>(engine, clock, authenticator);
  // Listeners are judged again at once.
  engine.OnReload([authenticator, board = state->events](const config::Config& next) {
    authenticator->Use(next.auth);
    board->Move(kChangeNews);
  });
  engine.OnNews([board = state->events](std::uint64_t news) { board->Move(news); });
  http::FrontOptions options = config.front;
  options.host = config.listen_host;
  options.port = config.listen_port;
  options.workers = kWorkers;
  QUELL_ASSIGN(state->front, http::Front::Bind(options, state->gate, clock));
  state->AddRoutes();
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

void Server::Start() { state_->front->Start(); }

void Server::Stop() { state_->front->Stop(); }

Status Server::Reload() { return state_->Reload("signal"); }

std::vector<std::pair<std::string, std::string>> Server::routes() const {
  return state_->front->routes();
}

int Server::port() const { return state_->front->port(); }

}  // namespace quell::api
