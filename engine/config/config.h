// Config: everything that an operator sets, with the defaults that hold with no file at all.
//
// Read strictly from one YAML file (configs/quell.yaml is the commented reference). Secrets come
// from `*_file` or `*_env` keys, never from the file itself.
#pragma once

#include <string>
#include <vector>

#include "core/log.h"
#include "core/result.h"
#include "engine/auth/listening.h"
#include "engine/auth/options.h"
#include "engine/config/alerts_config.h"
#include "engine/config/models_config.h"
#include "engine/config/receiver_config.h"
#include "engine/export/options.h"
#include "engine/http/options.h"
#include "engine/pipeline/pipeline.h"
#include "engine/store/retention.h"
#include "ingest/journal.h"
#include "ingest/redaction.h"
#include "ingest/remote_write.h"
#include "ingest/series_registry.h"

namespace quell::config {

// Whether alerts are grouped by a learned model.
enum class DedupState : std::uint8_t { kNone, kUsed, kUnusable };

struct Config {
  std::string listen_host = "127.0.0.1";
  int listen_port = 9797;  // 0 = a free port
  std::string data_dir = "./quell-data";
  bool allow_unauthenticated = false;  // listen beyond loopback although nobody is asked
  auth::Options auth;
  std::string external_url;  // "" = http://<listen>
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
  ingest::RemoteWriteLimits limits;
  http::FrontOptions front;  // host, port and workers are the server's business
  ingest::SeriesLimits series_limits;
  size_t decoding_bytes_max = 256U << 20U;  // unpacked, over all requests under way
  ingest::JournalOptions journal;           // folder is data_dir/journal
  ingest::RedactionOptions redaction;
  DurationMs snapshot_interval_ms = kMinuteMs;
  store::Retention retention;
  std::string reports_dir;  // of `quell replay --out DIR/NAME`; "" = none is shown
  pipeline::PipelineOptions pipeline;
  std::string dedup_model;  // file; "" = the built-in weights (dedup_model_file.h)
  DedupState dedup_state = DedupState::kNone;
  exports::Options exports;
  exports::HistoryOptions history;
  PagingConfig paging;
  DigestConfig digest;
  std::string changes_file;                  // of announced changes; "" = none
  std::vector<std::string> webhook_secrets;  // of PagerDuty's webhooks; secret
  std::vector<paging::Route> routes;
  AlertsConfig alerts;
  ModelsConfig models;
  std::vector<ReceiverConfig> receivers;  // never empty: the console where none is named
  std::string source;                     // the file's text as read; "" for the defaults
  std::string file;                       // its path; "" for the defaults
};

Config DefaultConfig();
// Errors name file:line:column, the key and the value (never a secret's value).
Result<Config> LoadConfig(const std::string& path);
Result<Config> ParseConfig(const std::string& text, const std::string& file);

// How far the address that a configuration listens on is open.
auth::Exposure ExposureOf(const Config& config);

// Refuses to listen beyond loopback without authentication, and says how to go on.
Status CheckExposure(const Config& config);

}  // namespace quell::config
