// Source: where a history comes from, window by window.
//
// Thread-compatible: one owner.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/signals/definition.h"
#include "ingest/prometheus_reader.h"
#include "ingest/sample.h"

namespace quell::backfill {

struct Plan {
  std::string selector;     // what is asked for; "" for files
  TimeMs from = 0, to = 0;  // [from, to)
};

class Source {
 public:
  virtual ~Source() = default;
  virtual std::string Name() const = 0;  // for people and Identity; holds no secret
  // What will be read. `former` is the plan of a run that this one goes on with, or null.
  virtual Result<Plan> Prepare(TimeMs from, TimeMs to, const Plan* former) = 0;
  // Samples of wanted series in [start, end). kResourceExhausted: ask for less at once.
  // kUnavailable: ask again later.
  virtual Result<ingest::SampleBatch> Window(TimeMs start, TimeMs end) = 0;
  virtual DurationMs WindowMs() const = 0;                     // to begin with
  virtual std::uint64_t HistogramChunks() const { return 0; }  // native, left out so far
};

using Wants = std::function<bool(const Labels&)>;

struct PrometheusSourceOptions {
  ingest::PrometheusAccess access;
  std::string selector;  // "" = what the signals need
  std::vector<signals::SignalDef> definitions;
  bool discover = true;
  DurationMs step_ms = 30 * kSecondMs;   // where the server can only resample
  std::uint64_t samples_max = 20000000;  // of a window
};
Result<std::unique_ptr<Source>> MakePrometheusSource(PrometheusSourceOptions options, Wants wants);

enum class FileKind : std::uint8_t { kOpenMetrics, kCsv };
// Files are read once for every window, and once more where from or to is not given: their samples
// need not be in any order.
std::unique_ptr<Source> MakeFileSource(FileKind kind, const std::string& path,
                                       std::uint64_t samples_max, Wants wants);

}  // namespace quell::backfill
