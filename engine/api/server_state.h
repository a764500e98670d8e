// What the parts of the server share: its state, its gates, and how it answers errors.
//
// Handlers run on several threads at once; everything here is thread-safe or fixed after Bind.
#pragma once

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/metrics.h"
#include "engine/api/server.h"
#include "engine/auth/gate.h"
#include "engine/http/front.h"
#include "ingest/remote_write.h"

namespace quell::api {

// A problem document (engine/http/answer.h) with the status that the code stands for.
void Fail(httplib::Response& response, const Error& error);
// JSON text in which what is no UTF-8 is replaced.
std::string Dump(const nlohmann::ordered_json& json);
// The identity's name as the gate has put it; "" = nobody was asked.
std::string WhoAsks(const httplib::Request& request);
// The query's limit=, 1 to 1000; 100 where there is none.
size_t LimitOf(const httplib::Request& request);

// A number of the query, within its bounds; the fallback for anything else.
size_t NumberOf(const httplib::Request& request, const char* name, size_t fallback, size_t least,
                size_t most);
// Which part of a list is asked for: since=, until=, and before=, the `next` of an answer (0: from
// the newest on). kInvalidArgument for what is none.
struct ListSpan {
  std::optional<TimeMs> since = {}, until = {};
  std::uint64_t before = 0;
};
Result<ListSpan> SpanOf(const httplib::Request& request);
// A body with an ETag of its content: 304 where the client has it already.
void Tagged(const httplib::Request& request, httplib::Response& response, std::string body,
            const std::string& media_type = "application/json");

inline constexpr const char* kAlertsPath = "/api/v2/alerts";
inline constexpr const char* kWebhookPath = "/api/v1/pagerduty/webhook";
inline constexpr const char* kSilencePath = R"(/api/v2/silence/([^/]+))";

// Judges remote writes by their headers, and bounds every other body.
class ApiGate final : public http::Gate {
 public:
  ApiGate(const ingest::RemoteWriteLimits& limits, size_t alert_bytes_max, HttpCounters& counters)
      : limits_(limits), alert_bytes_max_(alert_bytes_max), counters_(counters) {}
  http::GateVerdict Judge(const http::RequestHead& head) override;

 private:
  const ingest::RemoteWriteLimits& limits_;
  const size_t alert_bytes_max_;
  HttpCounters& counters_;
};

struct Server::State {
  State(Engine& engine_in, Clock& clock_in, std::shared_ptr<auth::Authenticator> authenticator_in);

  void AddRoutes();
  void AddWrites();  // server_writes.cc
  void AddReads();   // server_reads.cc
  void AddAdoptions();
  void AddAlertLists();
  void ListStoredAlerts(const httplib::Request& request, std::string incident_key,
                        httplib::Response& response);
  void AddSignals();      // server_signals.cc
  void AddPage();         // server_page.cc
  void AddAlertWrites();  // server_alerts.cc
  void AddAlertReads();
  static ingest::ApiAnswer NoUuid(const std::string& id);
  void AddPeople();  // server_people.cc
  void Act(paging::HumanActionKind kind, const httplib::Request& request,
           httplib::Response& response);
  void AddDeadLetters();
  void AddAudit();   // server_audit.cc
  void AddModels();  // server_models.cc
  void ActOnModel(models::ActionKind kind, const httplib::Request& request,
                  httplib::Response& response);
  void AddPostmortem();  // server_postmortem.cc
  void AddReports();     // server_reports.cc
  void AddHealth();
  void Write(const httplib::Request& request, httplib::Response& response);
  void Rows(const httplib::Request& request, httplib::Response& response, const char* name,
            Result<std::vector<store::Store::Row>> rows);
  void AddPeopleTo(store::Store::Row& incident);
  Status Reload(const std::string& by);

  Engine& engine;
  Clock& clock;
  const TimeMs started_at;
  const ingest::RemoteWriteLimits limits;  // as at the start: a reload does not move them
  HttpCounters counters;
  ApiGate api_gate;
  const std::shared_ptr<auth::Authenticator> authenticator;
  auth::AuthGate gate;                             // in front of api_gate
  const std::shared_ptr<http::EventBoard> events;  // before front, which wakes at its moves
  std::unique_ptr<http::Front> front;
};

}  // namespace quell::api
