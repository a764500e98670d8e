// Topology: who exists on the simulated platform: regions, services and their calls, PSPs with
// their shares, payment methods, queues; and what they are called in metrics.
//
// Immutable after Create().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/labels.h"
#include "core/result.h"
#include "replay/simulator/options.h"

namespace quell::simulator {

// Metric and label names differ from house to house; a dialect is one house's habit.
struct Dialect {
  std::string_view name;
  std::string_view payments, http_requests, http_duration, psp_duration;  // families, no suffix
  std::string_view service, region, psp, method, outcome, code;           // label names
  std::string_view approved, declined, failed, timeout;                   // values of `outcome`
};
const std::vector<Dialect>& Dialects();

enum class Rhythm { kTraffic, kNightly, kSteady };  // follows payments; a batch at night; flat

struct Region {
  std::string name;
  int utc_offset_minutes = 0;
  double peak_per_second = 0;     // payments at the usual peak
  std::vector<double> psp_share;  // sums to 1
};

struct Service {
  std::string name;
  double rate = 1;             // requests per payment
  double latency_seconds = 0;  // median
  double latency_sigma = 0.6;  // of the logarithm
  double error_ratio = 0.001;
  double client_error_ratio = 0.02;
  bool database = false;
  Rhythm rhythm = Rhythm::kTraffic;
  std::vector<int> calls;  // indices of services it depends on
};

struct Psp {
  std::string name;
  double latency_seconds = 0.4;
  double latency_sigma = 0.5;
  double fail_ratio = 0.01;
  double decline_ratio = 0.1;
  double timeout_share = 0.3;  // of failures
  int methods = 1;             // the first so many of Topology::methods
};

// A place on the platform; -1 = any. What an effect hits and what a lane is.
struct Scope {
  int service = -1, region = -1, psp = -1, method = -1, queue = -1, instance = -1;
  bool operator==(const Scope&) const = default;
};
bool Covers(const Scope& scope, const Scope& lane);  // every field set in scope is equal in lane
bool Meets(const Scope& a, const Scope& b);          // no field is set in both and different

struct Topology {
  Dialect dialect;
  std::vector<Region> regions;
  std::vector<Service> services;  // services[kPayments] takes the payments
  std::vector<Psp> psps;          // largest first
  std::vector<std::string> methods;
  std::vector<std::string> queues;
  int instances = 2;

  static constexpr int kPayments = 0;

  // kInvalidArgument naming the option and its value if one is out of range.
  static Result<Topology> Create(const SimulatorOptions& options);

  [[nodiscard]] int ServiceIndex(std::string_view name) const;  // -1 where absent
  [[nodiscard]] std::vector<int> Callers(int service) const;
  [[nodiscard]] double PspShare(int region, int psp) const;  // region -1: over all, by volume
  [[nodiscard]] Labels ScopeLabels(const Scope& scope) const;
  // "psp=acme;region=eu" with the dialect's label names or the plain ones; names the bad part.
  [[nodiscard]] Result<Scope> ParseScope(std::string_view text) const;
  [[nodiscard]] size_t SeriesCount() const;  // at the start, before launches and restarts
};

// Upper bounds of the classic histograms, without +Inf.
const std::vector<double>& HttpBounds();
const std::vector<double>& PspBounds();

}  // namespace quell::simulator
