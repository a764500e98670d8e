#include "tests/support/pagerduty_server.h"

// httplib brings <resolv.h>, whose macro breaks other people's parameter names.
#include <httplib.h>
#undef _res

#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "core/hash.h"
#include "tests/support/certificate.h"
#include "tests/support/pagerduty_rules.h"

namespace quell::test {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t kHttpBodyMax = 4U << 20U;
constexpr size_t kKeptMax = 200000;  // requests and events; the oldest are forgotten

int PortOf(const sockaddr_storage& address) {
  if (address.ss_family != AF_INET) return -1;
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// Makes our end of the connection answer with a TCP reset. The library does not say which
// descriptor a request came by, so it is found by its two ports.
void Cut(const httplib::Request& request, int server_port) {
  constexpr int kDescriptorsMax = 4096;
  for (int fd = 3; fd < kDescriptorsMax; ++fd) {
    sockaddr_storage here{};
    sockaddr_storage there{};
    socklen_t here_size = sizeof here;
    socklen_t there_size = sizeof there;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&here), &here_size) != 0 ||
        getpeername(fd, reinterpret_cast<sockaddr*>(&there), &there_size) != 0) {
      continue;
    }
    if (PortOf(here) != server_port || PortOf(there) != request.remote_port) continue;
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    shutdown(fd, SHUT_RDWR);
    return;
  }
}

std::string Mask(const std::string& key) {
  return key.size() <= 8 ? "****" : key.substr(0, 4) + "****" + key.substr(key.size() - 4);
}

