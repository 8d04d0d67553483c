# cmake --install: the command line, the library, its header, and what pkg-config and find_package need to find them.
# Everything is found relative to where it lies, so an installed tree can be moved.
include(CMakePackageConfigHelpers)

set_target_properties(timescape PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}) # before 1.0 a minor version may change the interface

# Who links the static library links the OpenMP runtime as well, but needs no OpenMP compiler: give the libraries alone.
# That of GCC is found by its name wherever GCC is; others lie in folders of their own.
set(pc_runtime "")
foreach(name IN LISTS OpenMP_C_LIB_NAMES)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(library -l${name})
  else()
    set(library ${OpenMP_${name}_LIBRARY})
  endif()
  target_link_libraries(timescape PRIVATE $<INSTALL_INTERFACE:${library}>)
  string(APPEND pc_runtime "${library} ")
endforeach()

foreach(library IN LISTS TIMESCAPE_CUDART_LIBRARIES)
  target_link_libraries(timescape PRIVATE $<INSTALL_INTERFACE:${library}>)
  string(APPEND pc_runtime "${library} ")
endforeach()

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
