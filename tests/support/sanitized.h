// Where a sanitizer slows everything ten times, what only counts (statistics over many rounds,
// quality figures) is left to the release build, which runs the same tests: QUELL_COUNTS before a
// test's tags.
#pragma once

// g++ says it by macros, clang by features.
#if defined(__has_feature)
#define QUELL_HAS_FEATURE(x) __has_feature(x)
#else
#define QUELL_HAS_FEATURE(x) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    QUELL_HAS_FEATURE(address_sanitizer) || QUELL_HAS_FEATURE(thread_sanitizer)
#define QUELL_SANITIZED 1
#define QUELL_COUNTS "[.]"
#else
#define QUELL_SANITIZED 0
#define QUELL_COUNTS ""
#endif
