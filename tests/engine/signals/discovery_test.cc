#include "engine/signals/discovery.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/signals/series_filter.h"
#include "engine/signals/signal_engine.h"

namespace quell::signals {
namespace {

using detectors::Direction;
using detectors::SignalKind;

constexpr std::uint8_t kBadOfTotal = kRoleBad | kRoleTotal;

struct Expected {
  std::string name;
  SignalKind kind;
  std::uint8_t role;
};
struct Case {
  Labels series;
  std::vector<Expected> signals;
  Labels group;
};

std::vector<Expected> RatioAndVolume(const std::string& metric, std::uint8_t role) {
  return {{metric + ":failure_ratio", SignalKind::kRatio, role},
          {metric + ":volume", SignalKind::kRate, kRoleVolume}};
}

Labels Payment(const std::string& label, const std::string& value) {
  return Labels{{"__name__", "payments_total"},
                {"job", "gateway"},
                {"instance", "10.0.0.1:9100"},
                {"psp", "acme"},
                {"region", "eu"},
                {label, value}};
}

void Check(const Case& expected) {
  INFO(expected.series.ToString());
  const auto found = Discover(expected.series);
  REQUIRE(found.size() == expected.signals.size());
  for (size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].def.name == expected.signals[i].name);
    CHECK(found[i].def.kind == expected.signals[i].kind);
    CHECK(int{found[i].role} == int{expected.signals[i].role});
    CHECK(found[i].group == expected.group);
  }
}

TEST_CASE("Discovery: a counter with an outcome gives a failure ratio and a volume", "[signals]") {
  const Labels group{{"psp", "acme"}, {"region", "eu"}};
  const std::string metric = "payments_total";
  for (const auto& [label, value, role] : std::vector<std::tuple<std::string, std::string, int>>{
           {"outcome", "approved", kRoleTotal},
           {"outcome", "declined", kRoleTotal},
           {"outcome", "insufficient_funds", kRoleTotal},
           {"outcome", "error", kBadOfTotal},
           {"status", "timeout", kBadOfTotal},
           {"status", "pending", kRoleTotal},
           {"result", "failed", kBadOfTotal},
           {"code", "200", kRoleTotal},
           {"code", "404", kRoleTotal},
           {"code", "429", kBadOfTotal},
           {"code", "503", kBadOfTotal},
           {"status_code", "5xx", kBadOfTotal},
           {"grpc_code", "OK", kRoleTotal},
           {"grpc_code", "NotFound", kRoleTotal},
           {"grpc_code", "Unavailable", kBadOfTotal}}) {
    Check({Payment(label, value), RatioAndVolume(metric, static_cast<std::uint8_t>(role)), group});
  }
}

TEST_CASE("Discovery: counters without an outcome, and error counters on their own", "[signals]") {
  Check({{{"__name__", "orders_total"}, {"service", "shop"}, {"pod", "shop-1"}},
         {{"orders_total:volume", SignalKind::kRate, kRoleVolume}},
         {{"service", "shop"}}});
  // Nothing to hold it against.
  Check({{{"__name__", "order_errors_total"}, {"service", "shop"}}, {}, {}});
  Check({{{"__name__", "sent_bytes_total"}, {"service", "shop"}}, {}, {}});
  // With an outcome the count of a histogram is more than its buckets.
  Check({{{"__name__", "call_seconds_count"}, {"service", "shop"}, {"code", "500"}},
         RatioAndVolume("call_seconds_count", kBadOfTotal),
         {{"service", "shop"}}});
  Check({{{"__name__", "call_seconds_count"}, {"service", "shop"}}, {}, {}});
}

TEST_CASE("Discovery: job names the group only where nothing else does", "[signals]") {
  Check({{{"__name__", "orders_total"}, {"job", "shop"}, {"instance", "a:1"}},
         {{"orders_total:volume", SignalKind::kRate, kRoleVolume}},
         {{"job", "shop"}}});
  Check({{{"__name__", "orders_total"}, {"instance", "a:1"}},
         {{"orders_total:volume", SignalKind::kRate, kRoleVolume}},
         {}});
}

TEST_CASE("Discovery: a histogram of time gives latency, others nothing", "[signals]") {
  Check({{{"__name__", "call_duration_seconds_bucket"},
          {"le", "0.5"},
          {"service", "shop"},
          {"code", "200"},
          {"instance", "a:1"}},
         {{"call_duration_seconds:latency", SignalKind::kQuantile, kRoleBucket}},
         {{"service", "shop"}}});
  Check({{{"__name__", "call_latency_ms_bucket"}, {"le", "+Inf"}, {"psp", "acme"}},
         {{"call_latency_ms:latency", SignalKind::kQuantile, kRoleBucket}},
         {{"psp", "acme"}}});
  Check({{{"__name__", "answer_size_bytes_bucket"}, {"le", "100"}, {"service", "shop"}}, {}, {}});
  Check({{{"__name__", "call_seconds_sum"}, {"service", "shop"}}, {}, {}});
  Check({{{"__name__", "call_seconds"}, {"quantile", "0.99"}, {"service", "shop"}}, {}, {}});
}

