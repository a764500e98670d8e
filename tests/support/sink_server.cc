#include "tests/support/sink_server.h"

// httplib brings <resolv.h>, whose macro breaks other people's parameter names.
#include <httplib.h>
#undef _res

#include <mutex>
#include <thread>

namespace quell::test {

struct SinkServer::State {
  httplib::Server server;
  int port = 0;
  std::thread thread;
  std::mutex mutex;  // guards what follows
  int status = 200;
  std::string answer;
  std::vector<SunkRequest> requests;
};

SinkServer::SinkServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<SinkServer>> SinkServer::Start() {
  auto state = std::make_unique<State>();
  State* raw = state.get();
  raw->server.set_keep_alive_timeout(1);
  raw->server.set_tcp_nodelay(true);
  raw->server.Post(".*", [raw](const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(raw->mutex);
    raw->requests.push_back({request.path, request.get_header_value("Authorization"),
                             request.get_header_value("Content-Type"), request.body});
    response.status = raw->status;
    response.set_content(raw->answer, "text/plain");
  });
  raw->port = raw->server.bind_to_any_port("127.0.0.1");
  if (raw->port <= 0) return MakeError(ErrorCode::kIo, "cannot listen on 127.0.0.1");
  raw->thread = std::thread([raw] { raw->server.listen_after_bind(); });
  while (!raw->server.is_running()) std::this_thread::yield();  // stop() before that is lost
  return std::unique_ptr<SinkServer>(new SinkServer(std::move(state)));
}

SinkServer::~SinkServer() {
  state_->server.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

std::string SinkServer::url() const { return "http://127.0.0.1:" + std::to_string(state_->port); }

void SinkServer::Answer(int status, std::string body) {
  const std::lock_guard lock(state_->mutex);
  state_->status = status;
  state_->answer = std::move(body);
}

std::vector<SunkRequest> SinkServer::Requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

}  // namespace quell::test
