# Installs a build, moves the installed tree, and builds and runs consumer.c against it in both ways that we support.
cmake_minimum_required(VERSION 3.25)

include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${WORK_DIR})
if(SHARED)
  set(BUILD_DIR ${WORK_DIR}/build)
  run("configuring the shared library" ${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${BUILD_DIR}
    -D CMAKE_C_COMPILER=${C_COMPILER} -D CMAKE_BUILD_TYPE=Debug # quick: what counts is what is installed
    -D BUILD_SHARED_LIBS=ON -D TIMESCAPE_CLI=${CLI} -D TIMESCAPE_TESTS=OFF -D TIMESCAPE_CUDA=OFF)
  run("building the shared library" ${CMAKE_COMMAND} --build ${BUILD_DIR})
endif()

# Installed under DESTDIR, as a packager does, and then moved: nothing may remember where it was installed.
set(prefix ${WORK_DIR}/moved)
run("installing" ${CMAKE_COMMAND} -E env DESTDIR=${WORK_DIR}/destdir
  ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix /opt/timescape)
file(RENAME ${WORK_DIR}/destdir/opt/timescape ${prefix})
file(GLOB_RECURSE texts ${prefix}/*.cmake ${prefix}/*.pc)
foreach(text IN LISTS texts)
  file(READ ${text} content)
  foreach(path ${SOURCE_DIR} ${BUILD_DIR} /opt/timescape ${RUNTIME_FOLDERS} /usr/local/cuda)
    string(FIND "${content}" "${path}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${text} names ${path}")
    endif()
  endforeach()
endforeach()
if(SHARED)
  run("comparing the header with the shared library" sh ${CMAKE_CURRENT_LIST_DIR}/exports.sh
    ${NM} ${prefix}/include/timescape.h ${prefix}/${LIB}/libtimescape.so)
endif()
if(CLI)
  run("the installed command line" ${prefix}/${BIN}/timescape info)
endif()

# find_package
file(WRITE ${WORK_DIR}/consumer/CMakeLists.txt "
cmake_minimum_required(VERSION 3.25)
project(consumer C)
find_package(timescape ${VERSION} REQUIRED)
add_executable(consumer \"${CMAKE_CURRENT_LIST_DIR}/consumer.c\")
target_link_libraries(consumer PRIVATE timescape::timescape)
")
run("configuring with find_package" ${CMAKE_COMMAND} -S ${WORK_DIR}/consumer -B ${WORK_DIR}/consumer/build
  -D CMAKE_C_COMPILER=${C_COMPILER} -D CMAKE_PREFIX_PATH=${prefix})
run("building with find_package" ${CMAKE_COMMAND} --build ${WORK_DIR}/consumer/build)
run_consumer("find_package" ${WORK_DIR}/consumer/build/consumer)

# pkg-config, by a C and a C++ compiler
set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIB}/pkgconfig)
run("pkg-config" pkg-config --cflags --libs timescape)
separate_arguments(flags UNIX_COMMAND ${output})
list(TRANSFORM RUNTIME_FOLDERS PREPEND -L OUTPUT_VARIABLE folders)
list(APPEND flags ${folders})
run("building with pkg-config" ${C_COMPILER} ${CMAKE_CURRENT_LIST_DIR}/consumer.c ${flags} -o ${WORK_DIR}/consumer/by_pkgconfig)
list(JOIN RUNTIME_FOLDERS : folders)
set(ENV{LD_LIBRARY_PATH} ${prefix}/${LIB}:${folders})
run_consumer("pkg-config" ${WORK_DIR}/consumer/by_pkgconfig)
find_program(CXX_COMPILER NAMES c++ g++ clang++)
if(CXX_COMPILER)
  run("building with pkg-config as C++" ${CXX_COMPILER} -x c++ ${CMAKE_CURRENT_LIST_DIR}/consumer.c -x none ${flags}
    -o ${WORK_DIR}/consumer/as_cxx)
  run_consumer("pkg-config as C++" ${WORK_DIR}/consumer/as_cxx)
endif()
