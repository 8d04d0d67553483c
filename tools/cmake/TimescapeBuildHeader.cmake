# timescape_build.h in the build folder: version, git commit and a line on how the library was built. The commit is looked
# up in every build, since HEAD moves without CMake being run; the header changes only when one of its values does.
set(TIMESCAPE_BUILD_HEADER_DIR ${PROJECT_BINARY_DIR}/generated)

set(description "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}, $<CONFIG>")
if(TIMESCAPE_SANITIZE)
  string(APPEND description " with sanitizers")
endif()
if(TIMESCAPE_HAS_CUDA)
  list(JOIN CMAKE_CUDA_ARCHITECTURES " " architectures)
  string(APPEND description ", CUDA ${CMAKE_CUDA_COMPILER_VERSION} for ${architectures}")
else()
  string(APPEND description ", without CUDA")
endif()
string(APPEND description ", ${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR}")

find_package(Git QUIET) # absent where the sources came as an archive: the commit is then "unknown"
add_custom_target(timescape_build_header
  COMMAND ${CMAKE_COMMAND}
    -D GIT=${GIT_EXECUTABLE} -D SOURCE_DIR=${PROJECT_SOURCE_DIR} -D HEADER=${TIMESCAPE_BUILD_HEADER_DIR}/timescape_build.h
    -D TS_BUILD_VERSION=${PROJECT_VERSION} -D "TS_BUILD_DESCRIPTION=${description}"
    -P ${CMAKE_CURRENT_LIST_DIR}/write_build_header.cmake
  BYPRODUCTS ${TIMESCAPE_BUILD_HEADER_DIR}/timescape_build.h
  COMMENT "Looking up the commit"
  VERBATIM)
