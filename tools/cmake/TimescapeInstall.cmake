# cmake --install: the command line, the library, its header, and what pkg-config and find_package need to find them.
# Everything is found relative to where it lies, so an installed tree can be moved.
include(CMakePackageConfigHelpers)

# Who links the static library links the runtimes of OpenMP and CUDA as well, but needs no OpenMP compiler and no nvcc.
# Nothing remembers where they lay on this machine. That of GCC is found by its name wherever GCC is; others are looked for by
# timescapeConfig.cmake, and whoever uses pkg-config says where they are (-L) if the linker does not know.
set(pc_runtime "")
set(TIMESCAPE_RUNTIMES "") # of OpenMP, that are to be looked for
foreach(name IN LISTS OpenMP_C_LIB_NAMES)
  string(APPEND pc_runtime "-l${name} ")
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_link_libraries(timescape PRIVATE $<INSTALL_INTERFACE:-l${name}>)
  else()
    list(APPEND TIMESCAPE_RUNTIMES ${name})
    target_link_libraries(timescape PRIVATE $<INSTALL_INTERFACE:timescape::runtime_${name}>)
  endif()
endforeach()

if(TIMESCAPE_HAS_CUDA AND TIMESCAPE_CUDART STREQUAL "shared")
  target_link_libraries(timescape PRIVATE $<INSTALL_INTERFACE:CUDA::cudart>)
  string(APPEND pc_runtime "-lcudart ")
elseif(TIMESCAPE_HAS_CUDA)
  target_link_libraries(timescape PRIVATE $<INSTALL_INTERFACE:CUDA::cudart_static>)
  string(APPEND pc_runtime "-lcudart_static -ldl -lrt -lpthread ")
endif()
set(TIMESCAPE_LINKED_BY_OTHERS ON) # what the library needs
if(BUILD_SHARED_LIBS)
  set(TIMESCAPE_LINKED_BY_OTHERS OFF)
endif()

install(TARGETS timescape EXPORT timescapeTargets)
install(FILES ${PROJECT_SOURCE_DIR}/include/timescape.h TYPE INCLUDE)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/timescape)
install(EXPORT timescapeTargets NAMESPACE timescape:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/timescapeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/generated/timescapeConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/timescapeConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/generated/timescapeConfig.cmake
  ${PROJECT_BINARY_DIR}/generated/timescapeConfigVersion.cmake DESTINATION ${package_dir})

# Where only the static library is installed, plain `pkg-config --libs` has to give everything that it needs.
set(PC_LIBS "-L\${libdir} -ltimescape")
set(PC_LIBS_PRIVATE "${pc_runtime}-lm")
if(NOT BUILD_SHARED_LIBS)
  string(APPEND PC_LIBS " ${PC_LIBS_PRIVATE}")
  set(PC_LIBS_PRIVATE "")
endif()
set(pkgconfig_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY ${pkgconfig_dir} OUTPUT_VARIABLE PC_LIBDIR)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY ${pkgconfig_dir} OUTPUT_VARIABLE PC_INCLUDEDIR)
configure_file(${CMAKE_CURRENT_LIST_DIR}/timescape.pc.in ${PROJECT_BINARY_DIR}/generated/timescape.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/generated/timescape.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

if(TIMESCAPE_CLI)
  install(TARGETS timescape_cli)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs DESTINATION ${CMAKE_INSTALL_DATADIR}/timescape FILES_MATCHING PATTERN *.yaml)
endif()
