// Who asks a Prometheus server: the flags of the verbs that read from one.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/result.h"
#include "ingest/prometheus_reader.h"

namespace quell::cli {

struct PrometheusFlags {
  std::string url;  // of a flag that the verb adds itself
  std::string bearer_token_file, basic_auth_file, ca_file;
};

// Adds the flags for credentials and the authority; `flags` must outlive the verb.
void AddPrometheusAccessFlags(CLI::App& verb, PrometheusFlags& flags);

// Reads the files that the flags name. Errors name the flag and never what is in the file.
Result<ingest::PrometheusAccess> PrometheusAccessOf(const PrometheusFlags& flags);

}  // namespace quell::cli
