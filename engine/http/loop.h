// Loop: the one thread that accepts, reads and writes. It owns every connection; workers get whole
// requests (WorkerPool) and give answers back through its box.
//
// Descriptors are watched edge-triggered, registered once: a request costs no epoll_ctl.
// Wake and RequestStop may be called from any thread, all else belongs to Run's.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "engine/http/connection.h"
#include "engine/http/counters.h"
#include "engine/http/event_board.h"
#include "engine/http/gate.h"
#include "engine/http/options.h"
#include "engine/http/tls.h"
#include "engine/http/worker_pool.h"

namespace quell::http {

class Loop {
 public:
  // Borrows everything. `tls` may be null.
  Loop(const FrontOptions& options, Gate& gate, Clock& clock, TlsContext* tls,
       FrontCounters& counters);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Status Listen();
  // GET of `path` that accepts text/event-stream listens. Borrows the board; before Run.
  void ServeEvents(const std::string& path, const EventBoard& board);
  [[nodiscard]] int port() const { return port_; }
  void Run(WorkerPool& workers);  // until RequestStop, and what was under way then
  void Wake();
  void RequestStop();

 private:
  // loop.cc: events, deadlines, the end.
  int WaitMs();
  void TakeFinished();
  void Finish(Task& task);
  void Sweep();
  void TimeOut(Connection& c);
  void BeginStop();
  void SetDeadline(Connection& c, DurationMs timeout_ms);
  void Close(Connection& c);  // `c` is gone afterwards

  // accept.cc.
  void Accept();
  bool MakeRoom();
  void Adopt(int fd, const std::string& peer_ip);

  // progress.cc: a connection's state machine. What returns bool: false = `c` waits or is gone.
  enum class Next : std::uint8_t { kAgain, kRead, kWait };
  void Advance(std::uint64_t id);
  bool Handshake(Connection& c);
  bool Read(Connection& c, size_t& budget);
  bool Flush(Connection& c);
  bool AfterAnswer(Connection& c);
  Next Step(Connection& c);
  Next StepHead(Connection& c);
  Next StepBody(Connection& c);
  Next StepChunks(Connection& c);
  Next StepSkip(Connection& c);

  // requests.cc: what becomes of a head, a body, a refusal. None of these closes `c`.
  void Judge(Connection& c);
  void Apply(Connection& c, const GateVerdict& verdict);
  void BeginBody(Connection& c);
  void Complete(Connection& c);
  void Submit(Connection& c, Task::Kind kind);
  bool Reserve(Connection& c, size_t bytes);  // `bytes` in all; false = over the budget
  void Release(Connection& c);
  void RefuseHead(Connection& c, HeadFault fault);
  void RefuseBody(Connection& c, BodyFault fault, int status, std::string_view message);
  void RefuseOverload(Connection& c, Overload overload);
  void Refuse(Connection& c, int status, std::vector<std::pair<std::string, std::string>> headers,
              std::string_view content_type, std::string_view body);
  void Answer(Connection& c, std::string answer, bool close);

  // streams.cc: listeners. What returns bool: false = `c` is gone.
  [[nodiscard]] bool WantsStream(const RequestHead& head) const;
  void BeginStream(Connection& c);
  bool StillMay(const Connection& c);
  void TellListeners();
  bool AfterEvent(Connection& c);
  bool DropFromListener(Connection& c, size_t bytes);
  void EndStream(const Connection& c);

  const FrontOptions& options_;
  Gate& gate_;
  Clock& clock_;
  TlsContext* tls_;
  FrontCounters& counters_;
  WorkerPool* workers_ = nullptr;

  int port_ = 0;
  int listen_fd_ = -1;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  bool accepting_ = false;  // the listening descriptor is in the epoll set
  std::atomic<bool> stop_requested_{false};
  bool stopping_ = false;
  DurationMs stop_deadline_ms_ = 0;

  std::uint64_t next_id_ = 2;  // 0 and 1 are the listening and the wake-up descriptor
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::deque<std::uint64_t> ready_;  // had more to read than their turn allows
  DurationMs now_ms_ = 0;            // as of the last wake-up
  DurationMs next_sweep_ms_ = 0;
  std::string stream_path_;
  const EventBoard* board_ = nullptr;
  std::vector<std::uint64_t> streams_;  // connections in kStreaming
  std::uint64_t seen_revision_ = 0;     // when listeners were last told
  DurationMs next_tell_ms_ = 0;
  Random random_;
  std::string scratch_;  // what reads land in
};

}  // namespace quell::http
