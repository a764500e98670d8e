#include "bench/load_series.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace quell::bench {
namespace {

constexpr size_t kProviders = 20;
constexpr size_t kMethods = 5;
constexpr size_t kLanes = kProviders * kMethods;  // a pod
constexpr size_t kBuckets = 11;
constexpr size_t kOutcomes = 5;
constexpr size_t kMembers = kBuckets + kOutcomes;  // series a lane and pod
constexpr size_t kSeriesPerPod = kLanes * kMembers;

constexpr std::array<const char*, kMethods> kMethodNames = {"card", "wallet", "sepa_debit",
                                                            "transfer", "installments"};
constexpr std::array<const char*, 12> kServices = {
    "payments-api", "checkout",   "authorization", "capture",  "refunds",     "risk-scoring",
    "tokenization", "settlement", "ledger-writer", "webhooks", "psp-gateway", "three-ds-server"};
constexpr std::array<const char*, 8> kRegions = {"eu-west-1",      "eu-central-1", "us-east-1",
                                                 "us-west-2",      "sa-east-1",    "ap-south-1",
                                                 "ap-southeast-1", "me-central-1"};
constexpr std::array<const char*, kOutcomes> kOutcomeNames = {"success", "declined", "cancelled",
                                                              "failed", "timeout"};
constexpr std::array<double, kOutcomes> kOutcomeShares = {0.90, 0.06, 0.02, 0.013, 0.007};
constexpr std::array<const char*, kBuckets> kEdges = {
    "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"};
constexpr std::array<double, kBuckets> kBelow = {0.001, 0.01, 0.08,  0.3,    0.6, 0.85,
                                                 0.93,  0.97, 0.992, 0.9985, 1};
constexpr std::array<const char*, kMembers> kUnmatched = {
    "go_gc_heap_allocs_bytes_total",
    "go_gc_cycles_total_gc_cycles_total",
    "go_memstats_mallocs_total",
    "go_sched_latencies_seconds_bucket",
    "jvm_gc_pause_seconds_count",
    "jvm_memory_used_bytes",
    "kube_pod_container_status_restarts_total",
    "kube_pod_status_ready",
    "net_conntrack_dialer_conn_attempted_total",
    "nodejs_eventloop_lag_seconds",
    "payment_gateway_build_info",
    "process_cpu_seconds_total",
    "process_network_receive_bytes_total",
    "process_open_fds",
    "process_resident_memory_bytes",
    "python_gc_objects_collected_total"};

// Requests a scrape interval in a lane of one pod: few lanes are busy, most are not.
double MeanOf(size_t lane) { return 2000.0 / static_cast<double>(1 + lane * 7 % kLanes); }

// A pod's suffix, as a cluster makes it: five characters, another one for each generation.
std::string Suffix(std::uint64_t number) {
  constexpr char kLetters[] = "bcdfghjklmnpqrstvwxz2456789";
  std::uint64_t mixed = (number + 1) * 0x9E3779B97F4A7C15ULL;
  std::string out;
  for (int i = 0; i < 8; ++i, mixed >>= 8U) out += kLetters[mixed % 27];
  return out;
}

std::string Digits(size_t number, size_t width) {
  std::string out = std::to_string(number);
  return out.size() < width ? std::string(width - out.size(), '0') + out : out;
}

}  // namespace

