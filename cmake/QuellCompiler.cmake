# The compiler's settings for every target: C++20, warnings as errors, sanitizers on demand.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(QUELL_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O2 without NDEBUG games: QUELL_CHECK is always on. No fast-math, no contraction: the same
# input gives the same bytes.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")

add_library(quell_flags INTERFACE)
target_include_directories(quell_flags INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(quell_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  -Wnon-virtual-dtor -Woverloaded-virtual -Werror -ffp-contract=off)
if(QUELL_SANITIZE)
  target_compile_options(quell_flags INTERFACE -fsanitize=${QUELL_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees uninitialised reads in its own headers once sanitizers change the inlining.
    target_compile_options(quell_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(quell_flags INTERFACE -fsanitize=${QUELL_SANITIZE})
endif()
option(QUELL_LIBFUZZER "Instrument everything and build libfuzzer_<target> (clang only)" OFF)
if(QUELL_LIBFUZZER)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "QUELL_LIBFUZZER needs clang, not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  # Coverage in the libraries as well, or the fuzzer is blind behind the target's own file.
  target_compile_options(quell_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(quell_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
find_package(Threads REQUIRED)
target_link_libraries(quell_flags INTERFACE Threads::Threads)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()
