#include "core/errand.h"

#include <utility>

#include "core/check.h"

namespace quell {

Errand::~Errand() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  begin_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Errand::Begin(std::function<void()> work) {
  QUELL_CHECK(work != nullptr);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    QUELL_CHECK(work_ == nullptr);
    work_ = std::move(work);
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
  begin_.notify_all();
}

void Errand::End() {
  std::unique_lock<std::mutex> lock(mutex_);
  end_.wait(lock, [this] { return work_ == nullptr; });
}

void Errand::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    begin_.wait(lock, [this] { return stop_ || work_ != nullptr; });
    if (work_ == nullptr) return;
    lock.unlock();
    work_();
    lock.lock();
    work_ = nullptr;
    end_.notify_all();
  }
}

}  // namespace quell