SeriesSet::SeriesSet(const SeriesOptions& options) : options_(options), random_(options.seed) {
  const size_t pods = (options_.series + kSeriesPerPod - 1) / kSeriesPerPod;
  cells_.resize(pods * kLanes);
  counters_.resize(pods * kLanes * kOutcomes);
  for (std::uint64_t& cell : cells_) cell = random_.Below(1'000'000);
  for (std::uint64_t& counter : counters_) counter = random_.Below(100'000);
}

// The order of an exposition: pod by pod, a pod's metrics by family, then by lane.
SeriesSet::Place SeriesSet::PlaceOf(size_t index) const {
  Place place;
  place.pod = index / kSeriesPerPod;
  place.deployment = place.pod / options_.copies;
  const size_t rest = index % kSeriesPerPod;
  if (!options_.matched) {
    place.member = rest / kLanes;
    place.lane = rest % kLanes;
  } else if (rest < kLanes * kBuckets) {
    place.lane = rest / kBuckets;
    place.member = rest % kBuckets;
  } else {
    place.lane = (rest - kLanes * kBuckets) / kOutcomes;
    place.member = kBuckets + (rest - kLanes * kBuckets) % kOutcomes;
  }
  return place;
}

std::vector<Label> SeriesSet::LabelsOf(size_t index, unsigned generation) const {
  const Place place = PlaceOf(index);
  std::string service = kServices[place.deployment % kServices.size()];
  const std::string region = kRegions[place.deployment / kServices.size() % kRegions.size()];
  const size_t cell = place.deployment / (kServices.size() * kRegions.size());
  if (cell > 0) service += "-" + std::to_string(cell + 1);
  const std::uint64_t pod = place.pod + std::uint64_t{generation} * 1'000'003;
  const std::string address = "10." + std::to_string(pod / 62500 % 250) + '.' +
                              std::to_string(pod / 250 % 250) + '.' + std::to_string(pod % 250);
  const bool bucket = options_.matched && place.member < kBuckets;
  const std::string metric = !options_.matched ? kUnmatched[place.member]
                             : bucket          ? "payment_request_duration_seconds_bucket"
                                               : "payments_total";
  std::vector<Label> labels = {{"__name__", metric},
                               {"cluster", "prod-" + region + "-a"},
                               {"env", "production"},
                               {"instance", address + ":9100"},
                               {"job", service},
                               {"method", kMethodNames[place.lane % kMethods]},
                               {"namespace", "payments"},
                               {"pod", service + '-' + Suffix(generation) + '-' + Suffix(pod)},
                               {"psp", "provider-" + Digits(place.lane / kMethods, 2)},
                               {"region", region},
                               {"service", service}};
  if (!options_.matched) {
    labels.push_back({"version", "4.12." + std::to_string(generation % 100)});
  } else if (bucket) {
    labels.insert(labels.begin() + 5, {"le", kEdges[place.member]});
  } else {
    labels.insert(labels.begin() + 7, {"outcome", kOutcomeNames[place.member - kBuckets]});
  }
  return labels;
}

DurationMs SeriesSet::OffsetMs(size_t index) const {
  return static_cast<DurationMs>(PlaceOf(index).pod * 377 % 1000);
}

// Mean and standard deviation of a Poisson count by a sum of uniforms: a tenth of a real one's
// cost.
std::uint64_t SeriesSet::Noisy(double mean) {
  const std::uint64_t bits = random_.Next();
  const auto part = [&](unsigned i) { return static_cast<double>(bits >> (16 * i) & 0xFFFFU); };
  const double normal = (part(0) + part(1) + part(2) - 1.5 * 65535) / 32768;
  const double rounding = part(3) / 65536;
  return static_cast<std::uint64_t>(std::max(0.0, mean + std::sqrt(mean) * normal) + rounding);
}

void SeriesSet::Advance() {
  for (size_t i = 0; i < cells_.size(); ++i) cells_[i] += Noisy(MeanOf(i % kLanes));
  for (size_t i = 0; i < counters_.size(); ++i) {
    counters_[i] += Noisy(MeanOf(i / kOutcomes % kLanes) * kOutcomeShares[i % kOutcomes]);
  }
}

double SeriesSet::Value(size_t index) const {
  const Place place = PlaceOf(index);
  const size_t cell = place.pod * kLanes + place.lane;
  if (place.member < kBuckets) {
    return std::floor(static_cast<double>(cells_[cell]) * kBelow[place.member]);
  }
  return static_cast<double>(counters_[cell * kOutcomes + place.member - kBuckets]);
}

}  // namespace quell::bench
