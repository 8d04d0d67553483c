# cmake -D GIT= -D SOURCE_DIR= -D HEADER= -D TS_BUILD_VERSION= -D TS_BUILD_DESCRIPTION= -P write_build_header.cmake
# Writes HEADER, and leaves it alone when it says the same already.
set(TS_BUILD_COMMIT unknown)
if(GIT)
  # A prefix means that the sources lie inside some other repository, whose commit says nothing about them.
  execute_process(COMMAND ${GIT} rev-parse --show-prefix WORKING_DIRECTORY ${SOURCE_DIR}
    RESULT_VARIABLE status OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(status EQUAL 0 AND prefix STREQUAL "")
    # Without tags in the answer: the full hash, and -dirty where a tracked file differs from it.
    execute_process(COMMAND ${GIT} --no-optional-locks describe --always --dirty --abbrev=40 --exclude=*
      WORKING_DIRECTORY ${SOURCE_DIR}
      RESULT_VARIABLE status OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(status EQUAL 0)
      set(TS_BUILD_COMMIT ${commit})
    endif()
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/timescape_build.h.in ${HEADER} @ONLY)
