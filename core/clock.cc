#include "core/clock.h"

#include <chrono>

namespace quell {
namespace {
using std::chrono::duration_cast;
using std::chrono::milliseconds;
}  // namespace

TimeMs SystemClock::WallMs() {
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

DurationMs SystemClock::MonotonicMs() {
  return duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void SystemClock::WaitFor(std::condition_variable& signal, std::unique_lock<std::mutex>& lock,
                          DurationMs timeout) {
  signal.wait_for(lock, milliseconds(timeout));
}

}  // namespace quell