TEST_CASE("Discovery: gauges by name and unit", "[signals]") {
  struct Gauge {
    std::string metric;
    Direction direction;
    std::string unit;
  };
  for (const Gauge& gauge : {Gauge{"settlement_queue_depth", Direction::kUp, ""},
                             Gauge{"replication_lag_seconds", Direction::kUp, "seconds"},
                             Gauge{"psp_success_ratio", Direction::kDown, "ratio"},
                             Gauge{"approval_percent", Direction::kDown, "percent"},
                             Gauge{"error_ratio", Direction::kUp, "ratio"},
                             Gauge{"heap_used_bytes", Direction::kUp, "bytes"},
                             Gauge{"open_sessions", Direction::kBoth, ""}}) {
    INFO(gauge.metric);
    const auto found =
        Discover(Labels{{"__name__", gauge.metric}, {"service", "shop"}, {"instance", "a:1"}});
    REQUIRE(found.size() == 1);
    CHECK(found[0].def.name == gauge.metric);
    CHECK(found[0].def.kind == SignalKind::kGauge);
    CHECK(int{found[0].role} == int{kRoleGauge});
    CHECK(found[0].def.policy.direction == gauge.direction);
    CHECK(found[0].def.unit == gauge.unit);
    CHECK(found[0].group == Labels{{"service", "shop"}, {"instance", "a:1"}});
  }
}

TEST_CASE("Discovery: noise and constants are left out", "[signals]") {
  for (const char* metric :
       {"up", "ALERTS", "go_goroutines", "go_gc_duration_seconds_bucket",
        "process_cpu_seconds_total", "scrape_duration_seconds", "prometheus_tsdb_head_series",
        "quell_samples_total", "build_info", "payments_created", "process_start_time_seconds",
        "last_run_timestamp_seconds", "connection_pool_max", "memory_limit_bytes",
        "kube_pod_status_phase"}) {
    INFO(metric);
    CHECK(Discover(Labels{{"__name__", metric}, {"service", "shop"}, {"le", "1"}}).empty());
  }
  CHECK(Discover(Labels{{"service", "shop"}}).empty());
}

TEST_CASE("SeriesFilter: wants exactly the series that the engine would bind", "[signals]") {
  SignalDef own;
  own.name = "own";
  own.kind = SignalKind::kGauge;
  ApplyKindDefaults(own);
  own.selector = *Selector::Parse("go_goroutines{job=\"gateway\"}");
  for (const bool discover : {true, false}) {
    SeriesFilter filter({own}, discover);
    SignalOptions options;
    options.discover = discover;
    SignalEngine engine({own}, options);
    for (const Labels& series :
         {Payment("outcome", "error"), Labels{{"__name__", "go_goroutines"}, {"job", "gateway"}},
          Labels{{"__name__", "go_goroutines"}, {"job", "other"}}, Labels{{"__name__", "up"}},
          Labels{{"__name__", "queue_depth"}}}) {
      INFO(series.ToString());
      const bool bound = engine.Intern(series) != kIgnoredSeries;
      CHECK(filter.Wants(series) == bound);
    }
  }
}

TEST_CASE("Discovery: a service graph is grouped by client and server", "[signals]") {
  const auto series = [](const std::string& metric) {
    return Labels{
        {"__name__", metric}, {"client", "gateway"}, {"server", "acme"}, {"job", "tempo"}};
  };
  const Labels group{{"client", "gateway"}, {"server", "acme"}};
  const std::string graph = "traces_service_graph_request";
  Check({series(graph + "_total"),
         {{graph + ":failure_ratio", SignalKind::kRatio, kRoleTotal},
          {graph + ":volume", SignalKind::kRate, kRoleVolume}},
         group});
  Check({series(graph + "_failed_total"),
         {{graph + ":failure_ratio", SignalKind::kRatio, kRoleBad}},
         group});
  Labels bucket = series(graph + "_server_seconds_bucket");
  bucket.Set("le", "0.5");
  Check({bucket, {{graph + "_server_seconds:latency", SignalKind::kQuantile, kRoleBucket}}, group});
  CHECK(Discovers(series(graph + "_failed_total")));
  // Elsewhere `server` tells copies apart, and failures alone say nothing.
  Labels other = series("payments_total");
  Check({other,
         {{"payments_total:volume", SignalKind::kRate, kRoleVolume}},
         Labels{{"client", "gateway"}}});
  CHECK_FALSE(Discovers(series("payments_failed_total")));
}

}  // namespace
}  // namespace quell::signals
