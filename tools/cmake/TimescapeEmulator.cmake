# TIMESCAPE_EMULATOR: tests/emulator/, which runs device code on the CPU, and the tests that use it. Sets
# TIMESCAPE_HAS_EMULATOR, and TIMESCAPE_EMULATOR_FOLDER, where its libcudart will be.
# Programs for it have the shared runtime and PTX alone, not compressed. ON makes these the defaults; AUTO leaves programs
# as they are, and so is ON only where they are fit for it and where no GPU is there to run them.
if(TIMESCAPE_EMULATOR_AFTER_CUDA)
  set(TIMESCAPE_HAS_EMULATOR OFF)
  set(TIMESCAPE_EMULATOR_FOLDER ${PROJECT_BINARY_DIR}/emulator)
  set(fit OFF)
  if(TIMESCAPE_HAS_CUDA AND TIMESCAPE_CUDART STREQUAL "shared" AND NOT CMAKE_CUDA_ARCHITECTURES MATCHES "real|native|all|[0-9](;|$)")
    set(fit ON)
  endif()
  if(TIMESCAPE_EMULATOR STREQUAL "ON")
    if(NOT fit)
      message(FATAL_ERROR "TIMESCAPE_EMULATOR is ON, which needs nvcc, TIMESCAPE_CUDART=shared and PTX alone "
        "(CMAKE_CUDA_ARCHITECTURES=80-virtual)")
    endif()
    set(TIMESCAPE_HAS_EMULATOR ON)
  elseif(TIMESCAPE_EMULATOR STREQUAL "AUTO" AND fit AND NOT EXISTS /dev/nvidiactl)
    set(TIMESCAPE_HAS_EMULATOR ON)
  endif()
  return()
endif()

set(TIMESCAPE_EMULATOR AUTO CACHE STRING "The emulator of CUDA for tests: ON, OFF, or AUTO (no GPU, and programs fit for it)")
set_property(CACHE TIMESCAPE_EMULATOR PROPERTY STRINGS AUTO ON OFF)
if(NOT TIMESCAPE_EMULATOR MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "TIMESCAPE_EMULATOR: found '${TIMESCAPE_EMULATOR}', allowed are AUTO;ON;OFF")
endif()
if(TIMESCAPE_EMULATOR STREQUAL "ON")
  set(TIMESCAPE_CUDART shared CACHE STRING "Link the CUDA runtime: static or shared")
  set(CMAKE_CUDA_ARCHITECTURES 80-virtual CACHE STRING "PTX alone, for the emulator")
  set(CMAKE_CUDA_FLAGS --no-compress CACHE STRING "PTX that the emulator can read without libzstd")
endif()
set(TIMESCAPE_EMULATOR_AFTER_CUDA ON)
