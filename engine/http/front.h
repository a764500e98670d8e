// Front: the HTTP server. Reads requests strictly and within bounds (FrontOptions), lets a Gate
// judge each head, and runs handlers on a few worker threads; an idle or slow connection holds
// none.
//
// Handlers are cpp-httplib's, called with whole requests (req.body is set; Content-Encoding is not
// undone) from several threads at once. GateVerdict::identity arrives as X-Quell-Identity. What is
// refused with which status: docs/http.md. Thread-safe after Start.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "engine/http/counters.h"
#include "engine/http/dispatcher.h"
#include "engine/http/event_board.h"
#include "engine/http/gate.h"
#include "engine/http/options.h"

namespace quell::http {

class Front {
 public:
  // Binds and reads the certificates. Borrows gate and clock.
  static Result<std::unique_ptr<Front>> Bind(const FrontOptions& options, Gate& gate, Clock& clock);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // Before Start. `method`: GET (HEAD goes with it), POST, PUT or DELETE. `pattern`: a regular
  // expression over the whole percent-decoded path. The first match in order of adding wins.
  void AddRoute(const std::string& method, const std::string& pattern, Dispatcher::Handler handler);
  // (method, pattern) of each route, HEAD beside every GET.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> routes() const;
  // GET of `path` by who accepts text/event-stream listens to `board`, which outlives this; others
  // get what is on it as JSON. Before Start.
  void AddEvents(const std::string& path, EventBoard& board);
  void Start();
  // Closes idle connections, answers what is under way (at most stop_timeout_ms), ends the threads.
  void Stop();

  // New handshakes use what the files hold now. Without TLS it does nothing.
  Status ReloadTls();
  [[nodiscard]] int port() const;
  [[nodiscard]] const FrontCounters& counters() const;

 private:
  struct State;
  explicit Front(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace quell::http
