// Errand: one call at a time on a thread of its own, while its owner does something else.
//
// Thread-compatible: one owner calls Begin and End in turn. What the call touches is the call's
// until End returns. The thread starts with the first Begin and sleeps between calls.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace quell {

class Errand {
 public:
  Errand() = default;
  ~Errand();  // waits for the call under way
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  // REQUIRES: none is under way. `work` must not throw.
  void Begin(std::function<void()> work);
  // Returns when the call is done; at once where none was begun.
  void End();

 private:
  void Loop();

  std::mutex mutex_;  // guards what follows but thread_
  std::condition_variable begin_;
  std::condition_variable end_;
  std::function<void()> work_;  // empty: none under way
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace quell
