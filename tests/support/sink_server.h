// SinkServer: plain HTTP on a free loopback port; keeps every POST and answers as told.
//
// Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/result.h"

namespace quell::test {

struct SunkRequest {
  std::string path;
  std::string authorization;
  std::string content_type;
  std::string body;
};

class SinkServer {
 public:
  static Result<std::unique_ptr<SinkServer>> Start();
  ~SinkServer();
  SinkServer(const SinkServer&) = delete;
  SinkServer& operator=(const SinkServer&) = delete;

  [[nodiscard]] std::string url() const;           // http://127.0.0.1:PORT
  void Answer(int status, std::string body = "");  // from now on
  [[nodiscard]] std::vector<SunkRequest> Requests() const;

 private:
  struct State;
  explicit SinkServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace quell::test
