#include "replay/simulator/exporter.h"

#include <httplib.h>

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "ingest/sample.h"
#include "replay/simulator/text_format.h"

namespace quell::simulator {
namespace {

constexpr DurationMs kCatchUpMaxMs = kDayMs;  // after a longer silence the gap is skipped

HttpAnswer BadRequest(const std::string& message) {
  return {400, "application/json", nlohmann::json{{"error", message}}.dump() + "\n"};
}

Labels ExportedLabels(const Labels& labels) {
  Labels exported = labels;
  exported.Set("pod", labels.Get("instance"));
  exported.Set("instance", "");
  exported.Set("job", "");
  return exported;
}

}  // namespace

// The newest value of every series that is there.
class Exporter::LatestValues final : public Sink {
 public:
  Status Accept(const ScrapeView& scrape, const SeriesTable& table) override {
    if (values_.size() < table.size()) values_.resize(table.size(), ingest::StaleMarker());
    for (size_t i = 0; i < scrape.series.size(); ++i) {
      values_[scrape.series[i]] = scrape.values[i];
    }
    return Ok{};
  }

  std::string Text(const SeriesTable& table) {
    for (size_t series = texts_.size(); series < values_.size(); ++series) {
      const Labels& labels = table.at(static_cast<std::uint32_t>(series));
      texts_.push_back(SeriesText(ExportedLabels(labels)) + " ");
      if (labels.MetricName() != "up") families_[FamilyOf(labels.MetricName())].push_back(series);
    }
    std::string out;
    for (const auto& [family, members] : families_) {
      const bool counter = family.type == "counter";
      out +=
          "# TYPE " + family.name + (counter ? "_total " : " ") + std::string(family.type) + "\n";
      for (const size_t series : members) {
        if (ingest::IsStale(values_[series])) continue;
        out += texts_[series];
        AppendNumber(values_[series], out);
        out += '\n';
      }
    }
    return out;
  }

 private:
  std::vector<double> values_;
  std::vector<std::string> texts_;
  std::map<Family, std::vector<size_t>> families_;
};

struct Exporter::Server {
  httplib::Server http;
  std::thread thread;
};

Result<std::unique_ptr<Exporter>> Exporter::Create(SimulatorOptions options, Clock& clock) {
  options.interval_ms = kSecondMs;
  options.start = clock.WallMs() / kSecondMs * kSecondMs;
  options.spread_scrapes = false;
  options.restarts = false;
  QUELL_ASSIGN(auto simulator, Simulator::Create(options));
  return std::unique_ptr<Exporter>(new Exporter(std::move(simulator), clock));
}

Exporter::Exporter(std::unique_ptr<Simulator> simulator, Clock& clock)
    : clock_(clock),
      simulator_(std::move(simulator)),
      values_(std::make_unique<LatestValues>()),
      next_tick_(simulator_->options().start) {}

Exporter::~Exporter() { Stop(); }

// REQUIRES: mutex_ is held.
Status Exporter::Advance() {
  const TimeMs now = clock_.WallMs();
  if (now - next_tick_ > kCatchUpMaxMs) next_tick_ = now / kSecondMs * kSecondMs;
  if (now < next_tick_) return Ok{};
  QUELL_TRY(simulator_->Run(next_tick_, now + 1, *values_));
  next_tick_ += ((now - next_tick_) / kSecondMs + 1) * kSecondMs;
  return Ok{};
}

HttpAnswer Exporter::Metrics() {
  const std::lock_guard lock(mutex_);
  const Status advanced = Advance();
  if (!advanced.ok()) return {500, "text/plain", advanced.error().message + "\n"};
  return {200, "text/plain; version=0.0.4; charset=utf-8", values_->Text(simulator_->table())};
}

HttpAnswer Exporter::PostIncident(
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  const std::lock_guard lock(mutex_);
  std::string kind;
  std::string duration = "10m";
  std::string scope;
  for (const auto& [name, value] : parameters) {
    if (name == "kind")
      kind = value;
    else if (name == "duration")
      duration = value;
    else
      scope += (scope.empty() ? "" : ";") + name + "=" + value;
  }
  const Status advanced = Advance();
  if (!advanced.ok()) return {500, "text/plain", advanced.error().message + "\n"};
  const auto injection =
      MakeInjection(kind, scope, clock_.WallMs(), duration, simulator_->topology());
  if (!injection.ok()) return BadRequest(injection.error().message);
  simulator_->Inject(*injection);
  nlohmann::ordered_json json = {{"kind", kind},
                                 {"start", FormatRfc3339(injection->start)},
                                 {"end", FormatRfc3339(injection->end)},
                                 {"where", nlohmann::ordered_json::object()}};
  for (const Label& label : simulator_->topology().ScopeLabels(injection->scope)) {
    json["where"][label.name] = label.value;
  }
  return {200, "application/json", json.dump() + "\n"};
}

HttpAnswer Exporter::PostClear() {
  const std::lock_guard lock(mutex_);
  simulator_->ClearEffects(clock_.WallMs());
  return {200, "application/json", "{\"cleared\":true}\n"};
}

Result<int> Exporter::Start(const std::string& host, int port) {
  server_ = std::make_unique<Server>();
  httplib::Server& http = server_->http;
  const auto give = [](const HttpAnswer& answer, httplib::Response& response) {
    response.status = answer.status;
    response.set_content(answer.body, answer.content_type);
  };
  http.set_tcp_nodelay(true);
  http.set_keep_alive_max_count(1);  // an idle connection would hold up Stop() for seconds
  http.set_payload_max_length(1U << 16U);
  // Answered before any body is read: `curl -X POST` sends neither body nor Content-Length, and
  // the library would wait for one.
  http.set_pre_routing_handler([this, give](const httplib::Request& request,
                                            httplib::Response& response) {
    if (request.method == "GET" && request.path == "/metrics") {
      give(Metrics(), response);
    } else if (request.method == "POST" && request.path == "/incident") {
      give(PostIncident({request.params.begin(), request.params.end()}), response);
    } else if (request.method == "POST" && request.path == "/clear") {
      give(PostClear(), response);
    } else {
      give({404, "text/plain", "GET /metrics, POST /incident?kind=..., POST /clear\n"}, response);
    }
    return httplib::Server::HandlerResponse::Handled;
  });
  const int bound = port == 0 ? http.bind_to_any_port(host.c_str())
                              : (http.bind_to_port(host.c_str(), port) ? port : -1);
  if (bound < 0) {
    server_.reset();
    return MakeError(ErrorCode::kIo, "cannot listen on " + host + ":" + std::to_string(port));
  }
  server_->thread = std::thread([&http] { http.listen_after_bind(); });
  while (!http.is_running()) std::this_thread::yield();  // so that Stop() finds it
  return bound;
}

void Exporter::Stop() {
  if (server_ == nullptr) return;
  server_->http.stop();
  if (server_->thread.joinable()) server_->thread.join();
  server_.reset();
}

Result<std::pair<std::string, int>> ParseListenAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const auto end = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) port = -1;
  }
  if (port < 0 || port > 65535) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "--serve must be an address such as 127.0.0.1:9100, not \"" + text + "\"");
  }
  const std::string host = text.substr(0, colon);
  return std::pair<std::string, int>(host.empty() ? "127.0.0.1" : host, port);
}

}  // namespace quell::simulator
