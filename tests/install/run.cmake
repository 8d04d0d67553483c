# What the tests of this folder share. VERSION is that of timescape.

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message("${output}")
    message(FATAL_ERROR "${what} failed: ${status}")
  endif()
  set(output ${output} PARENT_SCOPE)
endfunction()

function(run_consumer how program)
  run("the consumer built with ${how}" ${program})
  if(NOT output STREQUAL "timescape ${VERSION}: 3 trainings\n")
    message(FATAL_ERROR "the consumer built with ${how} printed: ${output}")
  endif()
endfunction()
