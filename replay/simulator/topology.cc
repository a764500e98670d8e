#include "replay/simulator/topology.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "core/random.h"

namespace quell::simulator {
namespace {

struct RegionRow {
  const char* name;
  int utc_offset_minutes;
  double peak_per_second;
};
constexpr std::array<RegionRow, 10> kRegions = {{{"eu", 120, 34},
                                                 {"us", -240, 48},
                                                 {"apac", 480, 18},
                                                 {"uk", 60, 14},
                                                 {"latam", -180, 9},
                                                 {"in", 330, 22},
                                                 {"mea", 180, 6},
                                                 {"anz", 600, 5},
                                                 {"ca", -300, 8},
                                                 {"za", 120, 3}}};

struct ServiceRow {
  const char* name;
  double rate, latency_seconds, latency_sigma, error_ratio, client_error_ratio;
  bool database;
  Rhythm rhythm;
  std::array<const char*, 3> calls;
};
// Ordered so that any first few make a platform.
constexpr std::array<ServiceRow, 20> kServices = {{
    {"payments-api",
     1.2,
     .120,
     .55,
     .0015,
     .020,
     true,
     Rhythm::kTraffic,
     {"ledger", "card-vault", "fraud-scoring"}},
    {"checkout-api",
     2.6,
     .060,
     .60,
     .0010,
     .035,
     false,
     Rhythm::kTraffic,
     {"payments-api", "", ""}},
    {"ledger", 2.2, .018, .50, .0004, .002, true, Rhythm::kTraffic, {"", "", ""}},
    {"settlement", 0.4, .220, .70, .0030, .004, true, Rhythm::kNightly, {"ledger", "", ""}},
    {"fraud-scoring", 1.1, .045, .45, .0008, .001, false, Rhythm::kTraffic, {"", "", ""}},
    {"webhooks", 1.6, .150, .80, .0120, .015, false, Rhythm::kTraffic, {"", "", ""}},
    {"payouts", 0.2, .300, .60, .0030, .010, true, Rhythm::kSteady, {"ledger", "", ""}},
    {"card-vault", 1.3, .012, .40, .0002, .003, true, Rhythm::kTraffic, {"", "", ""}},
    {"refunds", 0.08, .210, .60, .0020, .030, false, Rhythm::kTraffic, {"payments-api", "", ""}},
    {"merchant-portal", 0.5, .080, .80, .0020, .060, false, Rhythm::kSteady, {"ledger", "", ""}},
    {"subscriptions",
     0.3,
     .130,
     .50,
     .0015,
     .010,
     true,
     Rhythm::kNightly,
     {"payments-api", "", ""}},
    {"notifications", 0.9, .035, .70, .0040, .008, false, Rhythm::kTraffic, {"", "", ""}},
    {"identity", 1.8, .022, .50, .0006, .050, true, Rhythm::kTraffic, {"", "", ""}},
    {"disputes", 0.05, .400, .60, .0040, .020, true, Rhythm::kSteady, {"ledger", "", ""}},
    {"fx-rates", 0.7, .006, .40, .0002, .001, false, Rhythm::kSteady, {"", "", ""}},
    {"risk-rules", 1.1, .015, .45, .0005, .001, false, Rhythm::kTraffic, {"", "", ""}},
    {"invoices", 0.15, .180, .60, .0025, .015, true, Rhythm::kSteady, {"ledger", "", ""}},
    {"terminal-gateway",
     0.8,
     .090,
     .50,
     .0020,
     .012,
     false,
     Rhythm::kTraffic,
     {"payments-api", "", ""}},
    {"reporting", 0.03, 1.200, .90, .0060, .010, true, Rhythm::kNightly, {"ledger", "", ""}},
    {"kyc", 0.04, .700, .80, .0050, .030, true, Rhythm::kSteady, {"identity", "", ""}},
}};

constexpr std::array<const char*, 16> kPsps = {
    "acme",      "globex", "initech", "umbrella", "hooli",  "stark",    "wayne", "soylent",
    "cyberdyne", "tyrell", "wonka",   "aperture", "oscorp", "vandelay", "duff",  "gringotts"};

Status CheckCount(const char* option, int value, size_t max) {
  if (value >= 1 && value <= static_cast<int>(max)) return Ok{};
  return MakeError(ErrorCode::kInvalidArgument, std::string(option) + " must be between 1 and " +
                                                    std::to_string(max) + ", not " +
                                                    std::to_string(value));
}

std::vector<Service> MakeServices(int count, Random& random) {
  std::vector<Service> services;
  for (int i = 0; i < count; ++i) {
    const ServiceRow& row = kServices[static_cast<size_t>(i)];
    Service service;
    service.name = row.name;
    service.rate = row.rate * (0.7 + 0.6 * random.Uniform());
    service.latency_seconds = row.latency_seconds * std::exp(0.35 * random.Normal());
    service.latency_sigma = row.latency_sigma * (0.85 + 0.3 * random.Uniform());
    service.error_ratio = row.error_ratio * std::exp(0.4 * random.Normal());
    service.client_error_ratio = row.client_error_ratio * (0.6 + 0.8 * random.Uniform());
    service.database = row.database;
    service.rhythm = row.rhythm;
    for (const char* callee : row.calls) {
      for (int j = 0; j < count; ++j) {
        if (std::string_view(callee) == kServices[static_cast<size_t>(j)].name) {
          service.calls.push_back(j);
        }
      }
    }
    services.push_back(std::move(service));
  }
  return services;
}

std::vector<Psp> MakePsps(int count, Random& random) {
  std::vector<Psp> psps;
  for (int i = 0; i < count; ++i) {
    Psp psp;
    psp.name = kPsps[static_cast<size_t>(i)];
    psp.latency_seconds = 0.25 + 0.5 * random.Uniform();
    psp.latency_sigma = 0.35 + 0.25 * random.Uniform();
    psp.fail_ratio = 0.004 * std::exp(1.4 * random.Uniform());
    psp.decline_ratio = 0.05 + 0.13 * random.Uniform();
    psp.timeout_share = 0.15 + 0.4 * random.Uniform();
    psp.methods = i == 0 || (i == 1 && count >= 4) ? 2 : 1;
    psps.push_back(std::move(psp));
  }
  return psps;
}

// 60 % for the first PSP, then ever smaller; of three or more the last has half a percent.
std::vector<double> MakeShares(int count, Random& random) {
  std::vector<double> shares;
  double total = 0;
  for (int i = 0; i < count; ++i) {
    const bool tiny = i >= 2 && i == count - 1;
    const double usual = tiny ? 0.005 : std::max(0.006, 0.6 * std::pow(0.42, i));
    shares.push_back(usual * (0.8 + 0.4 * random.Uniform()));
    total += shares.back();
  }
  for (double& share : shares) share /= total;
  return shares;
}

// Picks the shape whose series count is nearest to the wish; ties go to the smaller fleet.
void FitToSeries(SimulatorOptions& options) {
  Topology trial;
  double best = -1;
  for (int regions = 1; regions <= 10; ++regions) {
    for (int services = 2; services <= 20; ++services) {
      for (int psps = 2; psps <= 16; psps += psps < 8 ? 1 : 4) {
        for (int instances = 1; instances <= 16; instances += instances < 4 ? 1 : 4) {
          trial.regions.resize(static_cast<size_t>(regions));
          trial.instances = instances;
          trial.queues.resize(3);
          trial.services.resize(static_cast<size_t>(services));
          for (int i = 0; i < services; ++i) {
            trial.services[static_cast<size_t>(i)].database =
                kServices[static_cast<size_t>(i)].database;
          }
          trial.psps.assign(static_cast<size_t>(psps), Psp{});
          trial.psps[0].methods = 2;
          if (psps >= 4) trial.psps[1].methods = 2;
          const double miss = std::abs(static_cast<double>(trial.SeriesCount()) -
                                       static_cast<double>(options.series)) /
                              static_cast<double>(options.series);
          // A platform of ordinary proportions is worth a few percent of the count.
          const double odd = 0.01 * (std::abs(regions - 3) + std::abs(instances - 2) +
                                     0.5 * std::abs(services - 2 * psps + 2));
          if (best < 0 || miss + odd < best) {
            best = miss + odd;
            options.regions = regions;
            options.services = services;
            options.psps = psps;
            options.instances = instances;
          }
        }
      }
    }
  }
}

}  // namespace

const std::vector<Dialect>& Dialects() {
  static const std::vector<Dialect> dialects = {
      {"payments", "payments", "http_requests", "http_request_duration_seconds",
       "psp_request_duration_seconds", "service", "region", "psp", "method", "outcome", "code",
       "approved", "declined", "failed", "timeout"},
      {"gateway", "gateway_transactions", "http_server_requests", "http_server_duration_seconds",
       "gateway_provider_latency_seconds", "app", "zone", "provider", "payment_method", "status",
       "status", "succeeded", "declined", "error", "timed_out"},
      {"otel", "charges", "http_server_responses", "http_server_request_duration_seconds",
       "http_client_request_duration_seconds", "service_name", "cloud_region", "peer", "method",
       "result", "http_response_status_code", "ok", "refused", "failure", "timeout"}};
  return dialects;
}

const std::vector<double>& HttpBounds() {
  static const std::vector<double> bounds = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5};
  return bounds;
}

