# quell_library(NAME SOURCES... DEPENDS...): a folder as a static library.
#
# QUELL_PRECOMPILE (the sanitizer presets): what most files include is compiled once. Only with clang, whose
# precompiled headers are worth it; and not where the product is built, so that a file that forgot an
# include is found there.
option(QUELL_PRECOMPILE "Compile the headers that most files include once (clang)" OFF)
set(QUELL_COMMON_HEADERS <algorithm> <deque> <filesystem> <functional> <map> <memory> <optional> <set> <string>
  <unordered_map> <vector> <nlohmann/json.hpp> <tl/expected.hpp>)

if(QUELL_PRECOMPILE)
  # Headers compiled with threads are no good to a file compiled without, so all are.
  target_compile_options(quell_flags INTERFACE -pthread)
endif()

# quell_precompiled(NAME OPTIONS... HEADERS...): a target whose headers others use by quell_precompile;
# OPTIONS as those compile.
function(quell_precompiled name)
  cmake_parse_arguments(ARG "" "" "OPTIONS;HEADERS" ${ARGN})
  if(QUELL_PRECOMPILE)
    file(WRITE "${CMAKE_BINARY_DIR}/precompiled/${name}.cc" "")
    add_library(${name} OBJECT "${CMAKE_BINARY_DIR}/precompiled/${name}.cc")
    target_link_libraries(${name} PRIVATE quell_flags nlohmann_json::nlohmann_json)
    target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
    target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  endif()
endfunction()

function(quell_precompile target precompiled)
  if(QUELL_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
  endif()
endfunction()

quell_precompiled(quell_headers HEADERS ${QUELL_COMMON_HEADERS})

function(quell_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC quell_flags ${ARG_DEPENDS})
  quell_precompile(${name} quell_headers)
endfunction()
