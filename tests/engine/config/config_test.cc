#include "engine/config/config.h"

#include <catch2/catch.hpp>
#include <string>

#include "engine/config/yaml_reader.h"
#include "tests/engine/config/describe_config.h"

namespace quell::config {
namespace {

Config Parsed(const std::string& text) {
  auto config = ParseConfig(text, "test.yaml");
  INFO((config.ok() ? "" : config.error().message));
  REQUIRE(config.ok());
  return *std::move(config);
}

TEST_CASE("Config: an empty file is the defaults", "[config]") {
  const std::string defaults = Describe(DefaultConfig());
  for (const char* text : {"", "\n", "# a comment\n", "---\n", "{}\n", "~\n"}) {
    INFO(text);
    CHECK(Describe(Parsed(text)) == defaults);
  }
  const Config config = DefaultConfig();
  CHECK(config.listen_host == "127.0.0.1");
  CHECK(config.listen_port == 9797);
  CHECK(config.data_dir == "./quell-data");
  CHECK(config.journal.folder == "./quell-data/journal");
  REQUIRE(config.receivers.size() == 1);
  CHECK(config.receivers[0].kind == ReceiverKind::kConsole);
}

const char* const kEveryKey = R"(
listen: "[::1]:1234"
data_dir: /d
external_url: https://q
allow_unauthenticated: true
auth: {anonymous: [operate]}
log: {level: debug, format: json}
limits:
  request_bytes_max: 2MiB
  decoded_bytes_max: 3MiB
  series_per_request_max: 11
  samples_per_request_max: 12
  labels_per_series_max: 13
  label_name_bytes_max: 17
  label_value_bytes_max: 18
  future_max: 19s
  live_series_max: 31
  live_series_per_metric_max: 32
  live_series_idle: 33m
  connections_max: 20
  event_listeners_max: 21
  inflight_requests_max: 29
  inflight_bytes_max: 30MiB
  head_bytes_max: 31KiB
  headers_max: 32
  head_timeout: 33s
  body_timeout: 34s
  idle_timeout: 35s
  write_timeout: 36s
tls: {cert_file: c, key_file: k, client_ca_file: a}
journal: {fsync: never, fsync_interval: 21ms, segment_bytes_max: 1MiB, total_bytes_max: 1GiB,
          age_max: 3d}
redaction:
  rules: [{label: order, action: keep}, {label: "session.*", action: drop}]
  detect: {card_numbers: drop, ibans: keep, emails: hash}
retention: {incidents: 2d, alerts: 3d, decisions: 4d, pages: 5d, dead_letters: 6d, feedback: 7d}
snapshot_interval: 22s
step: 10s
lateness: 23s
false_pages_per_week: 0.25
time_zones: {default: Asia/Tokyo, label: place, zones: [{value: b, zone: Europe/Berlin}]}
discovery: {enabled: false, signals_max: 24}
topology: {labels: [app], learn: false, hops: 3, inhibit: 49s,
            edges: [{client: shop, server: gate}]}
incidents: {join_window: 25s, age_max: 26m, hold: 27s, resolve_after: 28s, dedup_model: m,
            suppression: {critical_bound: 49s, time_max: 50m, count_max: 51,
                          outage_pages_after: 54m},
            known_noise: {min_count: 52, half_life: 53d}}
export: {enabled: false, signals_max: 37, remote_write: {url: "http://p/w", interval: 38s,
         ca_file: ca}}
server: {history: 49m, history_bytes_max: 50MiB, reports: /r}
alerts: {resolve_timeout: 39s, group_by: [team, psp], live_max: 41, silences_max: 42,
         body_bytes_max: 43KiB, per_request_max: 44, labels_max: 45, name_bytes_max: 46,
         value_bytes_max: 47, annotation_bytes_max: 48}
models: {require_approval: true, gates: {min_recall: 0.6, max_false_per_week: 7, min_incidents: 8,
         min_live_ratio: 0.9, max_drifted_ratio: 0.1}}
changes: {file: /c}
digest: {receivers: [console], at: "08:30", zone: Europe/Berlin, owner_label: squad}
)";

TEST_CASE("Config: every key of the engine is read", "[config]") {
  const Config config = Parsed(kEveryKey);
  CHECK(Describe(config) ==
        "listen ::1 1234\n"
        "data_dir /d\n"
        "external_url https://q\n"
        "log 0 1\n"
        "limits 2097152 3145728 11 12 500000 13 17 18 19000 20 21 31 32 1980000 268435456\n"
        "front 31744 32 29 31457280 33000 34000 35000 36000 tls c k a\n"
        "journal /d/journal 2 21 1048576 1073741824 259200000\n"
        "retention 172800000 259200000 345600000 432000000 518400000 604800000\n"
        "snapshot_interval 22000\n"
        "step 10000 lateness 23000 budget 0.25\n"
        "zones Asia/Tokyo place b=Europe/Berlin\n"
        "discovery 0 24\n"
        "redaction 2 0 1 order=0 session.*=2\n"
        "incidents 25000 1560000 27000 28000\n"
        "topology 0 3 49000 app shop->gate\n"
        "suppression 49000 3000000 51 3240000 52 4579200000\n"
        "alerts 39000 41 42\n"
        "dedup_model m\n"
        "auth 1 1 0 0 0 read, operate\n"
        "export 0 37 http://p/w ca 38000 \n"
        "server 2940000 52428800 /r\n"
        "paging 21600000\n"
        "alerts 44032 44 45 46 47 48 team psp\n"
        "models 1 0.6 7 8 0.9 0.1\n"
        "changes /c\n"
        "digest 1 30600000 Europe/Berlin squad console\n"
        "receiver console 0  https://events.pagerduty.com/v2/enqueue   120 0\n");
}

TEST_CASE("Config: a gate of -1 asks for nothing, and below 0 is nothing else", "[config]") {
  const Config config = Parsed("models: {gates: {min_recall: -1, min_live_ratio: 0}}");
  CHECK_FALSE(config.models.gates.min_recall.has_value());
  CHECK(config.models.gates.min_live_ratio == 0);
  CHECK(config.models.gates.min_incidents == 5);
  const auto wrong = ParseConfig("models: {gates: {min_recall: -0.5}}", "f");
  REQUIRE_FALSE(wrong.ok());
  CHECK_THAT(wrong.error().message, Catch::Matchers::Contains("models.gates.min_recall"));
}

TEST_CASE("Config: every key of a signal is read", "[config]") {
  const Config config = Parsed(R"(
signals:
  - {name: r, type: ratio, bad: 'x{a="b"}', total: x, by: [p, q], direction: both,
     min_abs_deviation: 1, min_rel_deviation: 2, static_limit: 3, missing: alert, unit: u, what: w}
  - {name: l, type: quantile, selector: y_bucket, quantile: 0.5, bound_seconds: 4}
  - {name: v, type: rate, selector: x}
  - {name: g, type: gauge, selector: z, aggregate: max, direction: down, limit: -5,
     limit_direction: below}
  - {name: h, type: rate, selector: z, limit: 7}
)");
  const std::string text = Describe(config);
  CHECK_THAT(text, Catch::Matchers::Contains(
                       "signal r kind 0 [x{a=\"b\"}] [x] [] by p by q direction 2 abs 1 rel 2 "
                       "missing 1 aggregate 0 limit 3 quantile 0.95 bound 0 unit u what w floor "));
  CHECK_THAT(text,
             Catch::Matchers::Contains("signal l kind 1 [] [] [y_bucket] direction 0 abs 0.03 "
                                       "rel 1 missing 0 aggregate 0 limit 0 quantile 0.5 "
                                       "bound 4 unit seconds what latency floor "));
  CHECK_THAT(text,
             Catch::Matchers::Contains("signal v kind 2 [] [] [x] direction 1 abs 0 rel 0.3"));
  CHECK_THAT(text, Catch::Matchers::Contains("signal g kind 3 [] [] [z] direction 1 abs 0 rel 0.25 "
                                             "missing 0 aggregate 2"));
  CHECK_THAT(text, Catch::Matchers::Contains("what level capacity -5 below floor"));
  CHECK_THAT(text, Catch::Matchers::Contains("what volume capacity 7 above floor"));
}

TEST_CASE("Config: an edge has two ends, which differ, and is told once", "[config]") {
  const auto error = [](const std::string& edges) {
    const auto config = ParseConfig("topology: {edges: [" + edges + "]}", "f");
    return config.ok() ? "" : config.error().message;
  };
  using Catch::Matchers::Contains;
  CHECK(error("{client: a, server: b}, {client: b, server: a}").empty());
  CHECK_THAT(error("{client: a}"), Contains("topology.edges[0].server: is required"));
  CHECK_THAT(error("{client: a, server: a}"), Contains("is the client itself"));
  CHECK_THAT(error("{client: a, server: b}, {client: a, server: b}"), Contains("told twice"));
}

TEST_CASE("Config: a limit is for volumes and levels", "[config]") {
  const auto error = [](const std::string& signal) {
    const auto config = ParseConfig("signals:\n  - {name: s, " + signal + "}\n", "c.yaml");
    return config.ok() ? std::string() : config.error().message;
  };
  CHECK(error("type: gauge, selector: x, limit: 0").empty());
  CHECK_THAT(error("type: quantile, selector: x_bucket, limit: 1"),
             Catch::Matchers::Contains("is for the types rate and gauge"));
  CHECK_THAT(error("type: gauge, selector: x, limit_direction: below"),
             Catch::Matchers::Contains("needs a limit"));
  CHECK_THAT(error("type: gauge, selector: x, limit: 1, limit_direction: up"),
             Catch::Matchers::Contains("limit_direction"));
}

TEST_CASE("Config: every key of a policy is read, of a signal and by label", "[config]") {
  const Config config = Parsed(R"(
signals:
  - name: r
    type: ratio
    bad: 'x{a="b"}'
    total: x
    policy: {floor: 0.1, static_limit: 0.5, business_hours: {from: "22:00", to: "06:30"}}
policies:
  - {match: '{psp="a"}', type: rate, direction: down, min_abs_deviation: 1, min_rel_deviation: 2,
     static_limit: 3, missing: alert, floor: 4, ceiling: 5,
     business_hours: {days: [mon, sun], from: "08:15", to: "24:00", outside: off},
     few_requests_per_minute: 6, few_requests_lasting: 7m, partial_lasting: 10s, abrupt_within: 0s, latency_rise: 9, flatline: 2h}
  - {match: 'x:volume{psp!="a"}', business_hours: {}}
)");
  const std::string text = Describe(config);
  CHECK_THAT(text, Catch::Matchers::Contains(
                       "limit 0.5 quantile 0.95 bound 0 unit ratio what failure ratio floor 0.1 "
                       "ceiling inf hours 127 1320 390 0 few 60 1200000 partial 60000 abrupt "
                       "480000 rise 0.3 flat 1800000\n"));
  CHECK_THAT(text, Catch::Matchers::Contains(
                       "policy {psp=\"a\"} kind 2 direction 1 abs 1 rel 2 missing 1 limit 3 floor "
                       "4 ceiling 5 hours 65 495 1440 1 few 6 420000 partial 10000 abrupt 0 rise 9 "
                       "flat 7200000\n"
                       "policy x:volume{psp!=\"a\"} kind -1 direction 2 abs 0 rel 0 missing 0 "
                       "limit 0 floor -inf ceiling inf hours 127 0 1440 0 few 60 "));
}

TEST_CASE("Config: receivers replace the console, an empty list does not", "[config]") {
  const Config config = Parsed("receivers:\n  - {name: f, type: file, path: p.jsonl}\n");
  REQUIRE(config.receivers.size() == 1);
  CHECK(config.receivers[0].kind == ReceiverKind::kFile);
  CHECK(config.receivers[0].path == "p.jsonl");
  CHECK(Parsed("receivers: []\n").receivers.size() == 1);
}

TEST_CASE("Config: a digest goes to receivers that can show one", "[config]") {
  const auto with = [](const std::string& inner) {
    return ParseConfig(
        "receivers: [{name: f, type: file, path: p}, {name: am, type: alertmanager, "
        "url: 'http://a'}]\ndigest: {" +
            inner + "}\n",
        "f");
  };
  CHECK(with("receivers: [f], at: '00:00'").ok());
  CHECK_FALSE(with("at: '10:00'")->pipeline.digest.enabled);
  for (const char* text : {"receivers: [am]", "receivers: [nobody]", "receivers: [f], at: '24:00'",
                           "receivers: [f], at: 9", "receivers: [f], zone: Mars"}) {
    INFO(text);
    CHECK_FALSE(with(text).ok());
  }
}

TEST_CASE("Config: export takes a web address without a password, and a token from a file",
          "[config]") {
  const auto with = [](const std::string& inner) {
    return ParseConfig("export: {remote_write: {" + inner + "}}\n", "f");
  };
  CHECK(with("url: 'https://prometheus:9090/api/v1/write'").ok());
  for (const char* text : {"url: 'prometheus:9090'", "url: 'http://me:secret@prometheus/w'",
                           "url: 'http://p', bearer_token_file: /nonexistent/token",
                           "url: 'http://p', interval: 0s", "url: 'http://p', bearer_token: x"}) {
    INFO(text);
    const auto config = with(text);
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().message.find("secret") == std::string::npos);
  }
  CHECK_FALSE(ParseConfig("export: {signals_max: 0}\n", "f").ok());
}

TEST_CASE("Config: addresses", "[config]") {
  CHECK(Parsed("listen: ':0'").listen_host == "0.0.0.0");
  CHECK(Parsed("listen: ':0'").listen_port == 0);
  CHECK(Parsed("listen: quell.example.com:65535").listen_port == 65535);
  for (const char* text :
       {"listen: 'x:'", "listen: x:65536", "listen: x:-1", "listen: x:1a", "listen: x:100000"}) {
    INFO(text);
    CHECK_FALSE(ParseConfig(text, "f").ok());
  }
}

TEST_CASE("Config: the text and the path are kept for the journal", "[config]") {
  const Config config = Parsed("step: 60s\n");
  CHECK(config.source == "step: 60s\n");
  CHECK(config.file == "test.yaml");
}

TEST_CASE("NearestName: proposes within three edits, nothing beyond", "[config]") {
  const std::vector<std::string> known = {"lateness", "listen", "limits"};
  CHECK(NearestName("latenes", known) == "lateness");
  CHECK(NearestName("lsiten", known) == "listen");
  CHECK(NearestName("limit", known) == "limits");
  CHECK_FALSE(NearestName("budget", known));
  CHECK_FALSE(NearestName("x", {}));
}

}  // namespace
}  // namespace quell::config
