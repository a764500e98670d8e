// QUELL_CHECK: an assertion that is always on. For our own bugs only: it prints the
// condition and aborts, and the process restarts from its last snapshot.
#pragma once

namespace quell {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace quell

#define QUELL_CHECK(condition)                              \
  do {                                                      \
    if (!(condition)) {                                     \
      ::quell::CheckFailed(#condition, __FILE__, __LINE__); \
    }                                                       \
  } while (false)
