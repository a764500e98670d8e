// Crew: a few threads that share one loop's work and meet at its end. For loops whose items do not
// touch each other: the result does not depend on how many threads there are.
//
// Thread-compatible: one Run at a time. The threads sleep between runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace quell {

class Crew {
 public:
  // Besides the caller's thread. 0: Run is a plain loop.
  explicit Crew(size_t helpers);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Calls `work(begin, end)` for ranges that cover [0, items), each of at most `grain` items, and
  // returns when all are done. Fewer than two ranges stay with the caller. `work` must not throw.
  void Run(size_t items, size_t grain, const std::function<void(size_t, size_t)>& work);

 private:
  void Help();
  void TakeRanges(const std::function<void(size_t, size_t)>& work, size_t items, size_t grain);

  std::mutex mutex_;  // guards what follows but next_
  std::condition_variable begin_;
  std::condition_variable end_;
  const std::function<void(size_t, size_t)>* work_ = nullptr;
  size_t items_ = 0;
  size_t grain_ = 1;
  size_t busy_ = 0;             // helpers in the run under way
  unsigned long long run_ = 0;  // counts runs
  bool stop_ = false;
  std::atomic<size_t> next_{0};  // the first item nobody has taken
  std::vector<std::thread> helpers_;
};

}  // namespace quell
