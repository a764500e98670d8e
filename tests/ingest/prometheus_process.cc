#include "tests/ingest/prometheus_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace quell::ingest {
namespace {

constexpr int kReadyTimeoutMs = 60000;  // between two log lines

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

}  // namespace

std::optional<std::string> PrometheusBinFolder() {
  const char* given = std::getenv("QUELL_PROMETHEUS_BIN");
  const std::string binary = given != nullptr && *given != '\0' ? given
                                                                : QUELL_SOURCE_DIR
                                 "/build/tools/prometheus/usr/bin/prometheus";
  if (!std::filesystem::exists(binary)) return std::nullopt;
  return std::filesystem::path(binary).parent_path().string();
}

PrometheusProcess::PrometheusProcess(const std::string& bin_folder, const std::string& folder,
                                     const std::string& openmetrics) {
  std::ofstream(folder + "/history.om") << openmetrics;
  std::ofstream(folder + "/prometheus.yml") << "global: {}\n";
  REQUIRE(std::system((bin_folder + "/promtool tsdb create-blocks-from openmetrics " + folder +
                       "/history.om " + folder + "/data >" + folder + "/promtool.log 2>&1")
                          .c_str()) == 0);
  const std::string address = "127.0.0.1:" + std::to_string(FreePort());
  url_ = "http://" + address;
  int pipe_fds[2];
  REQUIRE(::pipe2(pipe_fds, O_CLOEXEC) == 0);
  const std::string program = bin_folder + "/prometheus";
  const std::string config = "--config.file=" + folder + "/prometheus.yml";
  const std::string data = "--storage.tsdb.path=" + folder + "/data";
  const std::string listen = "--web.listen-address=" + address;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(pipe_fds[1], STDOUT_FILENO);
    ::dup2(pipe_fds[1], STDERR_FILENO);
    ::execl(program.c_str(), "prometheus", config.c_str(), data.c_str(), listen.c_str(),
            "--storage.tsdb.retention.time=100y", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(pipe_fds[1]);
  const bool ready = pid_ > 0 && AwaitReady(pipe_fds[0]);
  // The pipe stays open until the process has ended: it writes little more, and never blocks.
  ::fcntl(pipe_fds[0], F_SETFD, 0);
  INFO(log_);
  REQUIRE(ready);
}

bool PrometheusProcess::AwaitReady(int log_fd) {
  char block[4096];
  for (;;) {
    pollfd waiting{log_fd, POLLIN, 0};
    if (::poll(&waiting, 1, kReadyTimeoutMs) <= 0) return false;
    const ssize_t count = ::read(log_fd, block, sizeof block);
    if (count <= 0) return false;
    log_.append(block, static_cast<size_t>(count));
    if (log_.find("ready to receive web requests") != std::string::npos) return true;
  }
}

PrometheusProcess::~PrometheusProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace quell::ingest
