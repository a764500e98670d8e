// Where a sanitizer slows everything ten times, what only counts (statistics over many rounds,
// quality figures) is left to the release build, which runs the same tests: QUELL_COUNTS before a
// test's tags.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define QUELL_SANITIZED 1
#define QUELL_COUNTS "[.]"
#else
#define QUELL_SANITIZED 0
#define QUELL_COUNTS ""
#endif
