#include "core/crew.h"

#include <algorithm>

namespace quell {

Crew::Crew(size_t helpers) {
  for (size_t i = 0; i < helpers; ++i) helpers_.emplace_back([this] { Help(); });
}

Crew::~Crew() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  begin_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void Crew::TakeRanges(const std::function<void(size_t, size_t)>& work, size_t items, size_t grain) {
  for (;;) {
    const size_t begin = next_.fetch_add(grain, std::memory_order_relaxed);
    if (begin >= items) return;
    work(begin, std::min(items, begin + grain));
  }
}

void Crew::Run(size_t items, size_t grain, const std::function<void(size_t, size_t)>& work) {
  if (helpers_.empty() || items <= grain) {
    if (items > 0) work(0, items);
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    work_ = &work;
    items_ = items;
    grain_ = grain;
    busy_ = helpers_.size();
    next_.store(0, std::memory_order_relaxed);
    ++run_;
  }
  begin_.notify_all();
  TakeRanges(work, items, grain);
  std::unique_lock<std::mutex> lock(mutex_);
  end_.wait(lock, [this] { return busy_ == 0; });
}

void Crew::Help() {
  unsigned long long seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    begin_.wait(lock, [&] { return stop_ || run_ != seen; });
    if (stop_) return;
    seen = run_;
    const auto& work = *work_;
    const size_t items = items_;
    const size_t grain = grain_;
    lock.unlock();
    TakeRanges(work, items, grain);
    lock.lock();
    if (--busy_ == 0) end_.notify_all();
  }
}

}  // namespace quell