std::string Answer(int status, const std::vector<std::string>& errors,
                   const std::string& dedup_key) {
  if (status == 202) {
    return ordered_json{
        {"status", "success"}, {"message", "Event processed"}, {"dedup_key", dedup_key}}
        .dump();
  }
  return ordered_json{
      {"status", "invalid event"}, {"message", "Event object is invalid"}, {"errors", errors}}
      .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

struct PagerDutyServer::State {
  explicit State(Clock& c) : clock(c) {}

  void Enqueue(const httplib::Request& request, httplib::Response& response);
  void EnqueueChange(const httplib::Request& request, httplib::Response& response);
  Fault NextFault();
  DurationMs OverLimit(const std::string& routing_key);
  AcceptedEvent Take(json event);
  Effect Apply(const std::string& routing_key, const json& event, const std::string& dedup_key);
  void Record(ReceivedRequest request);

  Clock& clock;
  PagerDutyServerOptions options;
  Certificate certificate;
  std::unique_ptr<httplib::SSLServer> server;
  int port = 0;
  std::thread thread;

  mutable std::mutex mutex;  // guards what follows
  std::condition_variable let_go;
  bool stopping = false;
  std::deque<Fault> faults;
  std::deque<AcceptedEvent> events;
  std::deque<ReceivedRequest> requests;
  std::vector<Alert> alerts;
  std::vector<json> changes;
  std::map<std::pair<std::string, std::string>, size_t> open;  // index into alerts
  std::uint64_t accepted = 0;
  std::map<std::string, std::deque<DurationMs>> lately;  // requests within a minute, by key
  std::uint64_t rate_limited = 0;

  std::mutex callback_mutex;  // orders callbacks; taken before `mutex`
};

Fault PagerDutyServer::State::NextFault() {
  const std::lock_guard lock(mutex);
  Fault fault;
  fault.kind = Fault::Kind::kPass;
  if (!faults.empty()) {
    fault = faults.front();
    faults.pop_front();
  }
  return fault;
}

// 0 where the request may pass; else how long until one may. Refused requests do not count.
DurationMs PagerDutyServer::State::OverLimit(const std::string& routing_key) {
  if (options.per_minute == 0) return 0;
  const std::lock_guard lock(mutex);
  const DurationMs now = clock.MonotonicMs();
  std::deque<DurationMs>& times = lately[routing_key];
  while (!times.empty() && times.front() + kMinuteMs <= now) times.pop_front();
  if (times.size() < static_cast<size_t>(options.per_minute)) {
    times.push_back(now);
    return 0;
  }
  ++rate_limited;
  return times.front() + kMinuteMs - now;
}

// PagerDuty's alert states; `mutex` is held.
Effect PagerDutyServer::State::Apply(const std::string& routing_key, const json& event,
                                     const std::string& dedup_key) {
  const auto key = std::make_pair(routing_key, dedup_key);
  const auto found = open.find(key);
  const std::string action = event["event_action"];
  if (action == "trigger") {
    if (found != open.end()) {
      ++alerts[found->second].triggers;
      return Effect::kMerged;
    }
    open[key] = alerts.size();
    const json& payload = event["payload"];
    alerts.push_back({dedup_key, payload["severity"], payload["summary"], "triggered", 1});
    return Effect::kOpened;
  }
  if (found == open.end()) return Effect::kDropped;
  if (action == "acknowledge") {
    alerts[found->second].state = "acknowledged";
    return Effect::kAcknowledged;
  }
  alerts[found->second].state = "resolved";
  open.erase(found);
  return Effect::kResolved;
}

AcceptedEvent PagerDutyServer::State::Take(json event) {
  const std::lock_guard lock(mutex);
  AcceptedEvent taken;
  taken.number = ++accepted;
  taken.received = clock.WallMs();
  taken.dedup_key = event.value("dedup_key", "");
  if (taken.dedup_key.empty()) {
    taken.dedup_key = Hex64(Hash64("generated", accepted)) + Hex64(accepted);
  }
  const std::string routing_key = event["routing_key"];
  taken.effect = Apply(routing_key, event, taken.dedup_key);
  event["routing_key"] = Mask(routing_key);
  taken.event = std::move(event);
  events.push_back(taken);
  if (events.size() > kKeptMax) events.pop_front();
  return taken;
}

void PagerDutyServer::State::Record(ReceivedRequest request) {
  {
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    if (requests.size() > kKeptMax) requests.pop_front();
  }
  if (request.status != 202 && options.on_refused) options.on_refused(request);
}

void PagerDutyServer::State::Enqueue(const httplib::Request& request, httplib::Response& response) {
  ReceivedRequest received{0, request.get_header_value("Content-Type"), request.body, {}};
  const Fault fault = NextFault();
  if (fault.kind == Fault::Kind::kHang) {
    std::unique_lock lock(mutex);
    requests.push_back(received);
    let_go.wait(lock, [this] { return stopping; });
    return;
  }
  const std::lock_guard ordered(callback_mutex);
  if (fault.kind == Fault::Kind::kReset) {
    Record(std::move(received));
    Cut(request, port);
    return;
  }
  if (fault.kind == Fault::Kind::kStatus || fault.kind == Fault::Kind::kEcho) {
    const bool echo = fault.kind == Fault::Kind::kEcho;
    received.status = echo ? 400 : fault.status;
    received.errors = {echo ? received.body : "scripted " + std::to_string(fault.status)};
    response.status = received.status;
    if (!fault.retry_after.empty()) response.set_header("Retry-After", fault.retry_after);
    response.set_content(Answer(received.status, received.errors, ""), "application/json");
    Record(std::move(received));
    return;
  }
  RuleCheck check = CheckPagerDutyRequest(received.content_type, received.body);
  std::string dedup_key;
  if (check.status == 202) {
    const DurationMs wait = OverLimit(check.event["routing_key"]);
    if (wait > 0) {
      check.status = 429;
      check.errors = {"too many events with this routing key"};
      response.set_header("Retry-After", std::to_string((wait + kSecondMs - 1) / kSecondMs));
    }
  }
  if (check.status == 202) {
    const AcceptedEvent taken = Take(std::move(check.event));
    dedup_key = taken.dedup_key;
    if (options.on_event) options.on_event(taken);
  }
  if (fault.kind == Fault::Kind::kTakeAndReset) {
    Record(std::move(received));
    Cut(request, port);
    return;
  }
  response.status = check.status;
  response.set_content(Answer(check.status, check.errors, dedup_key), "application/json");
  received.status = check.status;
  received.errors = std::move(check.errors);
  Record(std::move(received));
}

// Scripted statuses and resets hold here, too.
void PagerDutyServer::State::EnqueueChange(const httplib::Request& request,
                                           httplib::Response& response) {
  const Fault fault = NextFault();
  const std::lock_guard ordered(callback_mutex);
  if (fault.kind == Fault::Kind::kReset) return Cut(request, port);
  RuleCheck check = CheckPagerDutyChange(request.get_header_value("Content-Type"), request.body);
  if (fault.kind == Fault::Kind::kStatus) check.status = fault.status;
  if (check.status == 202) {
    const DurationMs wait = OverLimit(check.event["routing_key"]);
    if (wait > 0) {
      check.status = 429;
      response.set_header("Retry-After", std::to_string((wait + kSecondMs - 1) / kSecondMs));
    }
  }
  if (check.status == 202) {
    const std::lock_guard lock(mutex);
    check.event["routing_key"] = Mask(check.event["routing_key"]);
    changes.push_back(check.event);
  }
  response.status = check.status;
  response.set_content(Answer(check.status, check.errors, ""), "application/json");
  Record({check.status, request.get_header_value("Content-Type"), request.body, check.errors});
}

std::string_view EffectName(Effect effect) {
  switch (effect) {
    case Effect::kOpened:
      return "opened";
    case Effect::kMerged:
      return "merged";
    case Effect::kAcknowledged:
      return "acknowledged";
    case Effect::kResolved:
      return "resolved";
    case Effect::kDropped:
      return "dropped";
  }
  return "dropped";
}

ordered_json EventRecord(const AcceptedEvent& event) {
  return {{"number", event.number},
          {"received", FormatRfc3339(event.received)},
          {"effect", EffectName(event.effect)},
          {"dedup_key", event.dedup_key},
          {"event", event.event}};
}

PagerDutyServer::PagerDutyServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<PagerDutyServer>> PagerDutyServer::Start(
    Clock& clock, const PagerDutyServerOptions& options) {
  auto state = std::make_unique<State>(clock);
  state->options = options;
  QUELL_ASSIGN(state->certificate, MakeCertificate());
  state->server = std::make_unique<httplib::SSLServer>(state->certificate.x509.get(),
                                                       state->certificate.key.get());
  httplib::SSLServer& server = *state->server;
  if (!server.is_valid()) return MakeError(ErrorCode::kIo, "the TLS server cannot be set up");
  server.set_payload_max_length(kHttpBodyMax);
  server.set_keep_alive_max_count(1000000);
  server.set_keep_alive_timeout(1);  // seconds; an idle connection delays the end by so much
  // Answers are small; without this each waits for the peer's delayed acknowledgement.
  server.set_tcp_nodelay(true);
  server.Post("/v2/change/enqueue",
              [raw = state.get()](const httplib::Request& request, httplib::Response& response) {
                raw->EnqueueChange(request, response);
              });
  server.Post("/v2/enqueue",
              [raw = state.get()](const httplib::Request& request, httplib::Response& response) {
                raw->Enqueue(request, response);
              });
  if (options.port == 0) {
    state->port = server.bind_to_any_port("127.0.0.1");
  } else if (server.bind_to_port("127.0.0.1", options.port)) {
    state->port = options.port;
  } else {
    state->port = -1;
  }
  if (state->port <= 0) {
    return MakeError(ErrorCode::kIo, "cannot listen on 127.0.0.1:" + std::to_string(options.port));
  }
  std::unique_ptr<PagerDutyServer> made(new PagerDutyServer(std::move(state)));
  server.Get("/events", [raw = made.get()](const httplib::Request&, httplib::Response& response) {
    response.set_content(raw->EventsJson(), "application/json");
  });
  made->state_->thread = std::thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();  // stop() before that is lost
  return made;
}

PagerDutyServer::~PagerDutyServer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->let_go.notify_all();
  state_->server->stop();
  if (state_->thread.joinable()) state_->thread.join();
}

