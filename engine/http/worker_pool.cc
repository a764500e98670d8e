#include "engine/http/worker_pool.h"

#include <utility>

namespace quell::http {

void WorkerPool::Start(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

void WorkerPool::Submit(std::unique_ptr<Task> task) {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    waiting_.push_back(std::move(task));
    return;
  }
  Worker& worker = *idle_.back();
  idle_.pop_back();
  worker.task = std::move(task);
  worker.given.notify_one();
}

std::vector<std::unique_ptr<Task>> WorkerPool::TakeFinished() {
  const std::lock_guard lock(finished_mutex_);
  return std::exchange(finished_, {});
}

void WorkerPool::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
    for (Worker* worker : idle_) worker->given.notify_one();
    idle_.clear();  // they live on their threads' stacks
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

std::unique_ptr<Task> WorkerPool::Next(Worker& self) {
  std::unique_lock lock(mutex_);
  if (stopping_) return nullptr;
  if (!waiting_.empty()) {
    std::unique_ptr<Task> task = std::move(waiting_.front());
    waiting_.pop_front();
    return task;
  }
  idle_.push_back(&self);
  self.given.wait(lock, [&] { return stopping_ || self.task != nullptr; });
  return std::move(self.task);
}

void WorkerPool::Work() {
  Worker self;
  while (std::unique_ptr<Task> task = Next(self)) {
    run_(*task);
    bool first = false;
    {
      const std::lock_guard lock(finished_mutex_);
      first = finished_.empty();
      finished_.push_back(std::move(task));
    }
    if (first) wake_();
  }
}

}  // namespace quell::http
