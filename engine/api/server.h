// Server: the HTTP face of an Engine: remote write, changes, reads, health, metrics. engine/http
// reads the requests; here is what they mean.
//
// Every error answer outside /api/v1/write is JSON {"error": {"code", "message"}}. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "engine/api/engine.h"

namespace quell::api {

class Server {
 public:
  // Binds at once (port 0 = a free one); serves after Start(). Borrows the engine.
  static Result<std::unique_ptr<Server>> Bind(Engine& engine, Clock& clock);
  ~Server();
  void Start();
  void Stop();  // answers what is under way, then returns
  // The engine's configuration, and the certificates. An error leaves what it is about as it was.
  Status Reload();
  [[nodiscard]] int port() const;
  // (method, regular expression of the path) of each route, HEAD beside every GET.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> routes() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace quell::api
