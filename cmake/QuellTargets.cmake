# quell_library(NAME SOURCES... DEPENDS...): a folder as a static library.
function(quell_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC quell_flags ${ARG_DEPENDS})
endfunction()
