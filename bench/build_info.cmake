# build_info.cmake -- writes OUTPUT, a C file that says what this build is made from; only if that changed.
#
# Run by every build: cmake -D SOURCE=… -D OUTPUT=… -D COMPILER=… -D FLAGS=… -D LINK_SEED=… -P build_info.cmake
execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD
  OUTPUT_VARIABLE git OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
set(dirty -1)
if(failed)
  set(git "")
else()
  execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no
    OUTPUT_VARIABLE changes ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    string(LENGTH "${changes}" dirty)
    if(dirty GREATER 0)
      set(dirty 1)
    endif()
  endif()
endif()
set(content "/* Written by bench/build_info.cmake. */
#include \"bench/env.h\"

const char build_git[] = \"${git}\";
const int build_dirty = ${dirty};
const char build_compiler[] = \"${COMPILER}\";
const char build_flags[] = \"${FLAGS}\";
const int build_link_seed = ${LINK_SEED};
")
set(previous "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} previous)
endif()
if(NOT content STREQUAL previous)
  file(WRITE ${OUTPUT} "${content}")
endif()