int PagerDutyServer::port() const { return state_->port; }

std::string PagerDutyServer::url() const {
  return "https://127.0.0.1:" + std::to_string(state_->port) + "/v2/enqueue";
}

const std::string& PagerDutyServer::ca_pem() const { return state_->certificate.pem; }

void PagerDutyServer::Fail(std::vector<Fault> next) {
  const std::lock_guard lock(state_->mutex);
  state_->faults.insert(state_->faults.end(), next.begin(), next.end());
}

std::uint64_t PagerDutyServer::RateLimited() const {
  const std::lock_guard lock(state_->mutex);
  return state_->rate_limited;
}

std::vector<AcceptedEvent> PagerDutyServer::Events() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->events.begin(), state_->events.end()};
}

std::vector<json> PagerDutyServer::Changes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->changes;
}

std::vector<ReceivedRequest> PagerDutyServer::Requests() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->requests.begin(), state_->requests.end()};
}

std::vector<Alert> PagerDutyServer::Alerts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->alerts;
}

std::string PagerDutyServer::EventsJson() const {
  const std::lock_guard lock(state_->mutex);
  ordered_json all = {{"events", ordered_json::array()}, {"alerts", ordered_json::array()}};
  for (const AcceptedEvent& event : state_->events) all["events"].push_back(EventRecord(event));
  for (const Alert& alert : state_->alerts) {
    all["alerts"].push_back({{"dedup_key", alert.dedup_key},
                             {"severity", alert.severity},
                             {"summary", alert.summary},
                             {"state", alert.state},
                             {"triggers", alert.triggers}});
  }
  all["changes"] = state_->changes;
  all["requests"] = state_->requests.size();
  all["rate_limited"] = state_->rate_limited;
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace quell::test
