// WorkerPool: a fixed number of threads that run tasks in order of arrival, and the box in which
// the loop finds what they finished.
//
// The thread that became idle last gets the next task: as few threads as the load needs are awake,
// with warm caches, and only their buffers are in memory. The bound of the queue is the loop's
// (FrontOptions::inflight_requests_max). Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/http/task.h"

namespace quell::http {

class WorkerPool {
 public:
  // `run` is called by the workers; `wake` when the first task lies in an empty box.
  WorkerPool(std::function<void(Task&)> run, std::function<void()> wake)
      : run_(std::move(run)), wake_(std::move(wake)) {}
  ~WorkerPool() { Stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void Start(size_t threads);
  void Submit(std::unique_ptr<Task> task);
  std::vector<std::unique_ptr<Task>> TakeFinished();
  // Ends the threads; tasks that none of them has begun are dropped.
  void Stop();

 private:
  struct Worker {
    std::condition_variable given;
    std::unique_ptr<Task> task;  // under mutex_
  };
  void Work();
  std::unique_ptr<Task> Next(Worker& self);  // null: stop

  std::function<void(Task&)> run_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Task>> waiting_;
  std::vector<Worker*> idle_;  // the last one became idle last
  bool stopping_ = false;
  std::mutex finished_mutex_;
  std::vector<std::unique_ptr<Task>> finished_;
  std::vector<std::thread> threads_;
};

}  // namespace quell::http
