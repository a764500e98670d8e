// Exporter: the simulated platform, alive at wall-clock time, as a Prometheus target.
//
//   GET  /metrics                                    text format 0.0.4, values of this second
//   POST /incident?kind=psp_outage&psp=acme&region=eu&duration=10m   something happens from now on
//   POST /clear                                      all that was injected ends
//
// All instances are one page: their `job` is left out and `instance` becomes `pod`, since the
// scraping Prometheus sets both. Thread-safe; mutex_ guards the simulator and the values.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/clock.h"
#include "replay/simulator/simulator.h"

namespace quell::simulator {

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

class Exporter {
 public:
  // The platform of `options`, on ticks of a second from now on, without spread or restarts.
  static Result<std::unique_ptr<Exporter>> Create(SimulatorOptions options, Clock& clock);
  ~Exporter();

  // Listens on host:port (port 0 = any free one) on threads of its own; gives the port.
  // kIo if the address cannot be bound.
  Result<int> Start(const std::string& host, int port);
  void Stop();  // returns when no request is under way

  // The answers themselves, also without a socket.
  HttpAnswer Metrics();
  HttpAnswer PostIncident(const std::vector<std::pair<std::string, std::string>>& parameters);
  HttpAnswer PostClear();

 private:
  struct Server;
  class LatestValues;
  Exporter(std::unique_ptr<Simulator> simulator, Clock& clock);
  Status Advance();

  Clock& clock_;
  std::mutex mutex_;
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<LatestValues> values_;
  TimeMs next_tick_ = 0;
  std::unique_ptr<Server> server_;
};

// "127.0.0.1:9100" or ":9100" into its parts; names the flag in its error.
Result<std::pair<std::string, int>> ParseListenAddress(const std::string& text);

}  // namespace quell::simulator
