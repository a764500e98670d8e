// Push: a simulated run to a remote-write receiver, in time order, as fast as it takes it or at a
// chosen speed.
//
// Bodies are made on the calling thread and sent on another, a few ahead at most. 5xx, 429 and
// transport failures are tried again, honouring Retry-After, up to `attempts_max`; any other
// status ends the run with the receiver's words.
#pragma once

#include <atomic>
#include <functional>

#include "core/clock.h"
#include "ingest/remote_write.h"
#include "replay/simulator/simulator.h"

namespace quell::simulator {

struct PushOptions {
  std::string url;  // the whole of it, e.g. http://127.0.0.1:9797/api/v1/write
  ingest::WriteProtocol protocol = ingest::WriteProtocol::kV2;
  bool native_histograms = false;  // latencies as native histograms with custom buckets
  double speed = 0;                // times real time; 0 = as fast as the receiver takes it
  size_t batch_samples = 2000;     // > 0, per request
  int attempts_max = 12;           // per request; the waits grow from 100 ms to 10 s
  DurationMs timeout_ms = 30 * kSecondMs;
  const std::atomic<bool>* stop = nullptr;  // set: ends early, after the request under way
};

struct PushSummary {
  std::uint64_t samples = 0, requests = 0, retries = 0;
  DurationMs elapsed_ms = 0;
  TimeMs event_time = 0;  // how far the run has come
};

// Called once a tick on the calling thread.
using PushProgress = std::function<void(const PushSummary&)>;

// Runs the simulator over [from, to). kUnavailable when attempts ran out, kInvalidArgument when
// the receiver refuses; both name the URL and the status.
Result<PushSummary> Push(Simulator& simulator, TimeMs from, TimeMs to, const PushOptions& options,
                         Clock& clock, const PushProgress& progress = {});

// "max", "1x", "60x", "0.5x": the factor, 0 for max.
Result<double> ParseSpeed(const std::string& text);

}  // namespace quell::simulator