const std::vector<double>& PspBounds() {
  static const std::vector<double> bounds = {.1, .25, .5, .75, 1, 1.5, 2.5, 5, 10, 30};
  return bounds;
}

bool Covers(const Scope& scope, const Scope& lane) {
  const auto covers = [](int want, int have) { return want < 0 || want == have; };
  return covers(scope.service, lane.service) && covers(scope.region, lane.region) &&
         covers(scope.psp, lane.psp) && covers(scope.method, lane.method) &&
         covers(scope.queue, lane.queue) && covers(scope.instance, lane.instance);
}

bool Meets(const Scope& a, const Scope& b) {
  const auto meets = [](int x, int y) { return x < 0 || y < 0 || x == y; };
  return meets(a.service, b.service) && meets(a.region, b.region) && meets(a.psp, b.psp) &&
         meets(a.method, b.method) && meets(a.queue, b.queue);
}

Result<Topology> Topology::Create(const SimulatorOptions& wanted) {
  SimulatorOptions options = wanted;
  if (options.series != 0) {
    if (options.series < 50 || options.series > 200000) {
      return MakeError(ErrorCode::kInvalidArgument, "--series must be between 50 and 200000, not " +
                                                        std::to_string(options.series));
    }
    FitToSeries(options);
  }
  QUELL_TRY(CheckCount("--services", options.services, kServices.size()));
  QUELL_TRY(CheckCount("--regions", options.regions, kRegions.size()));
  QUELL_TRY(CheckCount("--psps", options.psps, kPsps.size()));
  QUELL_TRY(CheckCount("--instances", options.instances, 16));
  Topology topology;
  const auto dialect = std::find_if(Dialects().begin(), Dialects().end(),
                                    [&](const Dialect& d) { return d.name == options.dialect; });
  if (dialect == Dialects().end()) {
    return MakeError(ErrorCode::kInvalidArgument, "--dialect: there is no dialect \"" +
                                                      options.dialect +
                                                      "\"; known: payments, gateway, otel");
  }
  topology.dialect = *dialect;
  Random random(options.seed * 0x9E3779B97F4A7C15ULL + 11);
  topology.services = MakeServices(options.services, random);
  topology.psps = MakePsps(options.psps, random);
  for (int i = 0; i < options.regions; ++i) {
    const RegionRow& row = kRegions[static_cast<size_t>(i)];
    topology.regions.push_back({row.name, row.utc_offset_minutes,
                                row.peak_per_second * (0.7 + 0.6 * random.Uniform()),
                                MakeShares(options.psps, random)});
  }
  topology.methods = {"card", "wallet"};
  topology.queues = {"payment-events", "webhook-delivery", "payout-batches"};
  topology.instances = options.instances;
  return topology;
}

