#include "engine/http/worker_pool.h"

#include <utility>

namespace quell::http {

void WorkerPool::Start(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

void WorkerPool::Submit(std::unique_ptr<Task> task) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(task));
  }
  arrived_.notify_one();
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
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::Work() {
  while (true) {
    std::unique_ptr<Task> task;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
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
