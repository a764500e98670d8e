#include "engine/http/front.h"

#include <algorithm>
#include <thread>

#include "engine/http/loop.h"
#include "engine/http/worker_pool.h"

namespace quell::http {

struct Front::State {
  State(const FrontOptions& options_in, Gate& gate, Clock& clock,
        std::unique_ptr<FrontCounters> counters_in, std::unique_ptr<TlsContext> tls_in)
      : options(options_in),
        counters(std::move(counters_in)),
        tls(std::move(tls_in)),
        dispatcher(*counters),
        loop(options, gate, clock, tls.get(), *counters),
        workers([this](Task& task) { Run(task); }, [this] { loop.Wake(); }),
        judge(gate) {}

  void Run(Task& task) {
    if (task.kind == Task::Kind::kServe) return dispatcher.Serve(task);
    task.verdict = judge.JudgeSlowly(task.head);
  }

  const FrontOptions options;
  std::unique_ptr<FrontCounters> counters;
  std::unique_ptr<TlsContext> tls;
  Dispatcher dispatcher;
  Loop loop;
  WorkerPool workers;
  Gate& judge;
  EventBoard* events = nullptr;
  std::thread thread;
};

Front::Front(std::unique_ptr<State> state) : state_(std::move(state)) {}

Front::~Front() {
  if (state_->events != nullptr) state_->events->OnMove({});
  Stop();
}

Result<std::unique_ptr<Front>> Front::Bind(const FrontOptions& options, Gate& gate, Clock& clock) {
  auto counters = std::make_unique<FrontCounters>();
  std::unique_ptr<TlsContext> tls;
  if (options.tls.on()) {
    QUELL_ASSIGN(tls, TlsContext::Load(options.tls, *counters));
  }
  auto state = std::make_unique<State>(options, gate, clock, std::move(counters), std::move(tls));
  QUELL_TRY(state->loop.Listen());
  return std::unique_ptr<Front>(new Front(std::move(state)));
}

void Front::AddRoute(const std::string& method, const std::string& pattern,
                     Dispatcher::Handler handler) {
  state_->dispatcher.AddRoute(method, pattern, std::move(handler));
}

void Front::AddEvents(const std::string& path, EventBoard& board) {
  state_->events = &board;
  board.OnMove([this] { state_->loop.Wake(); });
  state_->loop.ServeEvents(path, board);
  AddRoute("GET", path, [&board](const httplib::Request& request, httplib::Response& response) {
    const std::string last = request.get_header_value("Last-Event-ID");
    const EventBoard::News news =
        board.Since(last.empty() ? board.revision() : board.RevisionOf(last));
    response.set_header("Cache-Control", "no-store");
    std::string body = R"({"id":")" + news.id + R"(",)" + news.data.substr(1) + '\n';
    response.set_content(std::move(body), "application/json");
  });
}

std::vector<std::pair<std::string, std::string>> Front::routes() const {
  return state_->dispatcher.routes();
}

void Front::Start() {
  const size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const size_t workers = state_->options.workers;
  state_->dispatcher.WarmUp();
  state_->workers.Start(workers > 0 ? workers : std::max<size_t>(2, cores));
  state_->thread = std::thread([this] { state_->loop.Run(state_->workers); });
}

void Front::Stop() {
  if (!state_->thread.joinable()) return;
  state_->loop.RequestStop();
  state_->thread.join();
  state_->workers.Stop();
}

Status Front::ReloadTls() { return state_->tls == nullptr ? Status(Ok{}) : state_->tls->Reload(); }

int Front::port() const { return state_->loop.port(); }

const FrontCounters& Front::counters() const { return *state_->counters; }

}  // namespace quell::http
