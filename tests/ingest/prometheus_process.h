// A real Prometheus server on a free loopback port, over blocks made from OpenMetrics text.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace quell::ingest {

// The folder of Debian's prometheus and promtool: $QUELL_PROMETHEUS_BIN's, else that which
// scripts/fetch-tools makes; nothing where neither is there.
std::optional<std::string> PrometheusBinFolder();

class PrometheusProcess {
 public:
  // Backfills `openmetrics` into `folder` and starts the server; fails the test if it does not
  // get ready.
  PrometheusProcess(const std::string& bin_folder, const std::string& folder,
                    const std::string& openmetrics);
  ~PrometheusProcess();
  PrometheusProcess(const PrometheusProcess&) = delete;
  PrometheusProcess& operator=(const PrometheusProcess&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  bool AwaitReady(int log_fd);
  pid_t pid_ = -1;
  std::string url_;
  std::string log_;
};

}  // namespace quell::ingest
