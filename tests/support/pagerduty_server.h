// PagerDutyServer: a PagerDuty-compatible HTTPS server on a free loopback port.
//
//   POST /v2/enqueue  checks every rule (pagerduty_rules.h), keeps alerts as PagerDuty does
//   POST /v2/change/enqueue  the same for change events, with faults and limit of its kind
//   GET  /events      what was accepted, and the alerts, as JSON
//
// It can be told to fail the next requests. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace quell::test {

// What an event did to its alert, by routing key and dedup key.
enum class Effect : std::uint8_t {
  kOpened,  // a new alert: somebody is paged
  kMerged,  // a trigger onto an open alert: nobody is paged
  kAcknowledged,
  kResolved,
  kDropped,  // acknowledge or resolve without an open alert
};
std::string_view EffectName(Effect effect);  // "opened", ...

// An answer other than the ordinary one, for one request.
struct Fault {
  int status = 0;           // kHang and kReset aside: this status, nothing is ingested
  std::string retry_after;  // header, where not empty
  enum class Kind : std::uint8_t {
    kPass,
    kStatus,
    kHang,
    kReset,
    kTakeAndReset,
    kEcho
  } kind = Kind::kStatus;
};
// "429:2,503x3,hang,reset,take_reset,echo,pass,400": in the order of requests; NxM repeats, N:S
// sets Retry-After. take_reset ingests the event and then cuts the connection; echo answers 400
// with the request's body in its errors. kInvalidArgument naming the piece.
Result<std::vector<Fault>> ParseFailScript(std::string_view text);

struct AcceptedEvent {
  std::uint64_t number = 0;  // 1, 2, 3, ...
  TimeMs received = 0;       // by the server's clock
  Effect effect = Effect::kOpened;
  std::string dedup_key;
  nlohmann::json event;  // as sent, the routing key masked
};

struct ReceivedRequest {
  int status = 0;  // as answered; 0 = hung or reset
  std::string content_type;
  std::string body;  // as sent
  std::vector<std::string> errors;
};

struct Alert {
  std::string dedup_key;
  std::string severity;
  std::string summary;
  std::string state;  // "triggered", "acknowledged", "resolved"
  int triggers = 0;
};

struct PagerDutyServerOptions {
  int port = 0;  // 0 = any free one
  int per_minute =
      0;  // of one routing key, in any minute of `clock`; beyond it 429. 0 = any number
  // Called one at a time, in the order of acceptance; and for each refused request.
  std::function<void(const AcceptedEvent&)> on_event;
  std::function<void(const ReceivedRequest&)> on_refused;
};

class PagerDutyServer {
 public:
  // `clock` must outlive the server.
  static Result<std::unique_ptr<PagerDutyServer>> Start(Clock& clock,
                                                        const PagerDutyServerOptions& options);
  ~PagerDutyServer();  // stops; hanging requests are let go
  PagerDutyServer(const PagerDutyServer&) = delete;
  PagerDutyServer& operator=(const PagerDutyServer&) = delete;

  [[nodiscard]] int port() const;
  [[nodiscard]] std::string url() const;            // https://127.0.0.1:PORT/v2/enqueue
  [[nodiscard]] const std::string& ca_pem() const;  // for the client's ca_file

  void Fail(std::vector<Fault> next);               // after those already told
  [[nodiscard]] std::uint64_t RateLimited() const;  // requests answered 429 for their number
  [[nodiscard]] std::vector<AcceptedEvent> Events() const;
  [[nodiscard]] std::vector<nlohmann::json> Changes() const;  // accepted, as sent
  [[nodiscard]] std::vector<ReceivedRequest> Requests() const;
  [[nodiscard]] std::vector<Alert> Alerts() const;  // in the order of opening
  [[nodiscard]] std::string EventsJson() const;     // what GET /events answers

 private:
  struct State;
  explicit PagerDutyServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One accepted event as a JSON object (number, received, effect, dedup_key, event).
nlohmann::ordered_json EventRecord(const AcceptedEvent& event);

}  // namespace quell::test