int Topology::ServiceIndex(std::string_view name) const {
  for (size_t i = 0; i < services.size(); ++i) {
    if (services[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<int> Topology::Callers(int service) const {
  std::vector<int> callers;
  for (size_t i = 0; i < services.size(); ++i) {
    const auto& calls = services[i].calls;
    if (std::find(calls.begin(), calls.end(), service) != calls.end()) {
      callers.push_back(static_cast<int>(i));
    }
  }
  return callers;
}

double Topology::PspShare(int region, int psp) const {
  double share = 0;
  double total = 0;
  for (size_t r = 0; r < regions.size(); ++r) {
    if (region >= 0 && static_cast<size_t>(region) != r) continue;
    share += regions[r].psp_share[static_cast<size_t>(psp)] * regions[r].peak_per_second;
    total += regions[r].peak_per_second;
  }
  return total > 0 ? share / total : 0;
}

Labels Topology::ScopeLabels(const Scope& scope) const {
  Labels labels;
  const auto at = [](const auto& list, int index) { return list[static_cast<size_t>(index)]; };
  if (scope.service >= 0) labels.Set(dialect.service, at(services, scope.service).name);
  if (scope.region >= 0) labels.Set(dialect.region, at(regions, scope.region).name);
  if (scope.psp >= 0) labels.Set(dialect.psp, at(psps, scope.psp).name);
  if (scope.method >= 0) labels.Set(dialect.method, at(methods, scope.method));
  if (scope.queue >= 0) labels.Set("queue", at(queues, scope.queue));
  return labels;
}

Result<Scope> Topology::ParseScope(std::string_view text) const {
  Scope scope;
  while (!text.empty() && text != "all") {
    const size_t end = std::min(text.find(';'), text.size());
    const std::string part(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    const auto find = [&](const auto& list, auto&& name_of) {
      for (size_t i = 0; i < list.size(); ++i) {
        if (name_of(list[i]) == value) return static_cast<int>(i);
      }
      return -1;
    };
    const auto named = [](const auto& item) -> const std::string& { return item.name; };
    const auto itself = [](const std::string& item) -> const std::string& { return item; };
    int index = -1;
    if (name == "service" || name == dialect.service)
      index = scope.service = find(services, named);
    else if (name == "region" || name == dialect.region)
      index = scope.region = find(regions, named);
    else if (name == "psp" || name == dialect.psp)
      index = scope.psp = find(psps, named);
    else if (name == "method" || name == dialect.method)
      index = scope.method = find(methods, itself);
    else if (name == "queue")
      index = scope.queue = find(queues, itself);
    else {
      return MakeError(
          ErrorCode::kInvalidArgument,
          "scope \"" + part + "\": the name must be service, region, psp, method or queue");
    }
    if (index < 0) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "scope \"" + part + "\": this platform has no such " + name);
    }
  }
  return scope;
}

size_t Topology::SeriesCount() const {
  const size_t http = 1 + 4 + (HttpBounds().size() + 3) + 3;
  size_t databases = 0;
  for (const Service& service : services) databases += service.database ? 1 : 0;
  size_t lanes = 0;
  for (const Psp& psp : psps) lanes += static_cast<size_t>(psp.methods);
  const size_t payments = lanes * 4 + psps.size() * (PspBounds().size() + 3);
  const size_t settlement = services.size() > 3 ? 1 : 0;
  const size_t replicas = regions.size() * static_cast<size_t>(instances);
  return replicas * (services.size() * http + databases + payments) +
         regions.size() * (1 + queues.size() + settlement);
}

}  // namespace quell::simulator
